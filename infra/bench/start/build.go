package start

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/keyward/keyward/infra/bench/child"
	"github.com/keyward/keyward/shared/httpapi"
)

// flags are those of infra/tools/build.sh: what is started here is what is deployed, but for this machine.
var flags = []string{"-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid="}

// build makes the empty function and all others in dir, the empty one first, and their zips as they are deployed.
func build(ctx context.Context, dir string) ([]*subject, error) {
	subjects := []*subject{{name: "empty handler", binary: filepath.Join(dir, "empty")}}
	if err := child.Build(ctx, "./infra/bench/empty", subjects[0].binary, machine(), flags...); err != nil {
		return nil, err
	}
	for _, function := range httpapi.Functions {
		s := &subject{name: function.Name, binary: filepath.Join(dir, function.Name)}
		if err := child.Build(ctx, "./functions/"+function.Name, s.binary, machine(), flags...); err != nil {
			return nil, err
		}
		subjects = append(subjects, s)
	}
	return subjects, pack(ctx, subjects[1:])
}

func machine() []string { return []string{"GOOS=linux", "GOARCH=" + runtime.GOARCH} }

// pack builds the zips that are deployed, and notes their sizes.
func pack(ctx context.Context, subjects []*subject) error {
	command := exec.CommandContext(ctx, "infra/tools/build.sh")
	for _, s := range subjects {
		command.Args = append(command.Args, s.name)
	}
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building the zips: %w\n%s", err, out)
	}
	for _, s := range subjects {
		zip, err := os.Stat(filepath.Join("build", "functions", s.name+".zip"))
		if err != nil {
			return err
		}
		s.zip = zip.Size()
	}
	return nil
}

package start

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/keyward/keyward/infra/bench/child"
	"github.com/keyward/keyward/infra/runtimeapi"
	"github.com/keyward/keyward/infra/runtimeapi/rows"
	"github.com/keyward/keyward/shared/httpapi"
)

// flags are those of infra/tools/build.sh: what is started here is what is deployed, but for this machine.
var flags = []string{"-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid="}

// deployment is what the template tells the functions.
var deployment = rows.Deployment{
	Name: "keyward", Table: "keyward", Peppers: "peppers", SigningKeys: "signing", KeyAlgorithm: "EdDSA",
	Issuer: "https://id.example", Audience: "bench", Signup: "closed",
}

// build makes the empty function and all others in dir, the empty one first, and their zips as they are deployed.
func build(ctx context.Context, dir string) ([]*subject, error) {
	path := filepath.Join(dir, "empty")
	if err := child.Build(ctx, "./infra/bench/empty", path, machine(), flags...); err != nil {
		return nil, err
	}
	nothing := runtimeapi.Function{Name: "empty", Bootstrap: path, Timeout: 5 * time.Second, MemoryMB: 128, Region: rows.Region, Account: rows.Account}
	subjects := []*subject{{name: "empty handler", function: nothing, event: []byte("{}")}}
	for _, row := range httpapi.Functions {
		path := filepath.Join(dir, row.Name)
		if err := child.Build(ctx, "./functions/"+row.Name, path, machine(), flags...); err != nil {
			return nil, err
		}
		event, err := os.ReadFile(filepath.Join("events", row.Name, firstEvents[row.Name]+".json"))
		if err != nil {
			return nil, err
		}
		subjects = append(subjects, &subject{name: row.Name, function: deployment.Function(row, path), event: event})
	}
	return subjects, pack(ctx, subjects[1:])
}

// firstEvents are the samples that the functions get first.
var firstEvents = map[string]string{
	"account": "get-account", "authorizer": "rest-sample-x-api-key", "catalog": "get-catalog", "cleanup": "scheduler",
	"create": "post-keys-generate", "explain": "post-explain", "get": "get-key", "jwks": "get-jwks", "list": "get-keys",
	"members": "get-members", "regenerate": "post-regenerate", "replay": "filter-log-events", "retier": "from-the-start",
	"revoke": "delete-key", "roles": "get-roles", "sample": "get-zones", "signingkeys": "withdraw", "update": "patch-key",
	"verify": "post-verify",
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

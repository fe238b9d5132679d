package runbooks

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/deployed/signed"
	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/infra/emulator/emulatortest"
	"github.com/keyward/keyward/shared/checkout"
)

// shell is a bash in a folder of its own, in which one command finds what those before it have set. Its `aws` is the CLI of
// .tools/awscli, its `make` runs infra/tools/deploy.sh on a build that is there already, and its `sleep` restarts the
// functions, which then have what they would have read again by the end of the pause. For that time nobody calls (calls): unlike
// AWS, the emulator cuts off what a process that it ends is doing.
type shell struct {
	*testing.T
	dir   string
	in    io.Writer
	out   *bufio.Reader
	count int
}

// done ends what a block has written.
const done = "--- done:"

// awsScript leaves out what version 1 of the CLI does not have, and does by itself.
const awsScript = `#!/bin/bash
arguments=()
while [ $# -gt 0 ]; do
  if [ "$1" = --cli-binary-format ]; then shift; else arguments+=("$1"); fi
  shift
done
exec "$ROOT/.tools/awscli/bin/aws" "${arguments[@]}"
`

const makeScript = `#!/bin/bash
target=$1
shift
for setting in "$@"; do export "$setting"; done
export CONTEXT="$FIXED ${CONTEXT:-}"
case $target in
bootstrap) export ARGS="$APP aws://$ACCOUNT/$AWS_REGION" ;;
deploy) export ARGS="$APP --require-approval never" ;;
destroy) export ARGS="$APP --force" ;;
esac
exec "$ROOT/infra/tools/deploy.sh" "$target"
`

const beginning = `
set -o pipefail
trap 'FAILED="$FAILED $BASH_COMMAND;"' ERR
set -E
sleep() {
  rm -f held
  touch hold
  while [ -e calling ] && [ ! -e held ]; do command sleep 0.02; done
  curl -sSf "$RESTART"
  rm -f hold held
}
`

func newShell(t *testing.T, emulated *emulator.Emulator, build emulatortest.Build, issuer string) *shell {
	t.Helper()
	s := &shell{T: t, dir: t.TempDir()}
	for name, script := range map[string]string{"aws": awsScript, "make": makeScript} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	var fixed []string
	values := build.Context(issuer, nil)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fixed = append(fixed, name+"="+values[name])
	}
	bash := exec.CommandContext(t.Context(), "bash")
	bash.Dir = s.dir
	bash.Env = append(os.Environ(),
		"PATH="+s.dir+":"+os.Getenv("PATH"), "ROOT="+checkout.Root(), "FIXED="+strings.Join(fixed, " "), "ACCOUNT="+emulator.Account,
		"APP=--app "+build.App+" --output "+filepath.Join(s.dir, "cdk.out"),
		"AWS_ENDPOINT_URL="+emulated.URL, "AWS_ENDPOINT_URL_S3="+emulated.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"RESTART="+restarter(t, emulated), "AWS_REGION="+emulator.Region, "AWS_DEFAULT_REGION="+emulator.Region, "AWS_PAGER=",
		"CDK_DISABLE_CLI_TELEMETRY=true", "CDK_VALIDATION=false", "CI=true")
	in, err := bash.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := bash.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	bash.Stderr = bash.Stdout
	if err := bash.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.(io.Closer).Close()
		_ = bash.Wait()
	})
	s.in, s.out = in, bufio.NewReader(out)
	s.run(beginning)
	return s
}

// restarter is an address at which the functions are restarted that remember something of the secrets.
func restarter(t *testing.T, emulated *emulator.Emulator) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"authorizer", "create", "regenerate", "verify", "signingkeys"} {
			if err := signed.Restart(r.Context(), emulated.Config(), "keyward-"+name); err != nil {
				t.Errorf("restarting %s: %v", name, err)
				w.WriteHeader(http.StatusBadGateway)
			}
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// run runs commands, none of which may fail, and gives what they wrote.
func (s *shell) run(commands string) string {
	s.Helper()
	s.count++
	file := filepath.Join(s.dir, fmt.Sprintf("block%d", s.count))
	if err := os.WriteFile(file, []byte(commands), 0o600); err != nil {
		s.Fatal(err)
	}
	fmt.Fprintf(s.in, "FAILED=; source %s </dev/null 2>&1; echo; echo '%s'\"$FAILED\"\n", file, done)
	var written strings.Builder
	for {
		line, err := s.out.ReadString('\n')
		if failed, ended := strings.CutPrefix(line, done); ended {
			if failed = strings.TrimSpace(failed); failed != "" {
				s.Fatalf("these failed: %s\nin\n%s\nwhich wrote\n%s", failed, commands, written.String())
			}
			return strings.TrimSpace(written.String())
		}
		if err != nil {
			s.Fatalf("bash ended: %v; it wrote\n%s", err, written.String())
		}
		written.WriteString(line)
	}
}

// write makes a file of that name for a command, and gives its path.
func (s *shell) write(name, text string) string {
	s.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
	return path
}

// file is what a command has written into a file of that name.
func (s *shell) file(name string) []byte {
	s.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		s.Fatal(err)
	}
	return data
}

// Package emulator runs an AWS that somebody else wrote, ministack, on this machine, and deploys to it with the CDK CLI: the
// template and the zips that a customer deploys. `make tools` installs both. What it does otherwise than AWS is told in
// docs/fidelity.md.
package emulator

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/keyward/keyward/infra/emulator/cdk"
)

// What the emulator calls the account, and where it says that it is.
const (
	Account = "000000000000"
	Region  = "us-east-1"
)

// Options are how an emulator is started.
type Options struct {
	// DynamoDB is the endpoint that the functions use instead of the emulator's own DynamoDB, such as DynamoDB Local's;
	// empty: the emulator's.
	DynamoDB string
}

// Emulator is one that runs. It enforces the policies of the functions' roles.
type Emulator struct {
	// CLI is the CDK's, which takes the emulator for AWS.
	cdk.CLI
	// URL is where it answers: through a proxy of ours that tells it that requests came by TLS, which the bucket that
	// `cdk bootstrap` makes insists on.
	URL string

	process *exec.Cmd
	log     string // the file that it writes to
	door    *httptest.Server
}

// startTime is how long the emulator may take to answer: 0.7 s where nothing else runs.
const startTime = 30 * time.Second

// Start runs an emulator that keeps its files in dir. Close ends it.
func Start(ctx context.Context, root, dir string, options Options) (*Emulator, error) {
	program := filepath.Join(root, ".tools", "ministack", "bin", "ministack")
	if _, err := os.Stat(program); err != nil {
		return nil, fmt.Errorf("the emulator is not installed: run `make tools` first: %w", err)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	e := &Emulator{process: exec.Command(program), log: filepath.Join(dir, "ministack.log")}
	log, err := os.Create(e.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	direct := "http://127.0.0.1:" + strconv.Itoa(port)
	e.process.Dir = dir
	e.process.Env = append(os.Environ(),
		"GATEWAY_PORT="+strconv.Itoa(port), "BIND_HOST=127.0.0.1", "AUTH=true", "TMPDIR="+dir,
		"AWS_ENDPOINT_URL="+direct, "AWS_ENDPOINT_URL_DYNAMODB="+options.DynamoDB)
	e.process.Stdout, e.process.Stderr = log, log
	if err := e.process.Start(); err != nil {
		return nil, fmt.Errorf("starting the emulator: %w", err)
	}
	e.door = newDoor(direct)
	e.URL = e.door.URL
	e.CLI = cdk.CLI{Root: root, Dir: dir, Env: e.Environment()}
	if err := e.wait(ctx, direct); err != nil {
		e.Close()
		return nil, fmt.Errorf("%w; it wrote:\n%s", err, e.Log())
	}
	return e, nil
}

// wait returns when the emulator answers.
func (e *Emulator) wait(ctx context.Context, direct string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, direct+"/_ministack/health", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the emulator does not answer within %s: %w", startTime, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Close ends the emulator, and the functions that it runs.
func (e *Emulator) Close() {
	e.door.Close()
	_ = e.process.Process.Signal(os.Interrupt)
	ended := make(chan struct{})
	go func() { _ = e.process.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		_ = e.process.Process.Kill()
		<-ended
	}
}

// Log is what the emulator has written so far.
func (e *Emulator) Log() string {
	text, err := os.ReadFile(e.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Config is how the SDK reaches it, as the account's root.
func (e *Emulator) Config() aws.Config {
	return aws.Config{
		Region:       Region,
		BaseEndpoint: &e.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
}

// API is the URL of a REST API's stage, without a slash at the end.
func (e *Emulator) API(id, stage string) string {
	return e.URL + "/_aws/execute-api/" + id + "/" + stage
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the real program, built once for all tests of this package.
var binary string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "keyward")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "keyward")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// program is the program on a data folder and a port of its own, with no more of our environment than it needs.
func program(data string, env []string, args ...string) *exec.Cmd {
	cmd := exec.Command(binary, args...)
	cmd.Env = append([]string{"HOME=" + data, "PATH=" + os.Getenv("PATH"), "KEYWARD_DATA=" + data, "KEYWARD_ADDR=127.0.0.1:0"}, env...)
	return cmd
}

// process is the program while it serves.
type process struct {
	t              *testing.T
	cmd            *exec.Cmd
	data, url      string
	stdout, stderr output
}

// patience bounds every wait for a process.
const patience = 20 * time.Second

// start serves from the data folder, and waits until /healthz answers. The process is killed when the test ends.
func start(t *testing.T, data string, env ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: program(data, env, "run"), data: data}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			p.kill()
		}
	})
	p.url = p.address()
	if status, body := p.do("GET", "/healthz", "", nil); status != http.StatusOK {
		t.Fatalf("GET /healthz: %d %s", status, body)
	}
	t.Logf("ready %s after its start", time.Since(began).Round(time.Millisecond))
	return p
}

var welcomed = regexp.MustCompile(`Admin API +(http://[^/\s]+)/v1\n`)

// address is where the process says that it is. It says so once it listens.
func (p *process) address() string {
	p.t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-ticker.C {
		if found := welcomed.FindStringSubmatch(p.stdout.String()); found != nil {
			return found[1]
		}
	}
	p.t.Fatalf("it has not started after %s:\n%s%s", patience, p.stdout.String(), p.stderr.String())
	return ""
}

// interrupt is Ctrl-C. It gives the exit code.
func (p *process) interrupt() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil && p.cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// kill is kill -9.
func (p *process) kill() {
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Error(err)
	}
	_ = p.cmd.Wait() // it was killed
}

// do sends a request, and gives what came back. It does not fail the test where the connection is lost: status 0.
func (p *process) do(method, path, body string, headers map[string]string) (status int, answer string) {
	p.t.Helper()
	request, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

// token is what the program's command token prints, for the member; without the newline.
func token(t *testing.T, data, member string) string {
	t.Helper()
	cmd := program(data, nil, "token", "-member", member)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("token: %v: %s", err, stderr.String())
	}
	line, rest, found := strings.Cut(string(out), "\n")
	if !found || rest != "" || strings.Count(line, ".") != 2 || strings.ContainsAny(line, " \t\r") {
		t.Fatalf("token printed %q, want one line with a token", out)
	}
	return line
}

// exitCode runs the program to its end. It gives its exit code and what it printed to stderr.
func exitCode(t *testing.T, data string, env []string, args ...string) (code int, stderr string) {
	t.Helper()
	cmd := program(data, env, args...)
	var out bytes.Buffer
	cmd.Stderr = &out
	err := cmd.Run()
	if exited, ok := errors.AsType[*exec.ExitError](err); ok {
		return exited.ExitCode(), out.String()
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0, out.String()
}

// output collects what a process prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(text)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

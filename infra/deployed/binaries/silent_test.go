package binaries

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/keyward/keyward/events/outcomes"
	"github.com/keyward/keyward/infra/runtimeapi"
	"github.com/keyward/keyward/shared/httpapi"
)

// silent is an address where connections are taken and nothing is ever answered.
func silent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return "http://" + listener.Addr().String()
}

// undecided reports whether a function said that it can't tell: a proxied one by its code, the authorizer by an error, which
// API Gateway turns into AUTHORIZER_FAILURE and that into 503, one that an operator or a schedule invokes by an error too, and
// one that works through a list by what it counts as failed.
func undecided(told string, payload []byte) bool {
	return strings.HasSuffix(told, ": unavailable") || strings.HasPrefix(told, "error ") || strings.HasPrefix(told, "isAuthorized=false") ||
		bytes.Contains(payload, []byte(`"failed":1`))
}

// A store that does not answer is refused by the function itself, before Lambda's timeout: after that nobody would be told
// anything, and the process would be lost.
func TestAStoreThatIsSilentIsRefusedInTime(t *testing.T) {
	d := deploy(t)
	d.settle()
	d.more["AWS_ENDPOINT_URL_DYNAMODB"] = silent(t)
	refusedInTime(t, d, func(row httpapi.Function) bool { return len(row.Table) > 0 })
}

// The same of peppers that can't be read.
func TestASilentSecretsManagerIsRefusedInTime(t *testing.T) {
	d := deploy(t)
	d.settle()
	d.more["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = silent(t)
	refusedInTime(t, d, func(row httpapi.Function) bool { return row.Peppers }, "authorizer/rest-admin")
}

// refusedInTime gives every sample of those functions to a process of its own, all at once, but for a sample that does not need
// what is silent.
func refusedInTime(t *testing.T, d *deployment, concerns func(httpapi.Function) bool, but ...string) {
	t.Helper()
	var all sync.WaitGroup
	for file := range outcomes.All {
		row, _ := httpapi.FunctionOf(filepath.Dir(file))
		if !concerns(row) || row.Keymaker || slices.Contains(but, file) {
			continue
		}
		program, sample := d.function(row.Name), d.real(file)
		all.Go(func() {
			sandbox, err := d.run(program)
			if err != nil {
				t.Error(err)
				return
			}
			outcome := sandbox.Invoke(t.Context(), sample)
			if outcome.Error != nil && outcome.Error.Type == runtimeapi.TypeTimeout {
				t.Errorf("%s: %v", file, outcome.Error)
				return
			}
			if told := d.tell(outcome); !undecided(told, outcome.Payload) {
				t.Errorf("%s: after %s: %s", file, outcome.Took, told)
			}
		})
	}
	all.Wait()
}

// A function that has little time left says so by itself, before Lambda ends it.
func TestAFunctionWhoseTimeIsOverAnswers503ByItself(t *testing.T) {
	d := deploy(t)
	d.settle()
	store := newStoreProxy(t)
	d.more["AWS_ENDPOINT_URL_DYNAMODB"] = store.url
	sandbox := d.start("list")
	store.set(swallow)
	outcome := sandbox.InvokeUntil(t.Context(), d.real("list/get-keys"), 800*time.Millisecond)
	if outcome.Error != nil || !undecided(d.tell(outcome), outcome.Payload) {
		t.Fatalf("outcome %v %s", outcome.Error, outcome.Payload)
	}
	store.set(pass)
	if got, want := d.call(sandbox, d.real("list/get-keys")), outcomes.All["list/get-keys"].Real; got != want {
		t.Errorf("the next event: %s, want %s", got, want)
	}
}

// What does not even keep its own bounds, here since its process is stopped, is ended by Lambda, and the event after it finds
// a process that works.
func TestAFunctionThatExceedsItsTimeoutIsKilledAndTheNextEventIsServed(t *testing.T) {
	d := deploy(t)
	d.settle()
	sandbox := d.start("list")
	stop(t, sandbox.PID())
	outcome := sandbox.InvokeUntil(t.Context(), d.real("list/get-keys"), 300*time.Millisecond)
	if outcome.Error == nil || outcome.Error.Type != runtimeapi.TypeTimeout {
		t.Fatalf("outcome %s", outcome.Payload)
	}
	if got, want := d.call(sandbox, d.real("list/get-keys")), outcomes.All["list/get-keys"].Real; got != want {
		t.Errorf("the next event: %s, want %s", got, want)
	}
}

// stop stops a process, and returns when all of its threads stand still: on a busy machine one of them may go on for a while.
func stop(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(threads) == 0 {
		t.Fatalf("the process has no threads: %v", err)
	}
	for _, thread := range threads {
		for {
			stat, err := os.ReadFile(thread)
			if err != nil || strings.Contains(string(stat), ") T ") { // it has gone, or stopped
				break
			}
			runtime.Gosched()
		}
	}
}

// A process that crashes takes its own event with it and no other. No event makes our own programs panic, so that a signal
// stands for it, by which the Go runtime ends them as a fatal error does; what aws-lambda-go makes of a panic is shown in
// infra/runtimeapi.
func TestAProcessThatCrashesTakesOneEventWithIt(t *testing.T) {
	d := deploy(t)
	d.settle()
	store := newStoreProxy(t)
	d.more["AWS_ENDPOINT_URL_DYNAMODB"] = store.url
	sandbox := d.start("list")
	pid := sandbox.PID()
	store.set(swallow)
	store.onSwallowed = func() {
		if err := syscall.Kill(pid, syscall.SIGABRT); err != nil {
			t.Error(err)
		}
	}
	outcome := sandbox.Invoke(t.Context(), d.real("list/get-keys"))
	if outcome.Error == nil || outcome.Error.Type != runtimeapi.TypeExit || !strings.HasSuffix(outcome.Error.Message, "Runtime exited with error: exit status 2") {
		t.Fatalf("outcome %s", outcome.Payload)
	}
	store.set(pass)
	if got, want := d.call(sandbox, d.real("list/get-keys")), outcomes.All["list/get-keys"].Real; got != want {
		t.Errorf("the next event: %s, want %s", got, want)
	}
	if sandbox.PID() == pid {
		t.Error("the process is the same")
	}
}

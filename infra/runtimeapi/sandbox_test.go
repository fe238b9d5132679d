package runtimeapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/infra/runtimeapi"
)

// asFunction is the variable by which this test's own program is a function instead: aws-lambda-go with a handler that does
// as it is told.
const asFunction = "RUNTIMEAPI_TEST_FUNCTION"

func TestMain(m *testing.M) {
	switch os.Getenv(asFunction) {
	case "":
		os.Exit(m.Run())
	case "broken":
		fmt.Fprintln(os.Stderr, "SETTING is not set")
		os.Exit(3)
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
	}
	fmt.Println("started")
	lambda.Start(obey)
}

func obey(ctx context.Context, order struct{ Do string }) (any, error) {
	switch order.Do {
	case "environment":
		return os.Environ(), nil
	case "context":
		invocation, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		return []string{invocation.InvokedFunctionArn, fmt.Sprint(len(invocation.AwsRequestID)), fmt.Sprint(time.Until(deadline) > 0), os.Getenv("_X_AMZN_TRACE_ID")[:6]}, nil
	case "fail":
		return nil, errors.New("no")
	case "panic":
		panic("at the disco")
	case "exit":
		os.Exit(7)
	case "hang":
		select {}
	}
	fmt.Println("was told:", order.Do)
	return order.Do, nil
}

func function(t *testing.T, behaviour string) runtimeapi.Function {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return runtimeapi.Function{
		Name: "sample", Bootstrap: program, Handler: "bootstrap", Timeout: 20 * time.Second, MemoryMB: 128, Region: "eu-central-1", Account: "123456789012",
		Credentials: runtimeapi.Credentials{AccessKeyID: "AKIA", SecretAccessKey: "secret", SessionToken: "session"},
		Variables:   map[string]string{asFunction: behaviour, "CHOSEN": "yes", "AWS_REGION": "elsewhere"},
	}
}

func start(t *testing.T, behaviour string) *runtimeapi.Sandbox {
	t.Helper()
	sandbox, err := runtimeapi.Start(t.Context(), function(t, behaviour))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sandbox.Close)
	return sandbox
}

func tell(t *testing.T, sandbox *runtimeapi.Sandbox, order string) runtimeapi.Outcome {
	t.Helper()
	return sandbox.Invoke(t.Context(), fmt.Appendf(nil, `{"Do": %q}`, order))
}

// says fails the test unless the function answers with want.
func says(t *testing.T, outcome runtimeapi.Outcome, want string) {
	t.Helper()
	if outcome.Error != nil || string(outcome.Payload) != want {
		t.Errorf("answered %s, %v; want %s", outcome.Payload, outcome.Error, want)
	}
}

func TestAProcessGetsOneEventAfterTheOther(t *testing.T) {
	sandbox := start(t, "usual")
	pid := sandbox.PID()
	says(t, tell(t, sandbox, "one"), `"one"`)
	says(t, tell(t, sandbox, "two"), `"two"`)
	if sandbox.PID() != pid {
		t.Error("the second event went to another process")
	}
	if got, want := sandbox.Log(), []string{"started", "was told: one", "was told: two"}; !slices.Equal(got, want) {
		t.Errorf("log %q, want %q", got, want)
	}
}

func TestAnEventSaysWhatWasInvokedAndUntilWhen(t *testing.T) {
	says(t, tell(t, start(t, "usual"), "context"), `["arn:aws:lambda:eu-central-1:123456789012:function:sample","36","true","Root=1"]`)
}

// Nothing of the machine that a test runs on may make a function work that would not work in Lambda.
func TestAProcessFindsTheVariablesThatLambdaSetsAndTheConfiguredOnesAlone(t *testing.T) {
	t.Setenv("HOME_OF_THE_TEST", "1")
	var got []string
	if err := json.Unmarshal(tell(t, start(t, "usual"), "environment").Payload, &got); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, variable := range got {
		name, value, _ := strings.Cut(variable, "=")
		names = append(names, name)
		if name == "AWS_REGION" && value != "eu-central-1" {
			t.Errorf("AWS_REGION was configured otherwise: %s", value)
		}
	}
	slices.Sort(names)
	want := []string{
		"AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME",
		"AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
		"AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "CHOSEN", "LAMBDA_RUNTIME_DIR",
		"LAMBDA_TASK_ROOT", "LANG", "LD_LIBRARY_PATH", "PATH", asFunction, "TZ", "_HANDLER", "_X_AMZN_TRACE_ID",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}

func TestAnErrorIsTheFunctionsAndTheProcessGoesOn(t *testing.T) {
	sandbox := start(t, "usual")
	pid := sandbox.PID()
	outcome := tell(t, sandbox, "fail")
	if diff := cmp.Diff(&runtimeapi.Error{Message: "no", Type: "errorString"}, outcome.Error); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	says(t, tell(t, sandbox, "on"), `"on"`)
	if sandbox.PID() != pid {
		t.Error("the process was replaced")
	}
}

// After each of these the process is gone, and the next event finds another one.
func TestAProcessThatEndsFailsItsEventAndNoOther(t *testing.T) {
	for order, want := range map[string]struct{ kind, message string }{
		"panic": {"string", "at the disco"},
		"exit":  {runtimeapi.TypeExit, "Runtime exited with error: exit status 7"},
	} {
		t.Run(order, func(t *testing.T) {
			sandbox := start(t, "usual")
			pid := sandbox.PID()
			outcome := tell(t, sandbox, order)
			if outcome.Error == nil || outcome.Error.Type != want.kind || !strings.HasSuffix(outcome.Error.Message, want.message) {
				t.Errorf("outcome %s, want %v", outcome.Payload, want)
			}
			says(t, tell(t, sandbox, "on"), `"on"`)
			if sandbox.PID() == pid {
				t.Error("the process goes on")
			}
		})
	}
}

func TestAProcessThatIsNotDoneInTimeIsKilled(t *testing.T) {
	sandbox := start(t, "usual")
	pid := sandbox.PID()
	outcome := sandbox.InvokeUntil(t.Context(), []byte(`{"Do": "hang"}`), 200*time.Millisecond)
	if outcome.Error == nil || outcome.Error.Type != runtimeapi.TypeTimeout || !strings.HasSuffix(outcome.Error.Message, "Task timed out after 0.20 seconds") {
		t.Errorf("outcome %s", outcome.Payload)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the process is still there: %v", err)
	}
	says(t, tell(t, sandbox, "on"), `"on"`)
}

func TestAProcessThatCantStartSaysWhy(t *testing.T) {
	_, err := runtimeapi.Start(t.Context(), function(t, "broken"))
	failure, ok := errors.AsType[*runtimeapi.InitError](err)
	if !ok || failure.Exit != "exit status 3" || !slices.Equal(failure.Log, []string{"SETTING is not set"}) {
		t.Errorf("error %v", err)
	}
}

func TestAFrozenProcessGoesOnWithItsNextEvent(t *testing.T) {
	sandbox := start(t, "usual")
	pid := sandbox.PID()
	says(t, tell(t, sandbox, "before"), `"before"`)
	if err := sandbox.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	if state := stateOf(t, pid); state != "T" {
		t.Errorf("the process is in state %s, want T: stopped", state)
	}
	says(t, tell(t, sandbox, "after"), `"after"`)
	if sandbox.PID() != pid {
		t.Error("the process was replaced")
	}
}

// stateOf is the state of a process, once it is no longer between two.
func stateOf(t *testing.T, pid int) string {
	t.Helper()
	for {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		if state := rest[:1]; state == "T" || t.Context().Err() != nil {
			return state
		}
	}
}

func TestShutdownKillsWhatDoesNotEnd(t *testing.T) {
	for behaviour, want := range map[string]struct {
		killed bool
		state  string
	}{
		"usual":    {false, "signal: terminated"},
		"stubborn": {true, "signal: killed"},
	} {
		ended, err := start(t, behaviour).Shutdown(500 * time.Millisecond)
		if err != nil || ended.Killed != want.killed || ended.State != want.state {
			t.Errorf("%s: %+v, %v; want %v", behaviour, ended, err, want)
		}
	}
}

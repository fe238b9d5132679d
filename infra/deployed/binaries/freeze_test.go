package binaries

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/events/outcomes"
	"github.com/keyward/keyward/infra/runtimeapi"
)

// afterFreezing are samples of every kind of request to the store, each with the word by which its outcome begins the second
// time: reading, spending, changing.
var afterFreezing = map[string]string{
	"authorizer/rest-without-forbidden-exit": "Allow ",
	"authorizer/rest-admin":                  "Allow ",
	"verify/post-verify":                     "200 API key verified successfully: valid=true",
	"list/get-keys":                          "200 ",
	"get/get-key":                            "200 ",
	"update/post-disable":                    "200 ",
	"roles/put-role":                         "200 ",
	"regenerate/post-regenerate":             "200 ",
	"create/post-keys-generate":              "409 Conflict: name_taken",
	"revoke/delete-key":                      "200 ",
	"account/patch-account":                  "200 ",
	"members/put-member":                     "200 ",
	"cleanup/scheduler":                      "finished=true",
}

// Lambda stops a process between two events, for minutes or hours. Meanwhile servers close the connections that it holds. The
// first request after that is a customer's like any other.
func TestTheFirstEventAfterAFrozenHourSucceeds(t *testing.T) {
	for file, want := range afterFreezing {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			d := deploy(t)
			d.settle()
			store := newStoreProxy(t)
			d.more["AWS_ENDPOINT_URL_DYNAMODB"] = store.url
			sandbox := d.start(filepath.Dir(file))
			pid := sandbox.PID()
			first := d.call(sandbox, d.real(file))
			for _, lose := range []func() int{store.cut, store.forget, store.cut, store.forget} {
				freeze(t, sandbox)
				if lose() == 0 {
					t.Fatal("the function holds no connection: nothing is shown")
				}
				if got := d.call(sandbox, d.real(file)); !strings.HasPrefix(got, want) {
					t.Fatalf("after freezing: %s, before: %s", got, first)
				}
			}
			if sandbox.PID() != pid {
				t.Error("the process was replaced")
			}
		})
	}
}

func freeze(t *testing.T, sandbox *runtimeapi.Sandbox) {
	t.Helper()
	if err := sandbox.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A key's minute is the clock's, not the one that the process knew before it was frozen: what was refused then is allowed now,
// and the other way round.
func TestAFrozenProcessWakesInTheMinuteThatItIs(t *testing.T) {
	t.Parallel()
	d := deploy(t)
	d.settle()
	d.createKey(`{\"name\": \"once a minute\", \"rate_limit\": 1}`)
	sandbox := d.start("authorizer")
	file := "authorizer/rest-without-forbidden-exit"
	minute := time.Now().Truncate(time.Minute)
	for _, want := range []string{"Allow ", "Deny "} {
		if got := d.call(sandbox, d.real(file)); !strings.HasPrefix(got, want) && time.Now().Truncate(time.Minute).Equal(minute) {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	freeze(t, sandbox)
	turned := time.NewTimer(time.Until(minute.Add(time.Minute)))
	defer turned.Stop()
	<-turned.C
	if got := d.call(sandbox, d.real(file)); !strings.HasPrefix(got, outcomes.All[file].Real) {
		t.Errorf("in the next minute: %s", got)
	}
}

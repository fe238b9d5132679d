package keymaker_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/wire/onaws/keymaker"
)

var custody = jwtkey.Custody{Current: "s2", Algorithm: jwtkey.EdDSA, Published: []string{"s1", "s2"}}

// custodian writes down what it is asked for.
type custodian struct {
	asked []string
	err   error
}

func (c *custodian) do(what string) (jwtkey.Custody, error) {
	c.asked = append(c.asked, what)
	if c.err != nil {
		return jwtkey.Custody{}, c.err
	}
	return custody, nil
}

func (c *custodian) Ensure(context.Context) (jwtkey.Custody, error) { return c.do("ensure") }
func (c *custodian) Rotate(context.Context) (jwtkey.Custody, error) { return c.do("rotate") }
func (c *custodian) Withdraw(_ context.Context, kid string) (jwtkey.Custody, error) {
	return c.do("withdraw " + kid)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestAnOperatorsOrderIsDoneAndAnswered(t *testing.T) {
	for event, want := range map[string]string{
		`{}`: "ensure", `null`: "ensure", `{"rotate": false}`: "ensure", `{"rotate": true}`: "rotate", `{"withdraw": "s1"}`: "withdraw s1",
	} {
		c := &custodian{}
		answer, err := keymaker.New(c, quiet())(t.Context(), json.RawMessage(event))
		if err != nil || len(c.asked) != 1 || c.asked[0] != want {
			t.Errorf("%s: asked for %v, %v; want %s", event, c.asked, err, want)
		}
		if diff := cmp.Diff(custody, answer); diff != "" {
			t.Errorf("%s: answer (-want +got)\n%s", event, diff)
		}
	}
}

func TestAnOrderThatIsNotUnderstoodDoesNothing(t *testing.T) {
	for event, want := range map[string]string{
		`{"rotat": true}`:                    `unknown field "rotat"`,
		`{"rotate": "yes"}`:                  "the event must be",
		`{"withdraw": true}`:                 "the event must be",
		`"rotate"`:                           "the event must be",
		`{"rotate": true, "withdraw": "s1"}`: "rotate and withdraw are two invocations",
		`{"withdraw": ""}`:                   "withdraw is empty: it must be the id of a published signing key",
	} {
		c := &custodian{}
		_, err := keymaker.New(c, quiet())(t.Context(), json.RawMessage(event))
		if err == nil || !strings.Contains(err.Error(), want) || c.asked != nil {
			t.Errorf("%s: error %v, asked for %v; want %q and nothing", event, err, c.asked, want)
		}
	}
}

func TestAnOrderThatFailsSaysWhy(t *testing.T) {
	c := &custodian{err: errors.New("the table is gone")}
	if _, err := keymaker.New(c, quiet())(t.Context(), json.RawMessage(`{"rotate": true}`)); !errors.Is(err, c.err) {
		t.Errorf("error = %v", err)
	}
}

// deploy has the function do what CloudFormation asks for, and gives what CloudFormation is told.
func deploy(t *testing.T, c *custodian, request string) map[string]any {
	t.Helper()
	var told []byte
	formation := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			told, _ = io.ReadAll(r.Body)
		}
	}))
	defer formation.Close()
	event := fmt.Sprintf(`{"RequestType": %q, "ResponseURL": %q, "StackId": "stack", "RequestId": "1", "LogicalResourceId": "SigningKeys",
		"ResourceType": "Custom::SigningKeys", "PhysicalResourceId": "signing-keys", "ResourceProperties": {"Algorithm": "EdDSA"}}`, request, formation.URL)
	if _, err := keymaker.New(c, quiet())(t.Context(), json.RawMessage(event)); err != nil {
		t.Errorf("%s: %v", request, err)
	}
	var answer map[string]any
	if err := json.Unmarshal(told, &answer); err != nil {
		t.Fatalf("%s: CloudFormation was told %q", request, told)
	}
	return answer
}

// CloudFormation waits for an hour where it is told nothing.
func TestCloudFormationIsToldWhatBecameOfIt(t *testing.T) {
	done := map[string]any{"Status": "SUCCESS", "RequestId": "1", "StackId": "stack", "LogicalResourceId": "SigningKeys", "PhysicalResourceId": "signing-keys"}
	ensured := map[string]any{"Data": map[string]any{"Current": "s2"}}
	tests := map[string]struct {
		extra map[string]any
		asked []string
	}{
		"Create": {ensured, []string{"ensure"}},
		"Update": {ensured, []string{"ensure"}},
		"Delete": {nil, nil},
	}
	for request, test := range tests {
		c := &custodian{}
		want := maps.Clone(done)
		maps.Copy(want, test.extra)
		if diff := cmp.Diff(want, deploy(t, c, request)); diff != "" {
			t.Errorf("%s: CloudFormation is told (-want +got)\n%s", request, diff)
		}
		if diff := cmp.Diff(test.asked, c.asked); diff != "" {
			t.Errorf("%s: asked for (-want +got)\n%s", request, diff)
		}
	}
	answer := deploy(t, &custodian{err: errors.New("the table is gone")}, "Create")
	if answer["Status"] != "FAILED" || answer["Reason"] != "the table is gone" {
		t.Errorf("after a failure CloudFormation is told %v", answer)
	}
}

func TestEachOrderIsLogged(t *testing.T) {
	var log bytes.Buffer
	function := keymaker.New(&custodian{}, slog.New(slog.NewTextHandler(&log, nil)))
	if _, err := function(t.Context(), json.RawMessage(`{"withdraw": "s1"}`)); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); !strings.Contains(text, `asked_to="withdraw s1"`) || !strings.Contains(text, "current=s2") {
		t.Errorf("logged %s", text)
	}
}

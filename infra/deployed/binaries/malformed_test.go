package binaries

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/runtimeapi"
	"github.com/keyward/keyward/shared/httpapi"
)

// malformed are events that nobody should send, and that somebody will.
var malformed = map[string]string{
	"null":            `null`,
	"nothing":         `{}`,
	"no JSON":         `{"headers": `,
	"a text":          `"text"`,
	"a list":          `[1, 2, 3]`,
	"null everywhere": `{"type": null, "methodArn": null, "headers": null, "multiValueHeaders": null, "requestContext": null, "stageVariables": null, "body": null}`,
	"REST of nulls":   `{"type": "REQUEST", "methodArn": "a", "headers": {"Authorization": null}, "requestContext": {"identity": null}}`,
	"HTTP of nulls":   `{"version": "2.0", "type": "REQUEST", "routeArn": "a", "requestContext": {"http": null}}`,
	"AppSync empty":   `{"authorizationToken": "", "requestContext": {}}`,
	"proxy of nulls":  `{"resource": "/v1/keys", "httpMethod": "GET", "requestContext": {"authorizer": null, "identity": null}, "pathParameters": null}`,
	"bad base64":      `{"resource": "/v1/keys", "httpMethod": "POST", "isBase64Encoded": true, "body": "***", "requestContext": {"authorizer": {"code": "allowed"}}}`,
	"deep":            `{"headers": ` + strings.Repeat(`{"a":`, 5000) + `1` + strings.Repeat(`}`, 5000) + `}`,
}

// An event that is not what it should be is refused, never allowed, and costs no process.
func TestAMalformedEventIsRefusedAndEndsNothing(t *testing.T) {
	d := deploy(t)
	d.settle()
	for _, row := range httpapi.Functions {
		if row.Keymaker {
			continue // {} asks it for what there is
		}
		sandbox := d.start(row.Name)
		pid := sandbox.PID()
		for name, event := range malformed {
			outcome := sandbox.Invoke(t.Context(), []byte(event))
			if outcome.Error != nil && (outcome.Error.Type == runtimeapi.TypeExit || outcome.Error.Type == runtimeapi.TypeTimeout) {
				t.Errorf("%s, %s: %v", row.Name, name, outcome.Error)
			}
			if payload := string(outcome.Payload); strings.Contains(payload, `"Allow"`) || strings.Contains(payload, `"isAuthorized":true`) {
				t.Errorf("%s, %s: allowed: %s", row.Name, name, payload)
			}
			if got := statusOf(d.quietly(outcome)); got >= 500 {
				t.Errorf("%s, %s: status %d: %s", row.Name, name, got, outcome.Payload)
			}
		}
		if sandbox.PID() != pid {
			t.Errorf("%s: the process was replaced", row.Name)
		}
	}
}

// quietly is what was answered, or nothing where that is no answer of a function.
func (d *deployment) quietly(outcome runtimeapi.Outcome) string {
	if outcome.Error != nil {
		return ""
	}
	return d.tell(outcome)
}

// statusOf is the status that a told outcome begins with; 0 where there is none.
func statusOf(told string) int {
	var status int
	_, _ = fmt.Sscanf(told, "%d ", &status)
	return status
}

// Where a function has an internal extension, Lambda asks it to end by SIGTERM. Ours has nothing to save then: what it has
// acknowledged is in the table, what it has logged is written.
func TestAFunctionThatIsAskedToEndDoesSoAtOnceAndLosesNothing(t *testing.T) {
	d := deploy(t)
	d.settle()
	revoke := d.start("revoke")
	if got := d.call(revoke, d.real("revoke/delete-key")); !strings.HasPrefix(got, "200 ") {
		t.Fatal(got)
	}
	ends(t, revoke)
	if got := d.call(d.start("authorizer"), d.real("authorizer/rest-without-forbidden-exit")); got != "error Unauthorized" {
		t.Errorf("the key goes on: %s", got)
	}
	for _, row := range httpapi.Functions {
		ends(t, d.start(row.Name))
	}
}

// ends holds a function to ending by itself within the 500 ms that Lambda leaves.
func ends(t *testing.T, sandbox *runtimeapi.Sandbox) {
	t.Helper()
	ended, err := sandbox.Shutdown(500 * time.Millisecond)
	if err != nil || ended.Killed {
		t.Errorf("ended %+v, %v; wrote %q", ended, err, sandbox.Log())
	}
}

package httpapi

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
)

func (d *door) http(t *testing.T, stage map[string]string, rawPath, secret string) (events.APIGatewayV2CustomAuthorizerSimpleResponse, error) {
	t.Helper()
	event := events.APIGatewayV2CustomAuthorizerV2Request{RawPath: rawPath, StageVariables: stage, Headers: map[string]string{"authorization": "bearer " + secret}}
	event.RequestContext.HTTP.Method = "GET"
	event.RequestContext.Stage = "production"
	return d.HTTP(t.Context(), event)
}

// An HTTP API has a simple response: allowed or not. It denies hard where a REST API would say 403 or 429.
func TestHTTP(t *testing.T) {
	d := newDoor(t)
	unknown := "vg_live_00000000UnknownSampleKey000000gy"
	for name, test := range map[string]struct {
		stage              map[string]string
		path, secret, want string
	}{
		"allowed":              {guardedStage, "/zones", d.secret, "true allowed"},
		"behind a stage":       {guardedStage, "/production/zones", d.secret, "true allowed"},
		"no such route":        {guardedStage, "/nothing", d.secret, "false permission_denied"},
		"encoded once more":    {guardedStage, "/z%6Fnes", d.secret, "false permission_denied"},
		"unknown":              {guardedStage, "/zones", unknown, "error Unauthorized"},
		"no key":               {guardedStage, "/zones", "", "error Unauthorized"},
		"a stage says nothing": {nil, "/zones", d.secret, "error " + errUndecided.Error()},
		"keyward's own API":    {map[string]string{StageService: AdminService}, "/v1/keys", d.secret, "error " + errUndecided.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := d.http(t, test.stage, test.path, test.secret)
			got := fmt.Sprint(answer.IsAuthorized, " ", answer.Context[ContextCode])
			if err != nil {
				got = "error " + err.Error()
			}
			if got != test.want || (err != nil && answer.IsAuthorized) {
				t.Errorf("answer = %s, want %s", got, test.want)
			}
		})
	}
	t.Run("the store is down", func(t *testing.T) {
		if err := d.broken(); err != nil {
			t.Fatal(err)
		}
		if answer, err := d.http(t, guardedStage, "/zones", d.secret); err == nil || err.Error() == "Unauthorized" || answer.IsAuthorized {
			t.Errorf("error = %v, answer = %+v", err, answer)
		}
	})
}

func (d *door) socket(t *testing.T, stage map[string]string, header string) (any, error) {
	t.Helper()
	variables, _ := json.Marshal(stage)
	return d.Invoke(t.Context(), json.RawMessage(fmt.Sprintf(`{"type":"REQUEST","methodArn":%q,"headers":{%q:%q},"stageVariables":%s,
		"requestContext":{"routeKey":"$connect","connectionId":"abc=","identity":{"sourceIp":"203.0.113.9"}}}`, methodARN, header, d.secret, variables)))
}

// A WebSocket is asked about at $connect. Without a route for that in the catalog it is denied, and keyward's own API is
// never behind one.
func TestWebSocket(t *testing.T) {
	d := newDoor(t)
	answer, err := d.socket(t, guardedStage, "X-API-Key")
	if err != nil {
		t.Fatal(err)
	}
	policy, ok := answer.(events.APIGatewayCustomAuthorizerResponse)
	if !ok || policy.PolicyDocument.Statement[0].Effect != "Deny" || policy.Context[ContextCode] != "permission_denied" {
		t.Errorf("answer = %+v, want a Deny", answer)
	}
	if _, err := d.socket(t, map[string]string{StageService: AdminService}, "X-API-Key"); err == nil || err.Error() == "Unauthorized" {
		t.Errorf("keyward's own API: error = %v", err)
	}
	_, err = d.socket(t, guardedStage, "X-Nothing")
	assertUnauthorized(t, err)
}

func (d *door) appSync(t *testing.T, api, token string) (events.AppSyncLambdaAuthorizerResponse, error) {
	t.Helper()
	return d.GraphQL(t.Context(), events.AppSyncLambdaAuthorizerRequest{
		AuthorizationToken: token, RequestContext: events.AppSyncLambdaAuthorizerRequestContext{APIID: api},
	})
}

// AppSync's answers must not be cached: a cached one neither counts nor revokes. An API that is not configured, or has
// no permission, is refused.
func TestGraphQL(t *testing.T) {
	d := newDoor(t)
	d.AppSync = map[string]AppSyncAPI{
		"good":          {apikey.Production, SampleService, "dns:read"},
		"staging":       {apikey.Staging, SampleService, "dns:read"},
		"no permission": {apikey.Production, SampleService, ""},
		"no service":    {apikey.Production, "", "dns:read"},
		"keyward":       {apikey.Production, AdminService, "keys:read"},
	}
	for name, test := range map[string]struct {
		api, token string
		want       string
	}{
		"allowed":             {"good", d.secret, "true"},
		"as a bearer token":   {"good", "Bearer " + d.secret, "true"},
		"nothing":             {"good", "", "false"},
		"malformed":           {"good", "nonsense", "false"},
		"two":                 {"good", d.secret + " " + d.secret, "false"},
		"another environment": {"staging", d.secret, "false"},
		"no permission":       {"no permission", d.secret, "error"},
		"no service":          {"no service", d.secret, "error"},
		"not configured":      {"another", d.secret, "error"},
		"keyward's own":       {"keyward", d.secret, "error"},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := d.appSync(t, test.api, test.token)
			switch {
			case (err != nil) != (test.want == "error"):
				t.Errorf("error = %v", err)
			case err == nil && fmt.Sprint(answer.IsAuthorized) != test.want:
				t.Errorf("isAuthorized = %t, want %s", answer.IsAuthorized, test.want)
			case err == nil && (answer.TTLOverride == nil || *answer.TTLOverride != 0):
				t.Errorf("ttlOverride = %v, want 0", answer.TTLOverride)
			case err != nil && answer.IsAuthorized:
				t.Error("an error that authorizes")
			}
		})
	}
}

// ttlOverride is 0 in the JSON too, not left out.
func TestGraphQL_ttlOverrideIsWritten(t *testing.T) {
	d := newDoor(t)
	d.AppSync = map[string]AppSyncAPI{"good": {apikey.Production, SampleService, "dns:read"}}
	answer, err := d.appSync(t, "good", d.secret)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(answer)
	if err != nil || !strings.Contains(string(text), `"ttlOverride":0`) {
		t.Errorf("%s, %v", text, err)
	}
}

// An event of no known shape is refused, and nothing panics.
func TestInvoke_unknownShapes(t *testing.T) {
	d := newDoor(t)
	for _, payload := range []string{``, `null`, `{}`, `[]`, `"x"`, `{"type":"TOKEN","authorizationToken":"a","methodArn":"b"}`, `{"version":"1.0"}`,
		`{"version":"2.0","headers":5}`, `{"type":"REQUEST","headers":5}`, `{"authorizationToken":"a"}`, `{"type":"REQUEST"}`} {
		if answer, err := d.Invoke(t.Context(), json.RawMessage(payload)); err == nil {
			t.Errorf("%s: answer = %+v", payload, answer)
		}
	}
}

// An HTTP API's payload 1.0 looks like a REST API's event, but what refuses there would allow here.
func TestInvoke_payload10IsRefused(t *testing.T) {
	d := newDoor(t)
	if answer, err := d.Invoke(t.Context(), []byte(`{"version":"1.0","type":"REQUEST","methodArn":"arn:aws:execute-api:r:a:api/stage/GET/zones"}`)); err == nil {
		t.Errorf("answered %v", answer)
	}
}

// The stage $default is in no path: what looks like it is the caller's.
func TestWithoutStage(t *testing.T) {
	for path, test := range map[string]struct{ stage, want string }{
		"/zones": {"$default", "/zones"}, "/$default/zones": {"$default", "/$default/zones"},
		"/live/zones": {"live", "/zones"}, "/lively/zones": {"live", "/lively/zones"},
	} {
		if got := withoutStage(path, test.stage); got != test.want {
			t.Errorf("%s at stage %s: %s, want %s", path, test.stage, got, test.want)
		}
	}
}

func TestAnAddressWithAZoneIsNone(t *testing.T) {
	if got := parseAddress("fe80::1%<img>"); got.IsValid() {
		t.Errorf("read as %v", got)
	}
}

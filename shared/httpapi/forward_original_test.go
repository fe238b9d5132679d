package httpapi

import (
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/fault"
)

// A proxy that sets one family of headers passes the other one on, and one that appends leaves the caller's value first:
// neither may choose what is authorized.
func TestTheOriginalRequestIsDescribedOnceOrRefused(t *testing.T) {
	nginx := http.Header{"X-Original-Method": {"POST"}, "X-Original-Uri": {"/zones?a=b"}}
	for name, test := range map[string]struct {
		headers http.Header
		method  string
		path    string
	}{
		"nginx":                 {nginx, "POST", "/zones"},
		"Caddy":                 {http.Header{"X-Forwarded-Method": {"GET"}, "X-Forwarded-Uri": {"/zones"}}, "GET", "/zones"},
		"nothing":               {http.Header{}, "", ""},
		"both families":         {http.Header{"X-Original-Method": {"POST"}, "X-Original-Uri": {"/zones"}, "X-Forwarded-Method": {"GET"}, "X-Forwarded-Uri": {"/zones"}}, "", ""},
		"a method of the other": {http.Header{"X-Original-Method": {"POST"}, "X-Original-Uri": {"/zones"}, "X-Forwarded-Method": {"GET"}}, "", ""},
		"two paths":             {http.Header{"X-Original-Method": {"GET"}, "X-Original-Uri": {"/zones", "/admin"}}, "", ""},
		"two methods":           {http.Header{"X-Original-Method": {"GET", "POST"}, "X-Original-Uri": {"/zones"}}, "", ""},
		"no path":               {http.Header{"X-Original-Method": {"GET"}, "X-Original-Uri": {"?a=b"}}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			method, path, _, err := call{headers: test.headers}.original()
			if method != test.method || path != test.path || errors.Is(err, fault.Invalid) != (test.path == "") {
				t.Errorf("%s %s, %v; want %s %s", method, path, err, test.method, test.path)
			}
		})
	}
}

// The route says whether the path has a tail; what a custom domain puts before it does not count.
func TestTheTailIsWhatFollowsTheServiceWhateverStandsBeforeIt(t *testing.T) {
	for name, test := range map[string]struct {
		resource, path, want string
		code                 fault.Code
	}{
		"none":               {anyForward, "/v1/authorize/production/dns", "", ""},
		"none, base path":    {anyForward, "/api/v1/authorize/production/dns", "", ""},
		"a tail":             {anyForward + "/{path+}", "/v1/authorize/production/dns/zones/1", "/zones/1", ""},
		"a tail, base path":  {anyForward + "/{path+}", "/api/v1/authorize/production/dns/zones", "/zones", ""},
		"another path":       {anyForward + "/{path+}", "/v1/elsewhere/production/dns/zones", "", fault.ThingNotFound},
		"a tail that is /":   {anyForward + "/{path+}", "/v1/authorize/production/dns//", "//", ""},
		"it stands in there": {anyForward + "/{path+}", "/v1/authorize/production/dns/v1/authorize/production/dns/x", "/v1/authorize/production/dns/x", ""},
	} {
		t.Run(name, func(t *testing.T) {
			event := events.APIGatewayProxyRequest{Resource: test.resource, Path: test.path,
				PathParameters: map[string]string{"environment": "production", "service": "dns"}}
			tail, err := call{event: event}.tail()
			if tail != test.want || (test.code != "" && !errors.Is(err, test.code)) || (test.code == "") != (err == nil) {
				t.Errorf("tail = %q, %v; want %q, %v", tail, err, test.want, test.code)
			}
		})
	}
}

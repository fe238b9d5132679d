package stack_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/httpapi"
)

// api is one REST API of a deployment.
type api struct {
	deployment
	id      string
	methods map[string]map[string]any // "GET /v1/keys" to the method's properties
}

func (d deployment) api(t *testing.T, name string) api {
	t.Helper()
	id, _ := d.service.named(t, "AWS::ApiGateway::RestApi", "Name", name)
	a := api{d, id, map[string]map[string]any{}}
	for _, method := range d.service.ids("AWS::ApiGateway::Method") {
		if properties := d.service.Resources[method].Properties; at(properties, "RestApiId", "Ref") == id {
			a.methods[properties["HttpMethod"].(string)+" "+a.path(properties["ResourceId"])] = properties
		}
	}
	return a
}

// path is where a resource is: / for the root.
func (a api) path(resource any) string {
	if at(resource, "Fn::GetAtt", 1) == "RootResourceId" {
		return "/"
	}
	properties := a.service.Resources[at(resource, "Ref").(string)].Properties
	return strings.TrimSuffix(a.path(properties["ParentId"]), "/") + "/" + properties["PathPart"].(string)
}

// all are this API's resources of a type.
func (a api) all(kind string) []map[string]any {
	var all []map[string]any
	for _, id := range a.service.ids(kind) {
		if properties := a.service.Resources[id].Properties; at(properties, "RestApiId", "Ref") == a.id {
			all = append(all, properties)
		}
	}
	return all
}

// made is an API and the tables that it is made from.
type made struct {
	api
	routes    []httpapi.Route
	mocks     []httpapi.Mock
	responses []httpapi.GatewayResponse
	keys      bool // its callers use keys alone
}

func apis(t *testing.T) map[string]made {
	return map[string]made{
		"admin":  {usual().api(t, "keyward-admin"), httpapi.Routes, httpapi.AdminMocks(), httpapi.AdminResponses(), false},
		"sample": {usual().api(t, "keyward-sample"), httpapi.SampleRoutes, httpapi.SampleMocks(), httpapi.ProtectedResponses(), true},
	}
}

// TestEveryRouteHasItsMethodAndNothingElseHas compares the methods with the table, both ways.
func TestEveryRouteHasItsMethodAndNothingElseHas(t *testing.T) {
	for name, api := range apis(t) {
		var want []string
		for _, row := range api.routes {
			want = append(want, row.Method+" "+row.Path)
		}
		for _, row := range api.mocks {
			want = append(want, row.Method+" "+row.Path)
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(api.methods))); diff != "" {
			t.Errorf("%s (-table +template):\n%s", name, diff)
		}
	}
}

// TestEveryRouteCallsItsFunctionThroughTheAuthorizer is the promise that no route is open by oversight: only those
// whose row says Anyone go without.
func TestEveryRouteCallsItsFunctionThroughTheAuthorizer(t *testing.T) {
	for name, api := range apis(t) {
		for _, row := range api.routes {
			method := api.methods[row.Method+" "+row.Path]
			function, _ := api.service.named(t, "AWS::Lambda::Function", "FunctionName", "keyward-"+row.Function)
			uri := "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${" + function + ".Arn}/invocations"
			if got := api.text(at(method, "Integration", "Uri")); got != uri || at(method, "Integration", "Type") != "AWS_PROXY" {
				t.Errorf("%s: %s %s calls %s", name, row.Method, row.Path, got)
			}
			if !api.mayCall(function) {
				t.Errorf("%s: the API may not call %s", name, row.Function)
			}
			want := "CUSTOM"
			if row.Caller == httpapi.Anyone {
				want = "NONE"
			}
			if method["AuthorizationType"] != want || (method["AuthorizerId"] != nil) != (want == "CUSTOM") {
				t.Errorf("%s: %s %s has authorization %v", name, row.Method, row.Path, method["AuthorizationType"])
			}
			if (method["ApiKeyRequired"] == true) != api.keys {
				t.Errorf("%s: %s %s has apiKeyRequired %v", name, row.Method, row.Path, method["ApiKeyRequired"])
			}
		}
	}
}

// mayCall reports whether the API has permission to call a function.
func (a api) mayCall(function string) bool {
	source := "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${" + a.id + "}/"
	return slices.ContainsFunc(a.service.ids("AWS::Lambda::Permission"), func(id string) bool {
		permission := a.service.Resources[id].Properties
		return a.text(permission["FunctionName"]) == "${"+function+".Arn}" &&
			permission["Principal"] == "apigateway.amazonaws.com" &&
			strings.HasPrefix(a.text(permission["SourceArn"]), source)
	})
}

// TestAuthorizersNeverCache guards counting and revocation: API Gateway's default, 300 seconds, would neither
// count nor see a revocation, and its default identity source would refuse all who send X-API-Key.
func TestAuthorizersNeverCache(t *testing.T) {
	for name, api := range apis(t) {
		authorizers := api.all("AWS::ApiGateway::Authorizer")
		if len(authorizers) != 1 {
			t.Fatalf("%s: %d authorizers, want 1", name, len(authorizers))
		}
		function, _ := api.service.named(t, "AWS::Lambda::Function", "FunctionName", "keyward-authorizer")
		got := authorizers[0]
		if ttl, set := got["AuthorizerResultTtlInSeconds"]; !set || ttl != 0.0 {
			t.Errorf("%s: results are cached for %v seconds, want 0, said explicitly", name, ttl)
		}
		if source := got["IdentitySource"]; source != nil && source != "" {
			t.Errorf("%s: identity source %v, want none", name, source)
		}
		if got["Type"] != "REQUEST" || !strings.Contains(fmt.Sprint(got["AuthorizerUri"]), function) || !api.mayCall(function) {
			t.Errorf("%s: authorizer %v", name, got)
		}
	}
}

// TestGatewayResponsesAreTheTable compares each answer that API Gateway gives by itself with its row.
func TestGatewayResponsesAreTheTable(t *testing.T) {
	for name, api := range apis(t) {
		got := map[string]httpapi.GatewayResponse{}
		for _, properties := range api.all("AWS::ApiGateway::GatewayResponse") {
			response := httpapi.GatewayResponse{
				Type:    properties["ResponseType"].(string),
				Headers: unprefixed(at(properties, "ResponseParameters"), "gatewayresponse.header."),
				Body:    at(properties, "ResponseTemplates", "application/json").(string),
			}
			if status := properties["StatusCode"]; status != nil {
				response.Status = must(strconv.Atoi(status.(string)))
			}
			got[response.Type] = response
		}
		want := map[string]httpapi.GatewayResponse{}
		for _, row := range api.responses {
			want[row.Type] = row
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-table +template):\n%s", name, diff)
		}
	}
}

// TestMocksAnswerAsTheTableSays compares each answer that needs no function with its row.
func TestMocksAnswerAsTheTableSays(t *testing.T) {
	for name, api := range apis(t) {
		for _, row := range api.mocks {
			method := api.methods[row.Method+" "+row.Path]
			answer := at(method, "Integration", "IntegrationResponses", 0)
			got := httpapi.MockResponse{
				Status:  must(strconv.Atoi(at(answer, "StatusCode").(string))),
				Headers: unprefixed(at(answer, "ResponseParameters"), "method.response.header."),
				Body:    at(answer, "ResponseTemplates", "application/json").(string),
			}
			if diff := cmp.Diff(row.Response, got); diff != "" {
				t.Errorf("%s: %s %s (-table +template):\n%s", name, row.Method, row.Path, diff)
			}
			if at(method, "MethodResponses", 0, "StatusCode") != at(answer, "StatusCode") || method["AuthorizationType"] != "NONE" {
				t.Errorf("%s: %s %s: method response %v", name, row.Method, row.Path, method["MethodResponses"])
			}
			for header := range at(answer, "ResponseParameters").(map[string]any) {
				if at(method, "MethodResponses", 0, "ResponseParameters", header) != true {
					t.Errorf("%s: %s %s never sends %s", name, row.Method, row.Path, header)
				}
			}
			want := fmt.Sprintf(`{"statusCode":%d}`, row.Response.Status)
			for _, mediaType := range []string{"application/json", "application/x-www-form-urlencoded", "text/plain"} {
				if template := at(method, "Integration", "RequestTemplates", mediaType); template != want {
					t.Errorf("%s: %s %s answers %s by %v", name, row.Method, row.Path, mediaType, template)
				}
			}
		}
	}
}

func unprefixed(parameters any, prefix string) map[string]string {
	headers := map[string]string{}
	for name, value := range parameters.(map[string]any) {
		headers[strings.TrimPrefix(name, prefix)] = value.(string)
	}
	return headers
}

// TestWrongMethodsAndPathsAnswerInTheEnvelope says in full what the tables come to.
func TestWrongMethodsAndPathsAnswerInTheEnvelope(t *testing.T) {
	answers := map[string]httpapi.MockResponse{}
	for _, row := range httpapi.AdminMocks() {
		answers[row.Method+" "+row.Path] = row.Response
	}
	headers := map[string]string{
		"X-Request-Id": "context.requestId", "X-RateLimit-Limit": "'0'", "X-RateLimit-Remaining": "'0'", "X-RateLimit-Reset": "'0'",
	}
	missing := httpapi.MockResponse{Status: 404, Headers: headers, Body: `{"status":"error","message":"Not found",` +
		`"error":"There is nothing at this path. Check its spelling.","code":"not_found","request_id":"$context.requestId"}`}
	allowing := func(allow string) httpapi.MockResponse {
		with := maps.Clone(headers)
		with["Allow"] = "'" + allow + "'"
		return httpapi.MockResponse{Status: 405, Headers: with, Body: `{"status":"error","message":"Method not allowed",` +
			`"error":"Use a method that this path takes: ` + allow + `.","code":"method_not_allowed","request_id":"$context.requestId"}`}
	}
	for at, want := range map[string]httpapi.MockResponse{
		"ANY /":                 missing,
		"ANY /{proxy+}":         missing,
		"ANY /v1":               missing,
		"ANY /v1/authorize":     missing,
		"ANY /v1/keys":          allowing("GET, POST"),
		"ANY /v1/keys/{key_id}": allowing("DELETE, GET, PATCH"),
		"ANY /v1/keys/verify":   allowing("POST"),
		"ANY /healthz":          allowing("GET"),
		"GET /healthz":          {Status: 200, Headers: headers, Body: `{"status":"ok"}`},
	} {
		if diff := cmp.Diff(want, answers[at]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", at, diff)
		}
	}
	if _, taken := answers["ANY /v1/authorize/{environment}/{service}"]; taken {
		t.Error("a mock stands where a route takes ANY")
	}
}

// TestTheAuthorizerIsExported is what stacks of other people's APIs import: see infra/protect.
func TestTheAuthorizerIsExported(t *testing.T) {
	for name, d := range map[string]deployment{"keyward": usual(), "other": optional()} {
		function, _ := d.service.named(t, "AWS::Lambda::Function", "FunctionName", name+"-authorizer")
		got := d.service.Outputs["AuthorizerArn"]
		if d.text(got.Value) != "${"+function+".Arn}" || got.Export.Name != name+"-AuthorizerArn" {
			t.Errorf("%s: AuthorizerArn is %v, exported as %v", name, got.Value, got.Export.Name)
		}
	}
}

package httpapi

import (
	"maps"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/fault"
)

// MockResponse is an answer that API Gateway gives at a path of ours without calling a function. CDK deploys it
// as a MOCK integration and the local gateway interprets it. Its headers and body are written as a
// GatewayResponse's, but can't use context.authorizer: nobody was authorized.
type MockResponse struct {
	Status  int
	Headers map[string]string
	Body    string
}

// Mock says at which method and path a MockResponse is given. A method of ANY gives way to any row, Mock or
// Route, that names the request's method.
type Mock struct {
	Method   string
	Path     string
	Response MockResponse
}

// AdminMocks are the answers that the admin API gives without a function: GET /healthz, and the Fallbacks.
func AdminMocks() []Mock { return adminMocks(Health()) }

// RefusingMocks are those of a deployment that refuses every request: its health says so.
func RefusingMocks() []Mock { return adminMocks(Refusing()) }

func adminMocks(answer MockResponse) []Mock {
	health := Mock{"GET", "/healthz", answer}
	return append(Fallbacks(append(slices.Clone(Routes), Route{Method: health.Method, Path: health.Path})), health)
}

// SampleMocks are the answers that the sample protected API gives without a function.
func SampleMocks() []Mock { return Fallbacks(SampleRoutes) }

// Fallbacks answer what no row of routes does: 405 at a path that has other methods, 404 everywhere else. A REST
// API has neither of its own. They are sorted by path, and the last one, /{proxy+}, is for every path not named.
func Fallbacks(routes []Route) []Mock {
	methods := methodsByPath(routes)
	var mocks []Mock
	for _, path := range slices.Sorted(maps.Keys(methods)) {
		switch {
		case slices.Contains(methods[path], "ANY"):
		case len(methods[path]) == 0:
			mocks = append(mocks, Mock{"ANY", path, NotFound()})
		default:
			mocks = append(mocks, Mock{"ANY", path, MethodNotAllowed(methods[path])})
		}
	}
	return append(mocks, Mock{"ANY", "/{proxy+}", NotFound()})
}

// methodsByPath has every path of routes and every path above one, down to /: in API Gateway each is a resource.
func methodsByPath(routes []Route) map[string][]string {
	methods := map[string][]string{"/": nil}
	for _, route := range routes {
		for i, c := range route.Path {
			if _, known := methods[route.Path[:i]]; c == '/' && i > 0 && !known {
				methods[route.Path[:i]] = nil
			}
		}
		methods[route.Path] = append(methods[route.Path], route.Method)
	}
	return methods
}

// Health is the answer of GET /healthz: without an envelope, since its readers are load balancers.
func Health() MockResponse {
	return MockResponse{Status: 200, Headers: NotFound().Headers, Body: `{"status":"ok"}`}
}

// Refusing is the answer of GET /healthz where the deployment refuses every request.
func Refusing() MockResponse {
	response := MockResponse{Status: 503, Headers: NotFound().Headers, Body: `{"status":"refusing"}`}
	response.Headers["Retry-After"] = "'60'"
	return response
}

// NotFound is the 404 of a path that the API does not have.
func NotFound() MockResponse {
	return plainMock(404, fault.ThingNotFound, "There is nothing at this path. Check its spelling.")
}

// MethodNotAllowed is the 405 of a path that has these methods and no other. Their order does not matter.
func MethodNotAllowed(methods []string) MockResponse {
	allow := strings.Join(slices.Sorted(slices.Values(methods)), ", ")
	response := plainMock(405, fault.WrongMethod, "Use a method that this path takes: "+allow+".")
	response.Headers["Allow"] = "'" + allow + "'"
	return response
}

func plainMock(status int, code fault.Code, text string) MockResponse {
	plain := plainResponse("", status, code, code.Title(), text)
	return MockResponse{plain.Status, plain.Headers, plain.Body}
}

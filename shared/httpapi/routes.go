package httpapi

import (
	"net/http"

	"github.com/keyward/keyward/shared/policy"
)

// Caller says who may call a route.
type Caller string

// The callers.
const (
	Anyone  Caller = "anyone"  // no authorizer stands in front
	Anybody Caller = "anybody" // a session token or a key
)

// Route is one row of the API: what API Gateway, the local gateway, the OpenAPI description and the IAM
// policies are made from.
type Route struct {
	Method     string // ANY for all
	Path       string // as API Gateway writes it: {name} is one segment, {name+} is the rest
	Function   string // the folder under functions/
	Caller     Caller
	Permission policy.Permission // empty: none is needed
}

// changes reports whether a request of the route changes something. What explain and verify do is counted by themselves.
func (r Route) changes() bool {
	return r.Method != http.MethodGet && r.Function != "verify" && r.Function != "explain"
}

// Routes are the admin API.
var Routes = []Route{
	{"POST", "/v1/keys", "create", Anybody, "keys:write"},
	{"POST", "/v1/keys/generate", "create", Anybody, "keys:write"},
	{"GET", "/v1/keys", "list", Anybody, "keys:read"},
	{"GET", "/v1/keys/{key_id}", "get", Anybody, "keys:read"},
	{"PATCH", "/v1/keys/{key_id}", "update", Anybody, "keys:write"},
	{"DELETE", "/v1/keys/{key_id}", "revoke", Anybody, "keys:write"},
	{"POST", "/v1/keys/{key_id}/disable", "update", Anybody, "keys:write"},
	{"POST", "/v1/keys/{key_id}/enable", "update", Anybody, "keys:write"},
	{"POST", "/v1/keys/{key_id}/regenerate", "regenerate", Anybody, "keys:write"},
	{"POST", "/v1/keys/{key_id}/explain", "explain", Anybody, "keys:read"},
	{"POST", "/v1/keys/verify", "verify", Anybody, "keys:verify"},
	{"GET", "/v1/account", "account", Anybody, ""},
	{"PATCH", "/v1/account", "account", Anybody, "account:write"},
	{"GET", "/v1/members", "members", Anybody, "members:read"},
	{"GET", "/v1/members/{id}", "members", Anybody, "members:read"},
	{"PUT", "/v1/members/{id}", "members", Anybody, "members:write"},
	{"DELETE", "/v1/members/{id}", "members", Anybody, "members:write"},
	{"GET", "/v1/roles", "roles", Anybody, "members:read"},
	{"GET", "/v1/roles/{name}", "roles", Anybody, "members:read"},
	{"PUT", "/v1/roles/{name}", "roles", Anybody, "members:write"},
	{"DELETE", "/v1/roles/{name}", "roles", Anybody, "members:write"},
	{"GET", "/v1/catalog", "catalog", Anybody, ""},
	{"GET", "/.well-known/jwks.json", "jwks", Anyone, ""},
	{"ANY", "/v1/authorize/{environment}/{service}", "verify", Anyone, ""},
	{"ANY", "/v1/authorize/{environment}/{service}/{path+}", "verify", Anyone, ""},
}

// SampleRoutes are the sample protected API: the service that SampleService names, one stage an environment.
var SampleRoutes = []Route{
	{"GET", "/zones", "sample", Anybody, ""},
	{"POST", "/zones", "sample", Anybody, ""},
}

// SampleService is the catalog's service that the sample protected API stands for.
const SampleService = "dns"

// The stage variables that tell the authorizer what it guards. They come from the deployment, never from a caller.
const (
	StageEnvironment = "keyward_environment"
	StageService     = "keyward_service"
	// StageForbiddenExit is the value of the stage's API Gateway API key. Where it is set, an authorizer's refusal with
	// 403 leaves through INVALID_API_KEY; see GatewayResponses.
	StageForbiddenExit = "keyward_forbidden_exit"
)

// Function is a Lambda function: a folder under functions/, and the only things it may do.
type Function struct {
	Name        string
	Description string
	Table       []string // the DynamoDB actions it may use on the table
	PublicKeys  bool     // of the table, it may use the public keys alone
	Index       []string // the DynamoDB actions it may use on the table's index
	Peppers     bool     // it hashes secrets, so it may read the peppers
	Signing     bool     // it signs keys in JWT format, so it may read the signing keys
	Keymaker    bool     // it makes the signing keys, so it may write them too
	Sessions    bool     // it is told of the identity provider
	NoCatalog   bool     // it uses nothing of the catalog, and does not load it
	Seconds     int      // its timeout
	MemoryMB    int
}

// Functions are all functions.
var Functions = []Function{
	{
		Name: "authorizer", Description: "Decides for API Gateway, AppSync and WebSockets whether a request may go on",
		Table:   []string{"GetItem", "BatchGetItem", "Query", "UpdateItem", "PutItem", "DeleteItem"},
		Peppers: true, Sessions: true, Seconds: 5, MemoryMB: 512,
	},
	{
		Name: "create", Description: "POST /v1/keys, POST /v1/keys/generate",
		Table:   []string{"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"},
		Peppers: true, Signing: true, Seconds: 10, MemoryMB: 256,
	},
	{
		Name: "list", Description: "GET /v1/keys",
		Table:   []string{"GetItem", "BatchGetItem", "Query"},
		Seconds: 10, MemoryMB: 256,
	},
	{
		Name: "get", Description: "GET /v1/keys/{key_id}",
		Table:   []string{"GetItem", "BatchGetItem"},
		Seconds: 10, MemoryMB: 256,
	},
	{
		Name: "update", Description: "PATCH /v1/keys/{key_id}, POST /v1/keys/{key_id}/disable, POST /v1/keys/{key_id}/enable",
		Table:   []string{"GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"},
		Seconds: 10, MemoryMB: 256,
	},
	{
		Name: "revoke", Description: "DELETE /v1/keys/{key_id}",
		Table:   []string{"GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"},
		Seconds: 10, MemoryMB: 256,
	},
	{
		Name: "regenerate", Description: "POST /v1/keys/{key_id}/regenerate",
		Table:   []string{"GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"},
		Peppers: true, Signing: true, Seconds: 10, MemoryMB: 256,
	},
	{
		Name: "explain", Description: "POST /v1/keys/{key_id}/explain",
		Table:   []string{"GetItem", "BatchGetItem", "UpdateItem"},
		Seconds: 10, MemoryMB: 256,
	},
	{
		Name: "verify", Description: "POST /v1/keys/verify, ANY /v1/authorize/{environment}/{service}",
		Table:   []string{"GetItem", "BatchGetItem", "Query", "UpdateItem"},
		Peppers: true, Seconds: 5, MemoryMB: 512,
	},
	{
		Name: "account", Description: "GET and PATCH /v1/account",
		Table:   []string{"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"},
		Seconds: 29, MemoryMB: 256,
	},
	{
		Name: "members", Description: "GET /v1/members, GET, PUT and DELETE /v1/members/{id}",
		Table:    []string{"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"},
		Sessions: true, Seconds: 10, MemoryMB: 256,
	},
	{
		Name: "roles", Description: "GET /v1/roles, GET, PUT and DELETE /v1/roles/{name}",
		Table:   []string{"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"},
		Seconds: 29, MemoryMB: 256,
	},
	{
		Name: "catalog", Description: "GET /v1/catalog",
		Table:   []string{"GetItem"},
		Seconds: 5, MemoryMB: 128,
	},
	{
		Name: "jwks", Description: "GET /.well-known/jwks.json",
		Table:      []string{"Query"},
		PublicKeys: true, NoCatalog: true, Seconds: 5, MemoryMB: 128,
	},
	{
		Name: "cleanup", Description: "Scheduled: finishes changes that were cut off, marks expired keys, deletes ended ones, lets keys follow their account's tier",
		Table: []string{"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"},
		Index: []string{"Query"}, Seconds: 300, MemoryMB: 256,
	},
	{
		Name: "retier", Description: "Invoked by an operator: applies the catalog's tiers to existing keys",
		Table:   []string{"Scan", "GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"},
		Seconds: 300, MemoryMB: 256,
	},
	{
		Name: "replay", Description: "Invoked by an operator: applies restrictions again to a table that was restored to an earlier time",
		Table:   []string{"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"},
		Seconds: 300, MemoryMB: 256,
	},
	{
		Name: "signingkeys", Description: "Makes and changes the keys that sign keys in JWT format",
		Table:      []string{"Query", "UpdateItem", "DeleteItem"},
		PublicKeys: true, Keymaker: true, NoCatalog: true, Seconds: 30, MemoryMB: 128,
	},
	{
		Name: "sample", Description: "The sample protected API: echoes the principal that the authorizer passed on",
		NoCatalog: true, Seconds: 5, MemoryMB: 128,
	},
}

// FunctionOf is the row of the function of that name.
func FunctionOf(name string) (Function, bool) {
	for _, function := range Functions {
		if function.Name == name {
			return function, true
		}
	}
	return Function{}, false
}

// Package house puts the deployment together on one machine: both APIs with their stages, the functions behind them,
// the authorizer in front of them, and the schedule.
package house

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/keyward/keyward/infra/local/gateway"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
)

// House is keyward on one machine.
type House struct {
	rooms   []room
	admin   http.Handler
	cleanup func(context.Context)
}

// room is a handler for the paths under a prefix.
type room struct {
	prefix  string
	handler http.Handler
}

// samplePath is where the sample protected API is, a stage for each environment behind it.
const samplePath = "/sample/"

// forbiddenExit is the value of the sample API's API Gateway API key: see httpapi.StageForbiddenExit.
const forbiddenExit = "the-sample-stage-of-this-machine"

// New builds the house from the same parts as the functions on AWS. identities answers under /oidc/.
func New(parts wire.Parts, identities http.Handler) (*House, error) {
	authorizer, err := parts.Authorizer()
	if err != nil {
		return nil, err
	}
	functions := functionsOf(parts)
	house := &House{
		rooms:   []room{{"/oidc", http.StripPrefix("/oidc", identities)}},
		admin:   gateway.New(adminAPI(), authorizer.REST, functions),
		cleanup: cleanupOf(parts),
	}
	for _, environment := range apikey.Environments {
		sample := sampleAPI(environment)
		house.rooms = append(house.rooms, room{sample.Prefix, gateway.New(sample, authorizer.REST, functions)})
	}
	return house, nil
}

// ServeHTTP answers a request to any of the APIs. Its path is passed on as it came: nothing is cleaned or redirected,
// since API Gateway does neither.
func (h *House) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, room := range h.rooms {
		rest, found := strings.CutPrefix(r.URL.EscapedPath(), room.prefix)
		if found && (rest == "" || rest[0] == '/') {
			room.handler.ServeHTTP(w, r)
			return
		}
	}
	h.admin.ServeHTTP(w, r)
}

func adminAPI() gateway.API {
	return gateway.API{
		Stage:          "local",
		StageVariables: map[string]string{httpapi.StageService: httpapi.AdminService},
		Routes:         httpapi.Routes,
		Mocks:          httpapi.AdminMocks(),
		Responses:      httpapi.AdminResponses(),
	}
}

func sampleAPI(environment apikey.Environment) gateway.API {
	return gateway.API{
		Prefix: samplePath + string(environment),
		Stage:  string(environment),
		StageVariables: map[string]string{
			httpapi.StageEnvironment:   string(environment),
			httpapi.StageService:       httpapi.SampleService,
			httpapi.StageForbiddenExit: forbiddenExit,
		},
		Routes:    httpapi.SampleRoutes,
		Mocks:     httpapi.SampleMocks(),
		Responses: httpapi.ProtectedResponses(),
		APIKey:    forbiddenExit,
	}
}

// functionsOf builds every function that a route names.
func functionsOf(parts wire.Parts) map[string]gateway.Function {
	handlers := map[string]httpapi.Handler{
		"create":     parts.Create(),
		"list":       parts.List(),
		"get":        parts.Get(),
		"update":     parts.Update(),
		"revoke":     parts.Revoke(),
		"regenerate": parts.Regenerate(),
		"explain":    parts.Explain(),
		"verify":     parts.Verify(),
		"account":    parts.Account(),
		"members":    parts.Members(),
		"roles":      parts.Roles(),
		"catalog":    parts.Catalog(),
		"jwks":       parts.JWKS(),
		"sample":     parts.Sample(),
	}
	functions := map[string]gateway.Function{}
	for name, handler := range handlers {
		row, _ := httpapi.FunctionOf(name)
		functions[name] = gateway.Function{Handler: handler, Timeout: time.Duration(row.Seconds) * time.Second}
	}
	return functions
}

// EnsureSigningKeys makes the keys that sign keys in JWT format, where there are none yet. Nothing here waits for verifiers
// to notice a new one: those of this machine read the public keys anew when they meet it.
func EnsureSigningKeys(ctx context.Context, parts wire.Parts) error {
	custodian := parts.SigningKeys()
	custodian.Notice = 0
	_, err := custodian.Ensure(ctx)
	return err
}

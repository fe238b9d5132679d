package httpapi

import (
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// askedJSON describes a request that a key is asked about. An absent service, path or permission is not checked.
type askedJSON struct {
	Environment apikey.Environment `json:"environment"`
	Service     string             `json:"service"`
	Method      string             `json:"method"`
	Path        string             `json:"path"`
	Permission  string             `json:"permission"`
	Customer    string             `json:"customer"`
	Account     string             `json:"account"`
	IP          string             `json:"ip"`
}

// request is what in describes. A key asks about its own environment unless it says otherwise, a member about production.
func (in askedJSON) request(call call, catalog *policy.Catalog) (authorize.Request, error) {
	request := authorize.Request{
		Environment:   in.environment(call),
		Organizations: []org.ID{call.principal.organization()},
		Service:       catalog.Service(in.Service),
		Method:        strings.ToUpper(in.Method),
		Path:          in.Path,
		Permission:    policy.Permission(in.Permission),
		Customer:      in.Customer,
		Account:       in.Account,
	}
	if in.IP != "" {
		request.Address = parseAddress(in.IP)
	}
	return request, in.validate(request)
}

func (in askedJSON) environment(call call) apikey.Environment {
	switch {
	case in.Environment != "":
		return in.Environment
	case call.principal.isKey():
		return call.principal.environment()
	default:
		return apikey.Production
	}
}

func (in askedJSON) validate(request authorize.Request) error {
	switch {
	case !request.Environment.Valid():
		return fault.InvalidField("environment", "environment must be one of production, staging, development, test, not %q.", in.Environment)
	case in.Service != "" && request.Service == nil:
		return fault.InvalidField("service", "service %q is not one of the catalog.", in.Service)
	case (in.Path == "") != (in.Method == ""):
		return fault.InvalidField("path", "Send method and path together, or neither.")
	case in.Path != "" && in.Service == "":
		return fault.InvalidField("service", "service is needed with method and path: it says which routes there are.")
	case in.IP != "" && !request.Address.IsValid():
		return fault.InvalidField("ip", "ip must be an IPv4 or IPv6 address.")
	}
	if _, ok := policy.ParsePermission(in.Permission); in.Permission != "" && !ok {
		return fault.InvalidField("permission", "permission must be resource:action, such as dns:write, not %q.", in.Permission)
	}
	return nil
}

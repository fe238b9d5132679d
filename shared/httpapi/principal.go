package httpapi

import (
	"net/netip"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

// Principal is who a request comes from, as the authorizer passed it on.
type Principal struct {
	context map[string]any
}

func principalOf(context map[string]any) Principal { return Principal{context} }

func (p Principal) value(name string) string {
	text, _ := p.context[name].(string)
	return text
}

// admitted is nil where the authorizer allowed the request; otherwise the fault that it named. A request that no
// authorizer saw is unauthorized.
func (p Principal) admitted() error {
	switch code := p.value(ContextCode); code {
	case string(apikey.Allowed):
		return nil
	case "":
		return fault.New(fault.Unauthorized, AdminUnauthorized)
	default:
		return fault.New(fault.Code(code), "%s", p.value(ContextError))
	}
}

// isKey reports whether a key makes the request: whoever is not said to be a member. A key that is not known is nobody, and
// a member who is not would be the owner of whatever key it was.
func (p Principal) isKey() bool { return p.value(ContextPrincipal) != principalMember }

func (p Principal) organization() org.ID { return org.ID(p.value(ContextOrganization)) }

func (p Principal) environment() apikey.Environment {
	return apikey.Environment(p.value(ContextEnvironment))
}

// caller is the principal as the services know it.
func (p Principal) caller(address netip.Addr) keys.Caller {
	caller := keys.Caller{
		Organization: p.organization(),
		Identity:     org.Identity{Issuer: p.value(ContextIssuer), Subject: p.value(ContextOwner)},
		Roles:        strings.Fields(p.value(ContextRoles)),
		Operator:     p.value(ContextOperator) == "true",
		Address:      address,
	}
	if p.isKey() {
		var known bool
		if caller.Key, known = apikey.ParseID(p.value(ContextKeyID)); !known {
			caller.Key = "?" // a key all the same, and one that does not exist: never the member who owns it
		}
		caller.Secret = strings.Fields(p.value(ContextSecret))
	}
	return caller
}

// limitHeaders are the principal's windows as the authorizer counted them; 0 where nobody is known.
func (p Principal) limitHeaders() map[string]string {
	headers := limitHeaders(nil, time.Time{})
	for _, mapping := range limitContext {
		if value := p.value(mapping.context); value != "" {
			headers[mapping.header] = value
		}
	}
	return headers
}

// limitContext says which value of the authorizer's context each header has.
var limitContext = [...]struct{ header, context string }{
	{headerLimit, ContextLimit},
	{headerRemaining, ContextRemaining},
	{headerReset, ContextReset},
	{headerPolicy, ContextPolicy},
	{headerRateLimit, ContextRateLimit},
}

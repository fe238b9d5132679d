package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/session"
)

// AdminService is the catalog's service that keyward's own API is.
const AdminService = policy.OwnService

// headerOrganization names the organization that a member's request is about.
const headerOrganization = "X-Organization"

// judgeAdmin decides about a request to keyward's own API: by a member's session token or by a key.
func (a *Authorizer) judgeAdmin(ctx context.Context, request guarded) verdict {
	route, found := routeOf(request.method, request.resource)
	switch {
	case !found:
		return undecided()
	case !session.LooksLikeToken(request.credential.Text) || a.Keys.Tokens != nil && a.Keys.Tokens.Ours(request.credential.Text):
		return a.judgeKey(ctx, request, route)
	case request.credential.InX:
		return unauthorized(apikey.CredentialMalformed)
	default:
		return a.judgeMember(ctx, request, route)
	}
}

func (a *Authorizer) judgeMember(ctx context.Context, request guarded, route Route) verdict {
	if a.Sessions == nil {
		return unauthorized(apikey.CredentialMalformed)
	}
	principal, err := a.Sessions.Authenticate(ctx, request.credential.Text, request.named, request.address)
	if err != nil {
		return a.faultVerdict(ctx, request, principal, fault.From(err))
	}
	member := principal.Identity.Hash()
	if principal.Full != nil {
		answer := limited(apikey.RateLimited, *principal.Full, principal.States, a.Now())
		answer.member = member
		return answer
	}
	answer := allowed(principal.States, a.Now())
	answer.member = member
	answer.context[ContextPrincipal] = principalMember
	answer.context[ContextOwner] = principal.Identity.Subject
	answer.context[ContextIssuer] = principal.Identity.Issuer
	answer.context[ContextOrganization] = string(principal.Organization)
	answer.context[ContextRoles] = strings.Join(principal.Member.Roles, " ")
	if principal.Operator {
		answer.context[ContextOperator] = "true"
	}
	if route.Permission != "" && !a.Catalog.MemberHolding(principal.Member.Roles, principal.Roles).Grants(route.Permission) {
		return answer.refuse(fault.New(fault.PermissionDenied,
			"This request needs %s, which none of your roles has. Ask an Admin of the organization.", route.Permission))
	}
	return answer
}

// judgeKey decides about a key that calls keyward itself. It is checked by a consistent read and not counted among the
// key's requests; what changes something counts against the limit that a session has.
func (a *Authorizer) judgeKey(ctx context.Context, request guarded, route Route) verdict {
	decision, err := a.Keys.Check(ctx, authorize.Request{
		Credential:     request.credential.Text,
		AnyEnvironment: true,
		Organizations:  a.Catalog.Service(AdminService).Organizations.Admitted(),
		Service:        a.Catalog.Service(AdminService),
		Permission:     route.Permission,
		Address:        request.address,
	})
	if err != nil {
		a.Log.ErrorContext(ctx, "could not decide", "request_id", request.requestID, "error", err)
		return undecided()
	}
	answer := keyVerdict(decision, request.address, a.Now())
	switch {
	case answer.status == http.StatusForbidden:
		return answer.soften()
	case answer.status == http.StatusOK:
		answer.context[ContextSecret] = fingerprintsOf(decision.Shown)
	}
	if answer.status != http.StatusOK || !route.changes() {
		return answer
	}
	return a.countChange(ctx, request, decision, answer)
}

// countChange takes one request from the session's minute that a key has for changing things.
func (a *Authorizer) countChange(ctx context.Context, request guarded, decision policy.Decision, answer verdict) verdict {
	counted, err := countKey(ctx, a.Counters, a.Catalog, decision.Record.ID, a.Now())
	switch {
	case err != nil:
		a.Log.ErrorContext(ctx, "could not decide", "request_id", request.requestID, "error", err)
		return undecided()
	case !counted.spent:
		return limited(apikey.RateLimited, counted.minute, counted.states, a.Now())
	default:
		return answer.withLimits(counted.states, a.Now())
	}
}

func fingerprintsOf(digests []apikey.Digest) string {
	names := make([]string, len(digests))
	for i, digest := range digests {
		names[i] = digest.Fingerprint()
	}
	return strings.Join(names, " ")
}

// faultVerdict turns a refused sign-in into its exit.
func (a *Authorizer) faultVerdict(ctx context.Context, request guarded, principal session.Principal, refused *fault.Error) verdict {
	switch refused.Code.Kind() {
	case fault.Unauthenticated:
		a.Log.InfoContext(ctx, "session refused", "request_id", request.requestID, "error", ownWords(refused.Error()))
		return unauthorized(apikey.Reason(refused.Code))
	case fault.Forbidden:
		return allowed(principal.States, a.Now()).refuse(refused)
	default:
		a.Log.ErrorContext(ctx, "could not decide", "request_id", request.requestID, "error", refused)
		return undecided()
	}
}

// ownWords is the beginning of an error's text up to the first quotation: that is a library's, and what follows may be
// the caller's.
func ownWords(text string) string {
	if at := strings.IndexAny(text, "\"'`"); at >= 0 {
		text = text[:at] + "..."
	}
	return text[:min(len(text), 300)]
}

func routeOf(method, resource string) (Route, bool) {
	for _, route := range Routes {
		if route.Path == resource && (route.Method == method || route.Method == anyMethod) {
			return route, true
		}
	}
	return Route{}, false
}

const anyMethod = "ANY"

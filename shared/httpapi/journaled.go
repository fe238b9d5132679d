package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/journal"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// entry is what the journal says of a decision: names of the catalog and of the table of routes, never what the caller
// wrote in their place.
func (a *Authorizer) entry(request guarded, answer verdict, took time.Duration) journal.Entry {
	entry := journal.Entry{
		Kind:      journal.Decision,
		RequestID: request.requestID,
		Surface:   request.surface,
		Code:      string(answer.code),
		Status:    answer.meant(),
		Member:    answer.member,
		Method:    journal.Method(request.method),
		Address:   request.address,
		Took:      took,
	}
	if request.environment.Valid() {
		entry.Environment = string(request.environment)
	}
	if service := a.Catalog.Service(request.service); service != nil {
		entry.Service = service.ID
		entry.Resource = service.Pattern(request.method, request.path)
	}
	if request.service == AdminService {
		entry.Resource = routePattern(request.method, request.resource)
	}
	about(&entry, answer.about)
	if organization, ok := answer.context[ContextOrganization].(string); ok && answer.about == nil {
		entry.Organization = organization
	}
	return entry
}

// meant is the status that the caller gets in the end: a soft refusal leaves the gateway as an allow.
func (v verdict) meant() int {
	if v.status == http.StatusOK && v.code != apikey.Allowed {
		return statusOfKind[fault.Code(v.code).Kind()]
	}
	return v.status
}

// routePattern is the path of the route of that method and resource; empty where there is none.
func routePattern(method, resource string) string {
	route, _ := routeOf(method, resource)
	return route.Path
}

// asked is the journal's entry of a decision that an endpoint makes about request. What it comes to is added by cameTo.
func asked(surface journal.Surface, request authorize.Request) *journal.Entry {
	entry := &journal.Entry{Kind: journal.Decision, Surface: surface, Method: journal.Method(request.Method), Address: request.Address}
	if request.Environment.Valid() {
		entry.Environment = string(request.Environment)
	}
	if request.Service != nil {
		entry.Service = request.Service.ID
		entry.Resource = request.Service.Pattern(request.Method, request.Path)
	}
	return entry
}

// cameTo is asked with what it came to.
func cameTo(entry *journal.Entry, decision policy.Decision) *journal.Entry {
	entry.Code, entry.Status = string(decision.Reason), statusOf(decision.Reason)
	about(entry, decision.Record)
	return entry
}

// about says which key an entry is about; nil: none is known.
func about(entry *journal.Entry, record *apikey.Record) {
	if record != nil {
		entry.KeyID, entry.Organization = record.ID.String(), string(record.Organization)
	}
}

// write writes the entry of a request that was answered: of the decision that it asked for, or else of itself.
func (e Edge) write(ctx context.Context, call call, decision *journal.Entry, code string, status int, took time.Duration) {
	entry := journal.Entry{
		Kind: journal.Request, Code: code, Status: status,
		Organization: string(call.principal.organization()),
		Method:       journal.Method(call.event.HTTPMethod),
		Resource:     call.resource(),
		Address:      call.address(),
	}
	entry.KeyID, entry.Member = call.principal.names()
	if decision != nil {
		decision.By = call.principal.named()
		if decision.Code == "" { // it could not be made
			decision.Code, decision.Status = code, status
		}
		entry = *decision
	}
	entry.RequestID, entry.Took = call.requestID(), took
	e.Journal.Write(ctx, entry)
}

// ran writes the entry of a run of that function, which came to err.
func (e Edge) ran(ctx context.Context, function string, err error, start time.Time) {
	entry := journal.Entry{Kind: journal.Run, Code: journal.Done, Resource: function, Took: time.Since(start)}
	if err != nil {
		entry.Code = string(fault.From(err).Code)
	}
	e.Journal.Write(ctx, entry)
}

// resource is the route's path; empty where no route of ours has it.
func (c call) resource() string {
	if pattern := routePattern(c.event.HTTPMethod, c.event.Resource); pattern != "" {
		return pattern
	}
	for _, route := range SampleRoutes {
		if route.Path == c.event.Resource {
			return route.Path
		}
	}
	return ""
}

// names are the key that makes the request, or the member; both are empty where nobody is known.
func (p Principal) names() (keyID, member string) {
	switch {
	case p.value(ContextPrincipal) == "":
		return "", ""
	case p.isKey():
		id, _ := apikey.ParseID(p.value(ContextKeyID))
		return id.String(), ""
	default:
		return "", org.Identity{Issuer: p.value(ContextIssuer), Subject: p.value(ContextOwner)}.Hash()
	}
}

// named is whoever makes the request, as one text.
func (p Principal) named() string {
	switch keyID, member := p.names(); {
	case keyID != "":
		return "key:" + keyID
	case member != "":
		return "member:" + member
	default:
		return ""
	}
}

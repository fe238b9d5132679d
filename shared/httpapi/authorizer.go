package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/journal"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/session"
)

// Authorizer decides for API Gateway whether a request may go on. What it guards (an environment of a service)
// comes from stage variables, never from the caller; a stage that does not say is refused.
type Authorizer struct {
	Keys     *authorize.Service
	Sessions *session.Service // who signs in to the admin API; nil: nobody
	Counters org.Sessions     // of what keys change by the admin API
	Catalog  *policy.Catalog
	AppSync  map[string]AppSyncAPI // what each AppSync API stands for, by API id
	Now      func() time.Time
	Log      *slog.Logger
	Journal  *journal.Journal // of decisions; nil: none
}

// errUnauthorized makes API Gateway answer 401. It must be exactly this text, and unwrapped.
var errUnauthorized = errors.New("Unauthorized") //nolint:staticcheck // AWS's own spelling

// errUndecided makes API Gateway answer through AUTHORIZER_FAILURE, which gateway responses turn into a 503.
var errUndecided = errors.New("keyward could not decide")

// guarded is a request to decide about, whatever shape its event had.
type guarded struct {
	surface     journal.Surface
	environment apikey.Environment
	service     string
	credential  Credential
	method      string
	path        string
	resource    string            // the route's path pattern
	permission  policy.Permission // needed beside the route's; empty: none
	query       policy.Values
	header      policy.Values
	address     netip.Addr
	named       org.ID // the organization that a member's request names in X-Organization; empty: none
	requestID   string
}

// REST answers a REST API's REQUEST authorizer.
func (a *Authorizer) REST(ctx context.Context, event events.APIGatewayCustomAuthorizerRequestTypeRequest) (events.APIGatewayCustomAuthorizerResponse, error) {
	headers := headersOf(event.Headers, event.MultiValueHeaders)
	answer := a.decide(ctx, guarded{
		surface:     journal.REST,
		environment: apikey.Environment(event.StageVariables[StageEnvironment]),
		service:     event.StageVariables[StageService],
		credential:  ReadCredential(headers),
		method:      event.HTTPMethod,
		path:        event.Path,
		resource:    event.Resource,
		query:       valuesOf(event.QueryStringParameters, event.MultiValueQueryStringParameters),
		header:      policy.Values(headers),
		address:     parseAddress(event.RequestContext.Identity.SourceIP),
		named:       org.ID(headers.Get(headerOrganization)),
		requestID:   event.RequestContext.RequestID,
	})
	return answer.policy(event.MethodArn, event.StageVariables[StageForbiddenExit])
}

// decide decides, and writes the decision into the journal.
func (a *Authorizer) decide(ctx context.Context, request guarded) verdict {
	start := time.Now()
	request.requestID = journal.RequestID(request.requestID)
	answer := a.survive(ctx, request)
	a.Journal.Write(ctx, a.entry(request, answer, time.Since(start)))
	return answer
}

// survive judges. A panic decides nothing, which lets nobody in, and the process goes on.
func (a *Authorizer) survive(ctx context.Context, request guarded) (answer verdict) {
	defer func() {
		if cause := recover(); cause != nil {
			a.Log.ErrorContext(ctx, "could not decide", "request_id", request.requestID, "error", fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
			answer = undecided()
		}
	}()
	return a.judge(ctx, request)
}

func (a *Authorizer) judge(ctx context.Context, request guarded) verdict {
	switch {
	case request.credential.Malformed:
		return unauthorized(apikey.CredentialMalformed)
	case request.credential.Text == "":
		return unauthorized(apikey.CredentialMissing)
	case request.service == AdminService:
		return a.judgeAdmin(ctx, request)
	default:
		return a.judgeProtected(ctx, request)
	}
}

// judgeProtected decides about a request to a protected API. Those take keys alone.
func (a *Authorizer) judgeProtected(ctx context.Context, request guarded) verdict {
	service := a.Catalog.Service(request.service)
	unasked := request.path == "" && request.permission == ""
	if service == nil || !request.environment.Valid() || unasked {
		a.Log.ErrorContext(ctx, "the API does not say which environment and which service of the catalog it is, or what is asked for",
			StageEnvironment, request.environment, StageService, request.service)
		return undecided()
	}
	decision, err := a.Keys.Authorize(ctx, authorize.Request{
		Credential:    request.credential.Text,
		Environment:   request.environment,
		Organizations: service.Organizations.Admitted(),
		Service:       service,
		Method:        request.method,
		Path:          request.path,
		Permission:    request.permission,
		Query:         request.query,
		Header:        request.header,
		Address:       request.address,
	})
	if err != nil {
		a.Log.ErrorContext(ctx, "could not decide", "request_id", request.requestID, "error", err)
		return undecided()
	}
	return keyVerdict(decision, request.address, a.Now())
}

// valuesOf are the parameters of a query string, as an event has them: decoded, and of the second map where the event has
// that, since the first has one value of each name alone.
func valuesOf(single map[string]string, multi map[string][]string) policy.Values {
	if multi != nil {
		return multi
	}
	values := make(policy.Values, len(single))
	for name, value := range single {
		values[name] = []string{value}
	}
	return values
}

// parseAddress reads an address; an IPv4 one inside IPv6 is that IPv4 one. The zero Addr is given for anything else, and
// for an address with a zone: that means something on the machine that wrote it alone, and may be text of any length.
func parseAddress(text string) netip.Addr {
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return netip.Addr{}
	}
	return address.Unmap()
}

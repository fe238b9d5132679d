package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/ratelimit"
)

// Explainer tells why a key may do something or not. It counts against the caller.
type Explainer struct {
	Keys     *authorize.Service
	Desk     grant.Desk
	Sessions org.Sessions
	Names    apikey.Namer
	Catalog  *policy.Catalog
}

// checkJSON is one check of a decision: named by the code that a request gets where it fails.
type checkJSON struct {
	Check  string `json:"check"`
	Result string `json:"result"` // passed, failed or skipped
	Reason string `json:"reason"`
}

// explainedJSON is the answer of verify with every check that it is made of.
type explainedJSON struct {
	verifiedJSON `json:",inline"`
	Checks       []checkJSON `json:"checks"`
}

// explainPermission is what a caller of verify needs beside keys:verify to have it explained.
const explainPermission policy.Permission = "keys:read"

// explainVerify is verify with explain: it spends nothing of the key that it is about.
func (e Edge) explainVerify(ctx context.Context, explainer Explainer, call call, request authorize.Request) (reply, error) {
	principal, err := explainer.Desk.Principal(ctx, call.caller())
	if err != nil {
		return reply{}, err
	}
	if !principal.Holding.Grants(explainPermission) {
		return reply{}, fault.New(fault.PermissionDenied, "explain needs %s, which you do not have. Leave explain out, or ask an Admin.", explainPermission)
	}
	headers, err := e.countExplain(ctx, explainer, call)
	if err != nil {
		return reply{headers: headers}, err
	}
	var explanation policy.Explanation
	if call.principal.isKey() && request.Environment != call.principal.environment() {
		explanation.Reason = apikey.WrongEnvironment
		explanation.Checks = []policy.Check{{Reason: apikey.WrongEnvironment, Result: policy.Failed}}
	} else if explanation, err = explainer.Keys.Explain(ctx, request); err != nil {
		return reply{headers: headers}, err
	}
	out := e.explained(ctx, explainer, explanation, request)
	return reply{status: http.StatusOK, message: verifiedMessage, data: out, headers: headers}, nil
}

// Explain is POST /v1/keys/{key_id}/explain: what would become of a request that is described, with no secret at hand.
func (e Edge) Explain(explainer Explainer) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		id, err := call.keyID()
		if err != nil {
			return reply{}, err
		}
		in, err := optionalBody[askedJSON](call)
		if err != nil {
			return reply{}, err
		}
		request, err := in.request(call, explainer.Catalog)
		if err != nil {
			return reply{}, err
		}
		request.AnyEnvironment = in.Environment == ""
		headers, err := e.countExplain(ctx, explainer, call)
		if err != nil {
			return reply{headers: headers}, err
		}
		explanation, err := explainer.Keys.ExplainKey(ctx, id, request)
		if err == nil && call.principal.isKey() && explanation.Record.Environment != call.principal.environment() {
			err = apikey.NotFound()
		}
		if err != nil {
			return reply{headers: headers}, err
		}
		out := e.explained(ctx, explainer, explanation, request)
		return reply{status: http.StatusOK, message: "Decision explained successfully", data: out, headers: headers}, nil
	})
}

// countExplain takes one request from a session's minute: the authorizer has done so for a member; a key, whose calls
// of keyward are not counted otherwise, has the same limit here.
func (e Edge) countExplain(ctx context.Context, explainer Explainer, call call) (map[string]string, error) {
	if !call.principal.isKey() {
		return call.principal.limitHeaders(), nil
	}
	now := e.Now()
	counted, err := countKey(ctx, explainer.Sessions, explainer.Catalog, call.caller().Key, now)
	if err != nil {
		return nil, err
	}
	headers := limitHeaders(counted.states, now)
	if !counted.spent {
		text, _ := limitText(counted.minute, counted.states, now)
		return headers, &fault.Error{Code: fault.RateLimited, Detail: text, RetryAfter: counted.minute.End().Sub(now)}
	}
	return headers, nil
}

// counted is a request of a key that was counted as a session's is.
type counted struct {
	spent  bool
	minute ratelimit.Window
	states []ratelimit.State
}

// countKey takes one request from the minute that a key has for what is not counted among its own requests: as many as a
// session has.
func countKey(ctx context.Context, counters org.Sessions, catalog *policy.Catalog, id apikey.ID, now time.Time) (counted, error) {
	limits := ratelimit.Limits{PerMinute: catalog.Sessions.RequestsPerMinute}
	counts, spent, err := counters.SpendSession(ctx, org.Identity{Issuer: "key", Subject: id.String()}, limits.PerMinute, now)
	if err != nil {
		return counted{}, fault.Outage("counting a key's call", err)
	}
	return counted{spent, ratelimit.At(ratelimit.Minute, now), counts.States(limits, now)}, nil
}

func (e Edge) explained(ctx context.Context, explainer Explainer, explanation policy.Explanation, request authorize.Request) explainedJSON {
	now := e.Now()
	out := explainedJSON{verifiedOf(explanation.Decision, request, now), make([]checkJSON, len(explanation.Checks))}
	if record := explanation.Record; record != nil {
		out.Name = e.readName(ctx, explainer.Names, record.Organization, record.ID)
	}
	for i, check := range explanation.Checks {
		out.Checks[i] = checkJSON{string(check.Reason), string(check.Result), checkText(check, explanation, request, now)}
	}
	return out
}

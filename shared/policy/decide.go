package policy

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/ratelimit"
)

// Request is what a decision is about, beside the secret. An empty Service, Path or Permission is not checked.
type Request struct {
	Service    *Service
	Method     string
	Path       string
	Permission Permission
}

// Decision is the outcome of one authorization.
type Decision struct {
	Reason  apikey.Reason
	Record  *apikey.Record    // after the spend; nil unless the secret matched
	Missing Permission        // what permission_denied lacked; empty where no route asks for the path
	Full    ratelimit.Window  // the window that refused, for rate_limited and quota_exceeded
	States  []ratelimit.State // the minute first; empty unless the secret matched
}

// Allowed reports whether the request may go on.
func (d Decision) Allowed() bool { return d.Reason == apikey.Allowed }

// Decide says what becomes of a request whose spend had that outcome. It reports false where the outcome can't
// be explained: the store refused, and the record shows no reason. Then another write came between, and
// the spend is to be tried again.
func (c *Catalog) Decide(spend apikey.Spend, outcome apikey.Outcome, request Request) (Decision, bool) {
	if outcome.Spent {
		return c.decideSpent(spend.At, outcome.Record, request), true
	}
	if outcome.Record == nil {
		return Decision{Reason: apikey.KeyUnknown}, true
	}
	reason := outcome.Record.Refuses(spend)
	switch reason {
	case apikey.Allowed:
		return Decision{}, false
	case apikey.KeyUnknown:
		return Decision{Reason: reason}, true
	}
	decision := decisionAbout(outcome.Record, spend.At, reason)
	if reason == apikey.RateLimited || reason == apikey.QuotaExceeded {
		decision.Full, _ = outcome.Record.Counts.Full(outcome.Record.Limits, spend.At)
	}
	return decision, true
}

// DecideUncounted says what becomes of a request that is not counted, from the key's record as it is; nil
// where there is none. Limits are not looked at.
func (c *Catalog) DecideUncounted(spend apikey.Spend, record *apikey.Record, request Request) Decision {
	if record == nil {
		return Decision{Reason: apikey.KeyUnknown}
	}
	switch reason := record.Refuses(spend); reason {
	case apikey.Allowed, apikey.RateLimited, apikey.QuotaExceeded:
		return c.decideSpent(spend.At, record, request)
	case apikey.KeyUnknown:
		return Decision{Reason: reason}
	default:
		return decisionAbout(record, spend.At, reason)
	}
}

// decideSpent decides what only the record after the spend can tell: what the key may do.
func (c *Catalog) decideSpent(now time.Time, record *apikey.Record, request Request) Decision {
	decision := decisionAbout(record, now, apikey.Allowed)
	for _, needed := range c.needed(request) {
		if needed == "" || !c.Grants(record.Roles, record.Permissions, needed) {
			decision.Reason, decision.Missing = apikey.PermissionDenied, needed
			break
		}
	}
	return decision
}

// needed are the permissions that request asks for. An empty one stands for a path without a route.
func (c *Catalog) needed(request Request) []Permission {
	var needed []Permission
	if request.Service != nil && request.Path != "" {
		permission, _ := request.Service.Permission(request.Method, request.Path)
		needed = append(needed, permission)
	}
	if request.Permission != "" {
		needed = append(needed, request.Permission)
	}
	return needed
}

func decisionAbout(record *apikey.Record, now time.Time, reason apikey.Reason) Decision {
	return Decision{Reason: reason, Record: record, States: record.Counts.States(record.Limits, now)}
}

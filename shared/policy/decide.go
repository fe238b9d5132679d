package policy

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// Request is what a decision is about, beside the secret. An empty Service, Path or Permission is not checked.
type Request struct {
	Service    *Service
	Method     string
	Path       string
	Permission Permission
	Customer   string // whom the request is about, where the asker says so; empty: the route says where it is found
	Account    string
	Query      Values // of the request's query string
	Header     Values // of the request's header fields, under their canonical names
}

// Values are the values of each name in a query string or a header, all decoded; nil where nothing is known.
type Values map[string][]string

// Decision is the outcome of one authorization.
type Decision struct {
	Reason  apikey.Reason
	Record  *apikey.Record   // after the spend; nil unless the secret matched
	Holding Holding          // what the key may do, as far as the standing was known; empty unless the secret matched
	Lack    Lack             // what service_denied, permission_denied and scope_denied lacked
	Full    ratelimit.Window // the window that refused, for rate_limited and quota_exceeded
	Shown   []apikey.Digest  // the digests of the secret that was shown, one for each pepper; only of an uncounted request
	At      time.Time        // when it was made
}

// Allowed reports whether the request may go on.
func (d Decision) Allowed() bool { return d.Reason == apikey.Allowed }

// States are the windows that limit the key, the minute first; none unless the secret matched.
func (d Decision) States() []ratelimit.State {
	if d.Record == nil {
		return nil
	}
	return d.Record.Counts.States(d.Record.Limits, d.At)
}

// Decide says what becomes of a request whose spend had that outcome; standing is needed where Depends says so. It
// reports false where the outcome can't be explained: the store refused, and the record shows no reason. Then another
// write came between, and the spend is to be tried again. The same goes for apikey.RulesUnseen, which is the asker's
// to settle.
func (c *Catalog) Decide(spend apikey.Spend, outcome apikey.Outcome, standing org.Standing, request Request) (Decision, bool) {
	if outcome.Spent {
		if outcome.Record.RulesID == "" && !outcome.Record.Networks.Admit(spend.Address) { // damaged: no spend asks for them
			return c.DenyAddress(spend, outcome.Record, standing), true
		}
		return c.decideSpent(spend.At, outcome.Record, standing, request), true
	}
	if outcome.Record == nil {
		return Decision{Reason: apikey.KeyUnknown}, true
	}
	reason := outcome.Record.Refuses(spend)
	switch reason {
	case apikey.Allowed, apikey.RulesUnseen:
		return Decision{}, false
	case apikey.KeyUnknown:
		return Decision{Reason: reason}, true
	}
	decision := c.decisionAbout(outcome.Record, spend.At, standing, reason)
	if reason == apikey.RateLimited || reason == apikey.QuotaExceeded {
		decision.Full, _ = outcome.Record.Counts.Full(outcome.Record.Limits, spend.At)
	}
	return decision, true
}

// DenyAddress is the decision about a request from an address that the rules of record refuse, as they stand: nothing that
// comes before them in the order of reasons applies.
func (c *Catalog) DenyAddress(spend apikey.Spend, record *apikey.Record, standing org.Standing) Decision {
	return c.decisionAbout(record, spend.At, standing, apikey.IPDenied)
}

// DecideUncounted says what becomes of a request that is not counted, from the key's whole record as it is; nil
// where there is none. Limits are not looked at.
func (c *Catalog) DecideUncounted(spend apikey.Spend, record *apikey.Record, standing org.Standing, request Request) Decision {
	if record == nil {
		return Decision{Reason: apikey.KeyUnknown}
	}
	spend.Rules = record.RulesID
	switch reason := record.Refuses(spend); reason {
	case apikey.Allowed, apikey.RateLimited, apikey.QuotaExceeded:
		if !record.Networks.Admit(spend.Address) {
			return c.decisionAbout(record, spend.At, standing, apikey.IPDenied)
		}
		return c.decideSpent(spend.At, record, standing, request)
	case apikey.KeyUnknown:
		return Decision{Reason: reason}
	default:
		return c.decisionAbout(record, spend.At, standing, reason)
	}
}

// Depends reports whether deciding about record needs a standing: the key inherits its owner's permissions, or has a
// role that the catalog does not know.
func (c *Catalog) Depends(record *apikey.Record) bool {
	if record.Inherits != "" {
		return true
	}
	for _, id := range record.Roles {
		if c.roles[id] == nil {
			return true
		}
	}
	return false
}

// decideSpent decides what only the record after the spend can tell: what the key may do.
func (c *Catalog) decideSpent(now time.Time, record *apikey.Record, standing org.Standing, request Request) Decision {
	decision := c.decisionAbout(record, now, standing, apikey.Allowed)
	if ownerGone(record, standing) {
		decision.Reason = apikey.OwnerInactive
		return decision
	}
	decision.Reason, decision.Lack = decision.Holding.judge(&request)
	return decision
}

func ownerGone(record *apikey.Record, standing org.Standing) bool {
	return record.Inherits != "" && (standing.Owner == nil || standing.Owner.Status != org.MemberActive)
}

func (c *Catalog) decisionAbout(record *apikey.Record, now time.Time, standing org.Standing, reason apikey.Reason) Decision {
	return Decision{Reason: reason, Record: record, Holding: c.HoldingOf(record, standing), At: now}
}

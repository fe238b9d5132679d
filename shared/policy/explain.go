package policy

import (
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// Result is how a check came out.
type Result string

// The results.
const (
	Passed  Result = "passed"
	Failed  Result = "failed"
	Skipped Result = "skipped" // there is nothing that it could be about, or a check before it took that away
)

// Check is one step of a decision, as an explanation shows it.
type Check struct {
	Reason apikey.Reason // what the decision is where the check fails
	Result Result
	Lack   Lack // for service_denied, permission_denied and scope_denied
}

// Explanation is a decision with every check that it is made of, in their order. What is refused after the first
// failure is shown too: it has to be mended as well.
type Explanation struct {
	Decision
	Checks []Check
}

// Explain says what would become of a request, and by which checks; nothing is spent. record is the whole one, nil
// where there is no such key. Where asked.Digests is nil no secret was shown, and the check of it is skipped.
//
// The checks are those from wrong_environment to scope_denied. A key that is unknown is told by that single check, which
// is the same whatever there is behind it. Whoever reads the credential puts its own checks before, except before that.
func (c *Catalog) Explain(asked apikey.Spend, record *apikey.Record, standing org.Standing, request Request) Explanation {
	if unknown(asked, record) {
		return Explanation{
			Decision: Decision{Reason: apikey.KeyUnknown},
			Checks:   []Check{{Reason: apikey.KeyUnknown, Result: Failed}},
		}
	}
	decision := c.decisionAbout(record, asked.At, standing, apikey.Allowed)
	checks := slices.Concat(checksOfKey(asked, record), checksOfLimits(decision.States()), checksOfHolding(decision.Holding, record, standing, &request))
	for _, check := range checks {
		if check.Result == Failed {
			decision.Reason, decision.Lack = check.Reason, check.Lack
			break
		}
	}
	if decision.Reason == apikey.RateLimited || decision.Reason == apikey.QuotaExceeded {
		decision.Full, _ = record.Counts.Full(record.Limits, asked.At)
	}
	return Explanation{Decision: decision, Checks: checks}
}

// unknown reports whether the key is none of the API's, or its secret is another one.
func unknown(asked apikey.Spend, record *apikey.Record) bool {
	if record == nil || !asked.Admits(record.Organization) {
		return true
	}
	return asked.Digests != nil && record.Refuses(asked) == apikey.KeyUnknown
}

// checksOfKey are those of the key itself.
func checksOfKey(asked apikey.Spend, record *apikey.Record) []Check {
	expired := !record.ExpiresAt.IsZero() && !asked.At.Before(record.ExpiresAt)
	secret := Check{Reason: apikey.KeyUnknown, Result: Passed}
	if asked.Digests == nil {
		secret.Result = Skipped
	}
	return []Check{
		checked(apikey.WrongEnvironment, record.Environment == asked.Environment),
		secret,
		checked(apikey.KeyRevoked, record.RevokedAt.IsZero()),
		checked(apikey.KeyExpired, !expired),
		checked(apikey.KeyInactive, !record.Disabled),
		checked(apikey.IPDenied, record.Networks.Admit(asked.Address)),
	}
}

func checked(reason apikey.Reason, holds bool) Check {
	if !holds {
		return Check{Reason: reason, Result: Failed}
	}
	return Check{Reason: reason, Result: Passed}
}

// checksOfLimits look at the minute, which comes first, and at the quotas that are set.
func checksOfLimits(states []ratelimit.State) []Check {
	quota := Check{Reason: apikey.QuotaExceeded, Result: Skipped}
	for _, state := range states[1:] {
		if quota.Result != Failed {
			quota = checked(apikey.QuotaExceeded, state.Remaining > 0)
		}
	}
	return []Check{checked(apikey.RateLimited, states[0].Remaining > 0), quota}
}

// checksOfHolding are those of what the key may do. Of an owner who is gone there are no permissions to look at.
func checksOfHolding(holding Holding, record *apikey.Record, standing org.Standing, request *Request) []Check {
	route, gone := request.route(), ownerGone(record, standing)
	asksPermission := request.asksRoute() || request.Permission != ""
	owner := checked(apikey.OwnerInactive, !gone)
	if record.Inherits == "" {
		owner.Result = Skipped
	}
	checks := []Check{owner}
	for _, check := range []struct {
		reason apikey.Reason
		asked  bool
		lacks  func(*Request, *Route) (Lack, bool)
	}{
		{apikey.ServiceDenied, request.Service != nil, holding.lacksService},
		{apikey.PermissionDenied, asksPermission && !gone, holding.lacksPermission},
		{apikey.ScopeDenied, record.Scope.Customers != nil || record.Scope.Accounts != nil, holding.lacksScope},
	} {
		result := Check{Reason: check.reason, Result: Skipped}
		if check.asked {
			lack, lacks := check.lacks(request, route)
			result = checked(check.reason, !lacks)
			result.Lack = lack
		}
		checks = append(checks, result)
	}
	return checks
}

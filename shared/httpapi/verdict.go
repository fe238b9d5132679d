package httpapi

import (
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/ratelimit"
)

// verdict is a decision on its way to a gateway: a status, and what the gateway may tell of it.
type verdict struct {
	status  int
	code    apikey.Reason
	context map[string]any
	about   *apikey.Record // the key, for the journal: a 401 has no context; nil where none is known
	member  string         // the member, for the journal: a hash; empty where none is known
}

// The values of ContextPrincipal.
const (
	principalKey    = "key"
	principalMember = "member"
)

// statusOf is the HTTP status of a decision.
func statusOf(reason apikey.Reason) int {
	switch reason {
	case apikey.Allowed:
		return http.StatusOK
	case apikey.IPDenied, apikey.ServiceDenied, apikey.PermissionDenied, apikey.ScopeDenied:
		return http.StatusForbidden
	case apikey.RateLimited, apikey.QuotaExceeded:
		return http.StatusTooManyRequests
	case apikey.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusUnauthorized
	}
}

// keyVerdict is the verdict on a request that carried a key.
func keyVerdict(decision policy.Decision, from netip.Addr, now time.Time) verdict {
	if statusOf(decision.Reason) == http.StatusUnauthorized {
		answer := unauthorized(decision.Reason)
		answer.about = decision.Record
		return answer
	}
	answer := allowed(decision.States(), now)
	if statusOf(decision.Reason) == http.StatusTooManyRequests {
		answer = limited(decision.Reason, decision.Full, decision.States(), now)
	}
	record := decision.Record
	answer.about = record
	answer.context[ContextPrincipal] = principalKey
	answer.context[ContextKeyID] = record.ID.String()
	answer.context[ContextOrganization] = string(record.Organization)
	answer.context[ContextOwner] = record.Owner
	answer.context[ContextEnvironment] = string(record.Environment)
	answer.context[ContextPermissions] = strings.Join(permissionsOf(decision), " ")
	if statusOf(decision.Reason) == http.StatusForbidden {
		answer.status = http.StatusForbidden
		answer.describe(decision.Reason, fault.PermissionDenied.Title(), forbiddenText(decision, from))
	}
	return answer
}

// forbiddenText says what was missing.
func forbiddenText(decision policy.Decision, from netip.Addr) string {
	switch {
	case decision.Reason == apikey.IPDenied && !from.IsValid():
		return "The request names no address, and the key has IP rules. Check the key's IP allow and deny lists."
	case decision.Reason == apikey.IPDenied:
		return fmt.Sprintf("The address %s is not allowed. Check the key's IP allow and deny lists.", from)
	default:
		return lackText(decision.Lack)
	}
}

// lackText names what a key lacks. An id that a caller may have written is one of the catalog's form, and so harmless
// wherever the text goes.
func lackText(lack policy.Lack) string {
	switch {
	case lack.Kind == policy.LacksRoute:
		return "No route of this service has this method and path. Check both."
	case lack.Kind == policy.LacksPermission:
		return fmt.Sprintf("This request needs %s, which the key does not have. See its permissions.", lack.ID)
	case lack.Kind == policy.LacksService:
		return fmt.Sprintf("The key may not use the service %s. See its services.", lack.ID)
	case lack.ID == "":
		return fmt.Sprintf("The key is limited to some %ss, and this request names none where the catalog looks for one on this route. See the key's %ss, and the route in GET /v1/catalog.", lack.Kind, lack.Kind)
	default:
		return fmt.Sprintf("The key may not act for the %s %s. See its %ss.", lack.Kind, lack.ID, lack.Kind)
	}
}

// unauthorized is the exit that tells the caller nothing: the reason is for the log.
func unauthorized(reason apikey.Reason) verdict {
	return verdict{status: http.StatusUnauthorized, code: reason}
}

func undecided() verdict {
	return verdict{status: http.StatusServiceUnavailable, code: apikey.Unavailable}
}

func allowed(states []ratelimit.State, now time.Time) verdict {
	answer := verdict{status: http.StatusOK, context: map[string]any{}}
	answer.describe(apikey.Allowed, "", "")
	return answer.withLimits(states, now)
}

// withLimits tells those windows.
func (v verdict) withLimits(states []ratelimit.State, now time.Time) verdict {
	headers := limitHeaders(states, now)
	for _, mapping := range limitContext {
		v.context[mapping.context] = headers[mapping.header]
	}
	return v
}

func limited(reason apikey.Reason, full ratelimit.Window, states []ratelimit.State, now time.Time) verdict {
	answer := allowed(states, now)
	text, seconds := limitText(full, states, now)
	answer.status = http.StatusTooManyRequests
	answer.context[ContextRetryAfter] = strconv.FormatInt(seconds, 10)
	answer.describe(reason, fault.RateLimited.Title(), text)
	return answer
}

// refuse lets the request through to one of our own functions, which refuses it: the gateway has no exit whose text
// could tell these refusals apart. A function goes on only where it reads that the code is allowed.
func (v verdict) refuse(refused *fault.Error) verdict {
	v.describe(apikey.Reason(refused.Code), refused.Code.Title(), refused.Detail)
	return v.soften()
}

func (v verdict) soften() verdict {
	v.status = http.StatusOK
	return v
}

func (v *verdict) describe(code apikey.Reason, title, text string) {
	v.code = code
	v.context[ContextCode] = string(code)
	v.context[ContextTitle] = title
	v.context[ContextError] = text
}

// permissionsOf are the permissions of the key that was decided about, by their names.
func permissionsOf(decision policy.Decision) []string {
	return namesOf(decision.Holding.Permissions())
}

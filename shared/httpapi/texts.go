package httpapi

import (
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/policy"
)

// decisionText is one sentence for whoever has to mend a refused request; empty for an allowed one.
func decisionText(decision policy.Decision, from netip.Addr, now time.Time) string {
	switch decision.Reason {
	case apikey.RateLimited, apikey.QuotaExceeded:
		text, _ := limitText(decision.Full, decision.States(), now)
		return text
	case apikey.IPDenied, apikey.ServiceDenied, apikey.PermissionDenied, apikey.ScopeDenied:
		return forbiddenText(decision, from)
	default:
		return refusalTexts[decision.Reason]
	}
}

var refusalTexts = map[apikey.Reason]string{
	apikey.CredentialMissing:   "There is no key. Send it in Authorization: Bearer or in X-API-Key.",
	apikey.CredentialMalformed: "This is no key. Check that it is whole, without extra spaces, and that only one is sent.",
	apikey.WrongEnvironment:    "The key belongs to another environment. Use it on its own environment's endpoint.",
	apikey.KeyUnknown:          "There is no such key. It may have been deleted or mistyped.",
	apikey.KeyRevoked:          "The key is revoked, for good. Create a new one.",
	apikey.KeyExpired:          "The key has expired. Create a new one.",
	apikey.KeyInactive:         "The key is disabled. Enable it to use it again.",
	apikey.OwnerInactive:       "The key's owner is no longer active in the organization.",
}

// checkText says in one sentence how a check came out.
func checkText(check policy.Check, explanation policy.Explanation, request authorize.Request, now time.Time) string {
	switch check.Result {
	case policy.Passed:
		return passedTexts[check.Reason]
	case policy.Skipped:
		return skippedTexts[check.Reason]
	default:
		failed := explanation.Decision
		failed.Reason, failed.Lack = check.Reason, check.Lack
		if failed.Reason != explanation.Reason && failed.Record != nil {
			failed.Full, _ = failed.Record.Counts.Full(failed.Record.Limits, now)
		}
		return decisionText(failed, request.Address, now)
	}
}

var passedTexts = map[apikey.Reason]string{
	apikey.CredentialMissing:   "A key was sent.",
	apikey.CredentialMalformed: "The key is whole: its form and its checksum or signature are right.",
	apikey.WrongEnvironment:    "The key belongs to the environment asked for.",
	apikey.KeyUnknown:          "The key exists, and the API admits its organization.",
	apikey.KeyRevoked:          "The key is not revoked.",
	apikey.KeyExpired:          "The key has not expired.",
	apikey.KeyInactive:         "The key is not disabled.",
	apikey.IPDenied:            "The key's IP allow and deny lists admit the address.",
	apikey.RateLimited:         "There is room in the current minute.",
	apikey.QuotaExceeded:       "There is room in the quotas of today and of this month.",
	apikey.OwnerInactive:       "The key has permissions of its own, or its owner is active.",
	apikey.ServiceDenied:       "The service is one of the key's.",
	apikey.PermissionDenied:    "The key has every permission that the request needs.",
	apikey.ScopeDenied:         "The customer and the account are within the key's scope.",
}

var skippedTexts = map[apikey.Reason]string{
	apikey.CredentialMissing:   "No key was shown: the request is described without one.",
	apikey.CredentialMalformed: "No key was shown: the request is described without one.",
	apikey.WrongEnvironment:    "No environment was asked for.",
	apikey.KeyUnknown:          "No key was shown: the request is described without one.",
	apikey.IPDenied:            "No address was given, and the key has no IP rules.",
	apikey.QuotaExceeded:       "The key has no quotas.",
	apikey.OwnerInactive:       "The key does not inherit its owner's permissions.",
	apikey.ServiceDenied:       "No service was asked for.",
	apikey.PermissionDenied:    "Neither a path nor a permission was asked for.",
	apikey.ScopeDenied:         "The key is limited neither to customers nor to accounts.",
}

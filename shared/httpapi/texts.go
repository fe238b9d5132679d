package httpapi

import (
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/policy"
)

// decisionText is one sentence for whoever has to mend a refused request; empty for an allowed one.
func decisionText(decision policy.Decision, from netip.Addr, now time.Time) string {
	switch decision.Reason {
	case apikey.RateLimited, apikey.QuotaExceeded:
		text, _ := limitText(decision.Full, decision.States, now)
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

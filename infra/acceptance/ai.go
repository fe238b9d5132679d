package acceptance

import (
	"net/http"
	"testing"
)

// testAI calls as any OpenAI-compatible client does: with the key as its Bearer token.
func testAI(t *testing.T, target Target) {
	ann := newMember(t, target)
	chat := fields{"model": "small", "messages": []fields{{"role": "user", "content": "Hello"}}}
	const completions, models = "/v1/authorize/production/ai/v1/chat/completions", "/v1/authorize/production/ai/v1/models"
	bearer := func(t testing.TB, rules fields) *caller {
		ann := ann.in(t)
		return ann.with("Authorization", "Bearer "+ann.create(rules).secret)
	}
	t.Run("a key with ai:use completes chats and lists models", func(t *testing.T) {
		client := bearer(t, fields{"permissions": []string{"ai:use"}, "services": []string{"ai"}})
		client.do("POST", completions, chat).wantStatus(http.StatusNoContent)
		client.do("GET", models, nil).wantStatus(http.StatusNoContent)
		client.forward("GET", "production/dns/zones").wantForbidden("service_denied", noServiceText("dns"))
	})
	t.Run("a key without ai:use does neither", func(t *testing.T) {
		client := bearer(t, fields{"roles": []string{"read_only_admin"}})
		client.do("POST", completions, chat).wantForbidden("permission_denied", needsText("ai:use"))
		client.do("GET", models, nil).wantForbidden("permission_denied", needsText("ai:use"))
	})
	t.Run("a key limited to customers and accounts is no worse off", func(t *testing.T) {
		client := bearer(t, fields{"customers": []string{"acme"}, "accounts": []string{"compute"}})
		client.do("POST", completions, chat).wantStatus(http.StatusNoContent)
	})
	t.Run("no key is a 401", func(t *testing.T) {
		nobody(t, target).do("POST", completions, chat).wantError(http.StatusUnauthorized, "credential_missing")
	})
}

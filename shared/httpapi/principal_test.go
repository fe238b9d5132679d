package httpapi

import (
	"net/netip"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// Who is not said to be a member is a key, of whatever id: a key's context that has lost a field must not become its owner's.
func TestPrincipal_whoIsNotSaidToBeAMemberIsNone(t *testing.T) {
	for name, kind := range map[string]any{"a key": "key", "absent": nil, "a number": 7.0, "of tomorrow": "robot"} {
		for id, want := range map[string]apikey.ID{"key_1g3TuUMT": "1g3TuUMT", "": "?"} {
			caller := principalOf(map[string]any{ContextPrincipal: kind, ContextOwner: "ann", ContextRoles: "admin", ContextKeyID: id}).caller(netip.Addr{})
			if caller.Key != want {
				t.Errorf("%s, id %q: key %q, want %q", name, id, caller.Key, want)
			}
		}
	}
	if caller := principalOf(map[string]any{ContextPrincipal: principalMember}).caller(netip.Addr{}); caller.Key != "" {
		t.Errorf("a member is key %q", caller.Key)
	}
}

package authorize_test

import (
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

// A deployment that is closed, while its store may hold keys that have been revoked since, lets nobody through, whatever they
// ask with, and asks the store nothing.
func TestAClosedDeploymentDecidesNothing(t *testing.T) {
	f := newFixture(t)
	key, secret := f.create()
	f.Closed = true
	for name, text := range map[string]string{"a good key": secret.Reveal(), "no key": "", "nonsense": "nonsense"} {
		decision, err := f.Authorize(t.Context(), asking(text))
		if fault.From(err).Code != fault.Unavailable || fault.From(err).RetryAfter <= 0 || decision.Allowed() {
			t.Errorf("%s: Authorize: %+v, %v", name, decision, err)
		}
		if decision, err = f.Check(t.Context(), asking(text)); fault.From(err).Code != fault.Unavailable || decision.Allowed() {
			t.Errorf("%s: Check: %+v, %v", name, decision, err)
		}
	}
	if record := f.record(key.ID); record.Total != 0 || !record.LastUsedAt.IsZero() {
		t.Errorf("the key was used: %+v", record)
	}
	f.Closed = false
	f.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
}

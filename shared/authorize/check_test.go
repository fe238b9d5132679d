package authorize_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/policy"
)

// The caller of verify is looked at and not counted; that it was there is written at most once a minute.
func TestACheckCountsNothingAndTouchesOnceAMinute(t *testing.T) {
	f := newFixture(t)
	key, secret := f.create()
	other, otherSecret := f.create()
	for i, touched := range []int{1, 0, 0} {
		f.now = noon.Add(time.Duration(i) * 20 * time.Second)
		f.wantOf(f.Check, asking(secret.Reveal()), apikey.Allowed, calls{Reads: 1, Touches: touched})
	}
	f.wantOf(f.Check, asking(otherSecret.Reveal()), apikey.Allowed, calls{Reads: 1, Touches: 1})
	f.now = noon.Add(time.Minute - 1)
	f.wantOf(f.Check, asking(secret.Reveal()), apikey.Allowed, calls{Reads: 1})
	if record := f.record(key.ID); !record.LastUsedAt.Equal(noon) || record.LastUsedIP != address || record.Total != 0 || len(record.Counts) != 0 {
		t.Errorf("after checks the record is %+v", record)
	}
	f.now = noon.Add(time.Minute)
	f.wantOf(f.Check, asking(secret.Reveal()), apikey.Allowed, calls{Reads: 1, Touches: 1})
	if record := f.record(key.ID); !record.LastUsedAt.Equal(noon.Add(time.Minute)) || record.Total != 0 {
		t.Errorf("a minute later the record is %+v", record)
	}
	if record := f.record(other.ID); record.Total != 0 {
		t.Errorf("the other key was counted: %+v", record)
	}
}

func TestACheckLooksAtEverythingButLimits(t *testing.T) {
	f := newFixture(t)
	exhausted, exhaustedSecret := f.create(func(k *apikey.Key) { k.Limits.PerMinute = 1 })
	f.want(asking(exhaustedSecret.Reveal()), apikey.Allowed, calls{Spends: 1})
	f.want(asking(exhaustedSecret.Reveal()), apikey.RateLimited, calls{Spends: 1})
	f.wantOf(f.Check, asking(exhaustedSecret.Reveal()), apikey.Allowed, calls{Reads: 1, Touches: 1})
	if total := f.record(exhausted.ID).Total; total != 1 {
		t.Errorf("%d requests were counted, want 1", total)
	}
	for reason, edit := range map[apikey.Reason]func(*apikey.Key){
		apikey.KeyRevoked:  revoke,
		apikey.KeyExpired:  func(k *apikey.Key) { k.ExpiresAt = noon },
		apikey.KeyInactive: func(k *apikey.Key) { k.Disabled = true },
		apikey.KeyUnknown:  func(k *apikey.Key) { k.Digest = "k1.theirs" },
	} {
		key, secret := f.create(edit)
		f.wantOf(f.Check, asking(secret.Reveal()), reason, calls{Reads: 1})
		if record := f.record(key.ID); !record.LastUsedAt.IsZero() {
			t.Errorf("%s: a refused check is a last use: %s", reason, record.LastUsedAt)
		}
	}
	lacking := asking(exhaustedSecret.Reveal())
	lacking.Permission = "keys:verify"
	decision := f.wantOf(f.Check, lacking, apikey.PermissionDenied, calls{Reads: 1})
	if want := (policy.Lack{Kind: policy.LacksPermission, ID: "keys:verify"}); decision.Lack != want {
		t.Errorf("lacks %+v, want %+v", decision.Lack, want)
	}
}

// A revocation holds on the next check: nothing is remembered of an allow.
func TestACheckSeesARevocationAtOnce(t *testing.T) {
	f := newFixture(t)
	key, secret := f.create()
	f.wantOf(f.Check, asking(secret.Reveal()), apikey.Allowed, calls{Reads: 1, Touches: 1})
	f.change(key, revoke)
	f.wantOf(f.Check, asking(secret.Reveal()), apikey.KeyRevoked, calls{Reads: 1})
}

// A last use that can't be written refuses nobody; the log says so, without the secret.
func TestALastUseThatIsNotWrittenRefusesNobody(t *testing.T) {
	f := newFixture(t)
	key, secret := f.create()
	f.Store = untouchable{f.store}
	f.wantOf(f.Check, asking(secret.Reveal()), apikey.Allowed, calls{Reads: 1})
	if log := f.log.String(); !strings.Contains(log, key.ID.String()) || strings.Contains(log, secret.Reveal()) {
		t.Errorf("the log reads %q", log)
	}
}

var errReadOnly = errors.New("the store is read-only")

// A check reads the whole record at once, and holds the address against its rules.
func TestACheckHoldsTheAddressAgainstTheRules(t *testing.T) {
	b := newBooks(t)
	id, secret := b.enter(bulky, allowing("203.0.113.0/24"))
	b.wantOf(b.Check, asking(secret.Reveal()), apikey.Allowed, calls{Reads: 1, Touches: 1})
	b.wantOf(b.Check, from(secret, "198.51.100.7"), apikey.IPDenied, calls{Reads: 1})
	b.edit(id, allowing("198.51.100.0/24"))
	b.wantOf(b.Check, asking(secret.Reveal()), apikey.IPDenied, calls{Reads: 1})
}

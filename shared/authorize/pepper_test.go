package authorize_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// A key hashed with an old pepper works, and moves to the current one with its first allow.
func TestAKeyMovesToTheCurrentPepperWithItsFirstAllow(t *testing.T) {
	f := newFixture(t)
	key, secret := f.create()
	f.setRing(twoRing)
	f.Keyring = f.keyring()
	if got := f.record(key.ID).Digest.Pepper(); got != "k1" {
		t.Fatalf("the key is hashed with %s, want k1", got)
	}
	f.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1, Rehashes: 1})
	if got := f.record(key.ID).Digest.Pepper(); got != "k2" {
		t.Errorf("after an allow the key is hashed with %s, want k2", got)
	}
	f.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
}

// What is refused is not rehashed: a revoked key's record stays as it was.
func TestARefusalRehashesNothing(t *testing.T) {
	f := newFixture(t)
	key, secret := f.create(func(k *apikey.Key) { k.Disabled = true })
	f.setRing(twoRing)
	f.Keyring = f.keyring()
	f.want(asking(secret.Reveal()), apikey.KeyInactive, calls{Spends: 1})
	if got := f.record(key.ID).Digest.Pepper(); got != "k1" {
		t.Errorf("the key is hashed with %s, want k1", got)
	}
}

// The hash of a retiring secret moves to the current pepper without touching the new secret's.
func TestARetiringSecretIsRehashedInItsOwnPlace(t *testing.T) {
	f := newFixture(t)
	ring, err := f.keyring().Ring(t.Context())
	f.must(err)
	var retiring apikey.Secret
	key, _ := f.create(func(k *apikey.Key) {
		retiring = apikey.NewSecret("vg", apikey.Production, k.ID)
		k.Retiring, k.GraceUntil = ring.Current(retiring), noon.Add(time.Hour)
	})
	f.setRing(twoRing)
	f.Keyring = f.keyring()
	current := f.record(key.ID).Digest
	f.want(asking(retiring.Reveal()), apikey.Allowed, calls{Spends: 1, Rehashes: 1})
	if record := f.record(key.ID); record.Retiring.Pepper() != "k2" || record.Digest != current {
		t.Errorf("digest %s, retiring %s; want the first unchanged, the second of k2", record.Digest, record.Retiring)
	}
	f.now = noon.Add(time.Hour)
	f.want(asking(retiring.Reveal()), apikey.KeyUnknown, calls{Spends: 1})
}

func TestARehashThatFailsRefusesNobody(t *testing.T) {
	f := newFixture(t)
	key, secret := f.create()
	f.setRing(twoRing)
	f.Keyring = f.keyring()
	f.Store = untouchable{f.store}
	f.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
	if log := f.log.String(); !strings.Contains(log, key.ID.String()) || strings.Contains(log, secret.Reveal()) {
		t.Errorf("the log reads %q", log)
	}
}

// A key that another process hashed with a pepper added since works at once: this process reads the peppers again, and
// asks again.
func TestAKeyOfANewPepperMakesThisProcessReadThePeppersOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		_, old := f.create()
		f.want(asking(old.Reveal()), apikey.Allowed, calls{Spends: 1})
		f.setRing(twoRing)
		key, secret := f.create()
		if got := f.record(key.ID).Digest.Pepper(); got != "k2" {
			t.Fatalf("the key is hashed with %s, want k2", got)
		}
		time.Sleep(10 * time.Second) // in the bubble's time: the keyring's pause between two reads
		f.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 2})
		f.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
		if total := f.record(key.ID).Total; total != 2 {
			t.Errorf("two allows were counted as %d", total)
		}
	})
}

func TestACheckOfANewPepperReadsThePeppers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		_, old := f.create()
		f.wantOf(f.Check, asking(old.Reveal()), apikey.Allowed, calls{Reads: 1, Touches: 1})
		f.setRing(twoRing)
		_, secret := f.create()
		time.Sleep(10 * time.Second)
		f.wantOf(f.Check, asking(secret.Reveal()), apikey.Allowed, calls{Reads: 1, Touches: 1})
	})
}

// One allow is counted once, also when the record shows a pepper that this process has not seen: that of the current
// secret, while the retiring one was used.
func TestAnAllowIsCountedOnceThoughThePepperIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		_, old := f.create()
		f.want(asking(old.Reveal()), apikey.Allowed, calls{Spends: 1})
		ring, err := f.keyring().Ring(t.Context())
		f.must(err)
		f.setRing(twoRing)
		var retiring apikey.Secret
		key, _ := f.create(func(k *apikey.Key) {
			retiring = apikey.NewSecret("vg", apikey.Production, k.ID)
			k.Retiring, k.GraceUntil = ring.Current(retiring), noon.Add(time.Hour)
		})
		time.Sleep(10 * time.Second)
		f.want(asking(retiring.Reveal()), apikey.Allowed, calls{Spends: 1})
		if total := f.record(key.ID).Total; total != 1 {
			t.Errorf("one allow was counted as %d", total)
		}
	})
}

// A key whose pepper this process can't read yet is not remembered as unknown: it works as soon as the pepper is there.
func TestAKeyOfAPepperNotYetReadIsNotRememberedAsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		_, old := f.create()
		f.want(asking(old.Reveal()), apikey.Allowed, calls{Spends: 1})
		f.setRing(twoRing)
		_, secret := f.create()
		f.want(asking(secret.Reveal()), apikey.KeyUnknown, calls{Spends: 1})
		time.Sleep(10 * time.Second)
		f.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 2})
	})
}

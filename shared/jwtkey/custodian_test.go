package jwtkey_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/keyring"
)

func TestTheFirstStartMakesAKeyAndTheNextOnesChangeNothing(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	first := string(h.chest.text)
	custody := must(h.custodian.Ensure(t.Context()))
	kid := h.ring().Current()
	if diff := cmp.Diff(jwtkey.Custody{Current: kid, Algorithm: jwtkey.EdDSA, Published: []string{kid}}, custody); diff != "" {
		t.Errorf("custody (-want +got)\n%s", diff)
	}
	if string(h.chest.text) != first {
		t.Error("the ring was made anew")
	}
	if !strings.HasPrefix(kid, "s20260301") || len(kid) != 17 {
		t.Errorf("kid %q, want s, the day and 8 random characters", kid)
	}
}

func TestFormerKeysVerifyWhatTheySignedUntilTheyAreWithdrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, jwtkey.EdDSA)
		former, old := h.ring().Current(), h.issue(t, "0000000A")
		custody := must(h.custodian.Rotate(t.Context()))
		if custody.Current == former || custody.Current != h.ring().Current() || len(custody.Published) != 2 {
			t.Errorf("custody %v after %s", custody, former)
		}
		if strings.Contains(string(h.chest.text), former) {
			t.Error("the former private key is kept")
		}
		admit(t, h, old)
		admit(t, h, h.issue(t, "0000000A"))
		custody = must(h.custodian.Withdraw(t.Context(), former))
		if diff := cmp.Diff([]string{custody.Current}, custody.Published); diff != "" {
			t.Errorf("published (-want +got)\n%s", diff)
		}
		time.Sleep(5 * time.Minute)
		refuse(t, h, old)
		must(h.custodian.Withdraw(t.Context(), former))
	})
}

func TestTheCurrentKeyIsNotWithdrawn(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	current := h.ring().Current()
	if _, err := h.custodian.Withdraw(t.Context(), current); err == nil || !strings.Contains(err.Error(), "it is the current one; rotate first") {
		t.Errorf("error = %v", err)
	}
	admit(t, h, h.issue(t, "0000000A"))
	empty := jwtkey.Custodian{Vault: &chest{}, Keys: h.board}
	if _, err := empty.Withdraw(t.Context(), current); !errors.Is(err, keyring.ErrNone) || len(h.board.keys) != 1 {
		t.Errorf("with no ring: error = %v, published %d", err, len(h.board.keys))
	}
}

func TestAnotherAlgorithmIsAnotherKey(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	old := h.issue(t, "0000000A")
	h.custodian.Algorithm = jwtkey.ES256
	custody := must(h.custodian.Ensure(t.Context()))
	if custody.Algorithm != jwtkey.ES256 || h.ring().Algorithm() != jwtkey.ES256 || len(custody.Published) != 2 {
		t.Errorf("custody %v", custody)
	}
	admit(t, h, old)
	admit(t, h, h.issue(t, "0000000A"))
}

// Somebody restored the table from before the key was made.
func TestACurrentKeyThatIsNotPublishedIsPublishedAgain(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	h.board.keys = nil
	must(h.custodian.Ensure(t.Context()))
	admit(t, h, h.issue(t, "0000000A"))
}

// A ring that can't be read may be the only copy of a key: only a rotation replaces it, since that needs nothing of it.
func TestARingThatCannotBeReadIsNotTakenForNone(t *testing.T) {
	for name, broken := range map[string]*chest{"unreadable": {err: errDown}, "not a ring": {text: []byte("{}")}} {
		board := &board{}
		custodian := jwtkey.Custodian{Vault: broken, Keys: board, Algorithm: jwtkey.EdDSA, Now: time.Now}
		for _, do := range []func() (jwtkey.Custody, error){
			func() (jwtkey.Custody, error) { return custodian.Ensure(t.Context()) },
			func() (jwtkey.Custody, error) { return custodian.Withdraw(t.Context(), "s1") },
		} {
			if _, err := do(); err == nil || len(board.keys) != 0 || broken.err == nil && string(broken.text) != "{}" {
				t.Errorf("%s: error = %v, published %v", name, err, board.keys)
			}
		}
	}
}

// Until then some verifier would refuse what the key signs.
func TestAKeyIsPublishedForANoticeBeforeItSigns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, jwtkey.EdDSA)
		former := h.ring().Current()
		h.custodian.Notice = 12 * time.Second
		go func() { must(h.custodian.Rotate(t.Context())) }()
		time.Sleep(12*time.Second - time.Nanosecond)
		synctest.Wait()
		if h.ring().Current() != former || len(h.board.keys) != 2 {
			t.Errorf("current %s after %s, published %d", h.ring().Current(), former, len(h.board.keys))
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if h.ring().Current() == former {
			t.Error("the new key is not current")
		}
	})
}

func TestARotationThatIsCutOffChangesNothingThatSigns(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	former := h.ring().Current()
	h.custodian.Notice = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.custodian.Rotate(ctx); !errors.Is(err, context.Canceled) || h.ring().Current() != former {
		t.Errorf("error = %v, current %s after %s", err, h.ring().Current(), former)
	}
}

// Several processes may start for the first time at once, and several operators rotate.
func TestCustodiansAtOnceEndWithAKeyThatVerifies(t *testing.T) {
	h := newHouse(t, jwtkey.ES256)
	h.chest.text, h.board.keys = nil, nil
	file := jwtkey.File{Path: filepath.Join(t.TempDir(), "new", "signing.json")}
	h.custodian.Vault, h.issuer.Source = file, file
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			do := h.custodian.Ensure
			if i%2 == 1 {
				do = h.custodian.Rotate
			}
			if _, err := do(t.Context()); err != nil {
				t.Error(err)
			}
			later := house{verifier: jwtkey.NewVerifier(issuer, h.board, nil)}
			admit(t, &later, h.issue(t, "0000000A"))
		})
	}
	all.Wait()
	info, err := os.Stat(file.Path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file: %v, %v; want mode 0600", info, err)
	}
}

func TestASigningFileThatOthersCanReadIsRefused(t *testing.T) {
	file := jwtkey.File{Path: filepath.Join(t.TempDir(), "signing.json")}
	if _, err := file.Load(t.Context()); !errors.Is(err, keyring.ErrNone) {
		t.Errorf("before: error = %v, want keyring.ErrNone", err)
	}
	if err := file.Save(t.Context(), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file.Path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Load(t.Context()); err == nil || !strings.Contains(err.Error(), "run chmod 600 "+file.Path) {
		t.Errorf("error = %v, want one that says chmod 600", err)
	}
}

package changelog_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/changelog"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

var noon = time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)

// answering is a store that answers every change alike, and notes what had been logged by then.
type answering struct {
	apikey.Store
	err    error
	log    *bytes.Buffer
	before string
}

func (s *answering) Change(context.Context, apikey.Change) (*apikey.Key, error) {
	s.before = s.log.String()
	return nil, s.err
}

func (s *answering) ChangeMember(context.Context, org.MemberChange) error { return s.err }

func (s *answering) Settle(context.Context, apikey.DueKey, time.Time) (bool, error) {
	return s.err == nil, s.err
}

func logged(t *testing.T, log *bytes.Buffer) (messages []string, lines []changelog.Line) {
	t.Helper()
	for text := range bytes.Lines(log.Bytes()) {
		line, refused, err := changelog.Read(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		message := changelog.Message
		if refused {
			message = changelog.Refused
		}
		messages, lines = append(messages, message), append(lines, line)
	}
	return messages, lines
}

func newStore(err error) (*changelog.Store, *answering, *bytes.Buffer) {
	log := &bytes.Buffer{}
	store := &answering{err: err, log: log}
	return changelog.Record(store, slog.New(slog.NewJSONHandler(log, nil)), func() time.Time { return noon }), store, log
}

func revocation() apikey.Change {
	before := &apikey.Key{Record: apikey.Record{
		ID: "0A1b2C3d", Organization: "org_acme", Digest: "k1.digest", Retiring: "k1.retiring", Roles: []string{"admin"},
		Scope: apikey.Scope{Services: []string{"dns"}}, Tier: "free", Limits: ratelimit.Limits{PerMinute: 10},
	}}
	before.Name, before.Mask = "a name", "vg_live_0A1b...wxyz"
	after := before.Clone()
	after.RevokedAt, after.Digest = noon, "k1.another"
	return apikey.Change{Before: before, After: after, Activity: audit.NewEntry(noon, audit.MemberActor("ann"), audit.KeyRevoked, "key_0A1b2C3d", netip.Addr{})}
}

// No restriction holds which the archive lacks: the line is there before the store is asked, and stays whatever becomes of
// the reply.
func TestALineIsWrittenBeforeItsChange(t *testing.T) {
	for name, err := range map[string]error{"done": nil, "nobody knows": fault.Outage("changing", apikey.ErrMoved), "cut off": context.DeadlineExceeded} {
		store, inner, log := newStore(err)
		change := revocation()
		if _, got := store.Change(t.Context(), change); !errors.Is(got, err) {
			t.Errorf("%s: error = %v, want %v", name, got, err)
		}
		if inner.before == "" || inner.before != log.String() {
			t.Errorf("%s: before the change there was %q, and then %q", name, inner.before, log)
		}
		want := changelog.Line{
			Version: 1, ID: change.Activity.ID, At: noon, Action: audit.KeyRevoked, Actor: "member:49915e0d7d4b402e3017d010bc1c0e83", Organization: "org_acme", KeyID: "key_0A1b2C3d",
			Key: &changelog.Key{NewSecret: true, RevokedAt: noon, Roles: []string{"admin"}, Services: []string{"dns"}, Tier: "free", PerMinute: 10},
		}
		if _, lines := logged(t, log); len(lines) != 1 || cmp.Diff(want, lines[0]) != "" {
			t.Errorf("%s: (-want +got)\n%s", name, cmp.Diff([]changelog.Line{want}, lines))
		}
	}
}

func TestALineOfWhatDidNotHappenIsTakenBack(t *testing.T) {
	for _, err := range []error{apikey.ErrMoved, fault.New(fault.NameTaken, "taken"), fault.New(fault.KeyNotFound, "none")} {
		store, _, log := newStore(err)
		change := revocation()
		_, _ = store.Change(t.Context(), change)
		messages, lines := logged(t, log)
		if diff := cmp.Diff([]string{changelog.Message, changelog.Refused}, messages); diff != "" || lines[1].ID != change.Activity.ID {
			t.Errorf("%v: %v (-want +got)\n%s", err, lines, diff)
		}
	}
}

// A log is read by more people than the table.
func TestALineHoldsNothingOfASecretAndNoAddress(t *testing.T) {
	store, _, log := newStore(nil)
	_, _ = store.Change(t.Context(), revocation())
	_ = store.ChangeMember(t.Context(), org.MemberChange{
		Organization: "org_acme", Activity: audit.NewEntry(noon, audit.System, audit.MemberAdded, "member:bob@example.com", netip.Addr{}),
		After: &org.Member{Organization: "org_acme", Email: "bob@example.com", Status: org.MemberPending, Roles: []string{"admin"}},
	})
	for _, never := range []string{"digest", "retiring", "another", "wxyz", "a name", "bob"} {
		if strings.Contains(log.String(), never) {
			t.Errorf("%q is in %s", never, log)
		}
	}
	if _, lines := logged(t, log); lines[1].Member.Hash != org.MailHash("bob@example.com") {
		t.Errorf("the member is %+v", lines[1].Member)
	}
}

func TestWhatCleanupEndsIsLogged(t *testing.T) {
	store, _, log := newStore(nil)
	if _, err := store.Settle(t.Context(), apikey.DueKey{Organization: "org_acme", ID: "0A1b2C3d"}, noon); err != nil {
		t.Fatal(err)
	}
	if _, lines := logged(t, log); len(lines) != 1 || lines[0].Action != audit.KeyExpired || lines[0].KeyID != "key_0A1b2C3d" {
		t.Errorf("logged %s", log)
	}
}

func TestWhatIsNoLineOfAChangeIsToldFromADamagedOne(t *testing.T) {
	for text, other := range map[string]bool{
		"START RequestId: 8f5b": true, `{"msg":"decision","code":"allowed"}`: true, "": true,
		`{"msg":"change","change":{"v":2}}`: false, `{"msg":"change","change":7}`: false, `{"msg":"change"}`: false,
	} {
		if _, _, err := changelog.Read([]byte(text)); err == nil || errors.Is(err, changelog.ErrOther) != other {
			t.Errorf("%s: %v", text, err)
		}
	}
}

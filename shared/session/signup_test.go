package session_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/ratelimit"
	"github.com/keyward/keyward/shared/session"
)

func TestTheFirstSignInFoundsAPersonalOrganization(t *testing.T) {
	h := newHouse(t, session.SignupPersonal)
	token := h.token(t, "alice", map[string]any{"email": "alice@example.com", "email_verified": true})
	principal, err := h.Authenticate(t.Context(), token, "", office)
	if err != nil {
		t.Fatal(err)
	}
	alice := h.identity("alice")
	want := session.Principal{
		Identity: alice,
		Member: org.Member{
			Identity:     alice,
			Organization: alice.PersonalOrganization(),
			Email:        "alice@example.com",
			Roles:        []string{"admin"},
			Status:       org.MemberActive,
			JoinedAt:     noon,
			LastSeenAt:   noon,
		},
		Organization: alice.PersonalOrganization(),
		States:       []ratelimit.State{{Unit: ratelimit.Minute, Limit: 600, Remaining: 599, Reset: noon.Add(time.Minute)}},
	}
	if diff := cmp.Diff(want, principal); diff != "" {
		t.Errorf("principal (-want +got):\n%s", diff)
	}
	made, err := h.store.Organization(t.Context(), principal.Organization)
	if err != nil {
		t.Fatal(err)
	}
	if made.Tier != "basic" || made.MaxTier != "enterprise" || made.KeyLimit != 1000 || len(made.CursorKey) != 32 {
		t.Errorf("organization %+v, want the catalog's tiers and limit, and a cursor key", made)
	}
}

func TestRacingFirstSignInsFoundOneOrganization(t *testing.T) {
	h := newHouse(t, session.SignupPersonal)
	token := h.token(t, "alice", nil)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			principal, err := h.Authenticate(t.Context(), token, "", office)
			if err != nil || principal.Organization != h.identity("alice").PersonalOrganization() {
				t.Errorf("organization %s, %v", principal.Organization, err)
			}
		})
	}
	all.Wait()
	memberships, err := h.store.Memberships(t.Context(), h.identity("alice"))
	if err != nil || len(memberships) != 1 {
		t.Errorf("memberships %v, %v; want one", memberships, err)
	}
}

func TestClosedSignUpAdmitsTheFirstAdminAlone(t *testing.T) {
	tests := map[string]struct {
		mode   session.Mode
		first  string
		who    string
		claims map[string]any
		want   fault.Code // empty: admitted
	}{
		"by subject":                {session.SignupClosed, "boss", "boss", nil, ""},
		"by e-mail":                 {session.SignupClosed, "boss@example.com", "x", mail("boss@example.com", true), ""},
		"by e-mail, case-folded":    {session.SignupClosed, "Boss@Example.com", "x", mail("bOSS@example.COM", "true"), ""},
		"subject in another case":   {session.SignupClosed, "boss", "Boss", nil, fault.SignupClosed},
		"e-mail not verified":       {session.SignupClosed, "boss@example.com", "x", mail("boss@example.com", false), fault.SignupClosed},
		"e-mail that folds like it": {session.SignupClosed, "kim@example.com", "x", mail("\u212Aim@example.com", true), fault.SignupClosed},
		"another e-mail":            {session.SignupClosed, "boss@example.com", "x", mail("bob@example.com", true), fault.SignupClosed},
		"somebody else":             {session.SignupClosed, "boss", "x", nil, fault.SignupClosed},
		"nobody is configured":      {session.SignupClosed, "", "x", mail("", true), fault.SignupClosed},
		"no mode is configured":     {"", "boss", "x", nil, fault.SignupClosed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, test.mode)
			h.FirstAdmin = test.first
			principal, err := h.Authenticate(t.Context(), h.token(t, test.who, test.claims), "", office)
			if test.want != "" {
				assertFault(t, err, test.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			made, err := h.store.Organization(t.Context(), principal.Organization)
			if err != nil || made.Name != "Example" || principal.Member.Roles[0] != policy.FirstRole {
				t.Errorf("%+v of %+v, %v; want the Admin of Example", principal.Member, made, err)
			}
		})
	}
}

// A subject and an e-mail may both match FirstAdmin: still only whoever comes first owns the organization.
func TestTheFirstAdminIsOnePerson(t *testing.T) {
	h := newHouse(t, session.SignupClosed)
	h.FirstAdmin = "boss@example.com"
	h.enter(t, "boss@example.com")
	second := h.token(t, "x", map[string]any{"email": "boss@example.com", "email_verified": true})
	_, err := h.Authenticate(t.Context(), second, "", office)
	assertFault(t, err, fault.SignupClosed)
}

func TestMembersSignInWhileSignUpIsClosed(t *testing.T) {
	h := newHouse(t, session.SignupClosed)
	h.join(t, "alice", "org_example", org.MemberActive, 0)
	if got := h.enter(t, "alice").Organization; got != "org_example" {
		t.Errorf("organization %s, want org_example", got)
	}
}

func TestParseModeTakesTheTwoModesAlone(t *testing.T) {
	tests := map[string]bool{"personal": true, "closed": true, "": false, "open": false, "Closed": false}
	for text, want := range tests {
		if mode, err := session.ParseMode(text); (err == nil) != want || (want && string(mode) != text) {
			t.Errorf("ParseMode(%q) = %q, %v", text, mode, err)
		}
	}
}

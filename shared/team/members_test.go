package team_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/team"
)

// Nobody is drawn into an organization that they do not know: an added member waits until they name it themselves.
func TestAnAddedMemberIsPendingUntilTheyJoin(t *testing.T) {
	f := newFixture(t)
	member, created, err := f.PutMember(t.Context(), f.alice, "bob", withRoles("dns_manager"))
	f.must(err)
	want := org.Member{Identity: person("bob"), Organization: acme, Roles: []string{"dns_manager"}, Status: org.MemberPending, InvitedAt: noon}
	f.wantEqual([]any{member, created}, []any{want, true})
	invited, created, err := f.PutMember(t.Context(), f.alice, "Carol@Example.COM", team.MemberPatch{})
	f.must(err)
	want = org.Member{Email: "carol@example.com", Organization: acme, Status: org.MemberPending, InvitedAt: noon}
	f.wantEqual([]any{invited, created}, []any{want, true})

	members, err := f.Members(t.Context(), f.alice)
	f.must(err)
	f.wantEqual(ids(members), []string{"alice active", "bob pending", "carol@example.com pending"})
	f.joins("bob", person("bob"))
	f.wantEqual(f.member("bob").Status, org.MemberActive)
}

func TestAMemberIsFoundByTheirSubjectOrTheAddressOfTheirInvitation(t *testing.T) {
	f := newFixture(t)
	f.put("carol@example.com", withRoles("admin"))
	for id, want := range map[string]string{"alice": "alice", "carol@example.com": "carol@example.com", "CAROL@example.com": "carol@example.com"} {
		member, err := f.Member(t.Context(), f.alice, id)
		f.must(err)
		f.wantEqual(member.ID(), want)
	}
	f.joins("carol@example.com", person("carol"))
	for _, id := range []string{"nobody", "carol@example.com", "ALICE", ""} {
		_, err := f.Member(t.Context(), f.alice, id)
		f.wantFault(err, fault.MemberNotFound, "", "There is no such member in your organization. Check the id.")
		_, err = f.RemoveMember(t.Context(), f.alice, id)
		f.wantFault(err, fault.MemberNotFound)
	}
}

func TestAnIDThatNobodyCanHaveIsRefused(t *testing.T) {
	f := newFixture(t)
	for _, id := range []string{
		"", "@example.com", "bob@", "a@b@c", "bob smith@example.com", "a\x00b", strings.Repeat("x", 256), `"x"@example.com`,
		strings.Repeat("x", 250) + "@b.ch",
	} {
		_, _, err := f.PutMember(t.Context(), f.alice, id, team.MemberPatch{})
		f.wantFault(err, fault.InvalidParameter, "id")
	}
	f.put(strings.Repeat("x", 255), team.MemberPatch{})
}

// An invitation that is over is renewed by whatever is put, and only then.
func TestAnInvitationThatIsOverBeginsAnew(t *testing.T) {
	f := newFixture(t)
	f.put("carol@example.com", withRoles("dns_manager"))
	f.now = noon.Add(org.InvitationTerm - time.Second)
	f.wantEqual(f.put("carol@example.com", team.MemberPatch{}).InvitedAt, noon)
	f.now = noon.Add(org.InvitationTerm)
	f.wantEqual(f.put("carol@example.com", team.MemberPatch{}).InvitedAt, f.now)
	f.wantEqual(f.member("carol@example.com").Open(f.now), true)
}

// Renewing an invitation gives its roles again, so it takes somebody who holds them.
func TestWhoRenewsAnInvitationHoldsWhatItGives(t *testing.T) {
	f := newFixture(t)
	f.role("recruiter", "members:*")
	recruiter := f.joined("rita", "recruiter")
	f.put("carol@example.com", withRoles("admin"))
	f.now = noon.Add(org.InvitationTerm)
	_, _, err := f.PutMember(t.Context(), recruiter, "carol@example.com", team.MemberPatch{})
	f.wantFault(err, fault.GrantDenied, "", "Nobody gives more than they have: you do not hold the permission *:* yourself.")
	f.wantEqual(f.member("carol@example.com").InvitedAt, noon)
	_, _, err = f.PutMember(t.Context(), recruiter, "carol@example.com", withRoles("recruiter"))
	f.must(err)
}

func TestAStatusIsOneThatTheMemberCanHave(t *testing.T) {
	f := newFixture(t)
	f.put("pending", team.MemberPatch{})
	f.joined("active", "dns_manager")
	f.joined("disabled", "dns_manager")
	f.put("disabled", withStatus("disabled"))
	f.put("away@example.com", team.MemberPatch{})
	f.put("away@example.com", withStatus("disabled"))
	const (
		join   = "status must be pending: the member becomes active by naming this organization in X-Organization."
		fresh  = "status must be pending for a new member, or be left out, not %q."
		waits  = "status must be pending or disabled, not %q."
		joined = "status must be active or disabled, not %q."
	)
	tests := map[string]map[string]string{
		"nobody":           {"active": join, "disabled": fresh, "gone": fresh, "": fresh},
		"pending":          {"pending": "", "active": join, "gone": waits},
		"active":           {"active": "", "pending": joined, "gone": joined, "Disabled": joined},
		"disabled":         {"disabled": "", "pending": joined, "gone": joined},
		"away@example.com": {"disabled": "", "active": join, "gone": waits},
	}
	for id, statuses := range tests {
		for status, want := range statuses {
			_, _, err := f.PutMember(t.Context(), f.alice, id, withStatus(status))
			if want == "" {
				f.must(err)
				continue
			}
			f.wantFault(err, fault.InvalidFieldValue, "status", strings.ReplaceAll(want, "%q", fmt.Sprintf("%q", status)))
		}
	}
	for _, id := range []string{"pending", "active", "disabled", "away@example.com"} {
		_, _, err := f.PutMember(t.Context(), f.alice, id, team.MemberPatch{Status: null[string]()})
		f.wantFault(err, fault.InvalidFieldValue, "status")
	}
	f.wantEqual(f.put("disabled", withStatus("active")).Status, org.MemberActive)
	f.wantEqual(f.put("away@example.com", withStatus("pending")).Status, org.MemberPending)
	f.wantEqual(f.put("pending", withStatus("disabled")).Status, org.MemberDisabled)
}

func TestAMemberHasRolesThatThereAreEachOnceAndAtMost20(t *testing.T) {
	f := newFixture(t)
	f.role("support", "customers:read")
	many := make([]string, 21)
	for i := range many {
		many[i] = fmt.Sprintf("role-%d", i)
	}
	const known = "admin, read_only_admin, billing_manager, cache_purger, dns_manager, security_manager, traffic_manager, insights_analyst, " +
		"global_admin, global_viewer, cloud_account_viewer, support"
	tests := map[string]struct {
		roles []string
		want  string
	}{
		"unknown":   {[]string{"admin", "king"}, `roles has "king", which is neither a role of the catalog nor one of your organization's own that stays. There are ` + known + "."},
		"duplicate": {[]string{"support", "admin", "support"}, `roles has "support" twice.`},
		"too many":  {many, "roles must be at most 20, not 21."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := f.PutMember(t.Context(), f.alice, "bob", withRoles(test.roles...))
			f.wantFault(err, fault.InvalidFieldValue, "roles", test.want)
			f.wantEqual(f.member("bob") == nil, true)
		})
	}
	f.wantEqual(f.put("bob", withRoles("support", "dns_manager")).Roles, []string{"support", "dns_manager"})
	f.wantEqual(f.put("bob", team.MemberPatch{}).Roles, []string{"support", "dns_manager"})
	f.wantEqual(f.put("bob", withRoles()).Roles, []string{})
}

func TestPuttingAMemberAsTheyAreChangesNothing(t *testing.T) {
	f := newFixture(t)
	f.joined("bob", "dns_manager")
	before, err := f.store.Roster(t.Context(), acme)
	f.must(err)
	for _, patch := range []team.MemberPatch{{}, withRoles("dns_manager"), withStatus("active")} {
		_, created, err := f.PutMember(t.Context(), f.alice, "bob", patch)
		f.must(err)
		f.wantEqual(created, false)
	}
	after, err := f.store.Roster(t.Context(), acme)
	f.must(err)
	f.wantEqual(after, before)
}

func TestTheLastAdminStays(t *testing.T) {
	f := newFixture(t)
	f.role("king", "*:*")
	f.put("pending", withRoles("admin"))
	f.joined("disabled", "admin")
	f.put("disabled", withStatus("disabled"))
	f.joined("king", "king") // an own role may be changed, and makes no Admin
	const want = "This is the organization's last Admin. Make another member an Admin first."
	for _, patch := range []team.MemberPatch{withRoles(), withRoles("dns_manager", "king"), withStatus("disabled")} {
		_, _, err := f.PutMember(t.Context(), f.alice, "alice", patch)
		f.wantFault(err, fault.LastAdmin, "", want)
	}
	_, err := f.RemoveMember(t.Context(), f.alice, "alice")
	f.wantFault(err, fault.LastAdmin, "", want)

	f.put("alice", withRoles("global_admin", "dns_manager"))
	f.joins("pending", person("pending"))
	removed, err := f.RemoveMember(t.Context(), f.alice, "alice")
	f.must(err)
	f.wantEqual(removed.ID(), "alice")
	f.wantEqual(f.member("alice") == nil, true)
}

// However Admins try to get rid of each other at once, one stays.
func TestAdminsWhoEndEachOtherAtOnceLeaveOne(t *testing.T) {
	ends := map[string]func(f *fixture, as grant.Caller, id string) error{
		"removed": func(f *fixture, as grant.Caller, id string) error {
			_, err := f.RemoveMember(f.Context(), as, id)
			return err
		},
		"demoted": func(f *fixture, as grant.Caller, id string) error {
			_, _, err := f.PutMember(f.Context(), as, id, withRoles("dns_manager"))
			return err
		},
		"disabled": func(f *fixture, as grant.Caller, id string) error {
			_, _, err := f.PutMember(f.Context(), as, id, withStatus("disabled"))
			return err
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			admins := map[string]grant.Caller{"alice": f.alice, "bob": f.joined("bob", "admin"), "carol": f.joined("carol", "admin")}
			var group sync.WaitGroup
			var refused sync.Map
			for id, caller := range admins {
				group.Go(func() {
					if err := end(f, caller, id); err != nil {
						refused.Store(id, err)
					}
				})
			}
			group.Wait()
			left := 0
			refused.Range(func(_, err any) bool {
				left++
				f.wantFault(err.(error), fault.LastAdmin)
				return true
			})
			if left != 1 {
				t.Errorf("%d Admins were left", left)
			}
		})
	}
}

// Between the reading and the change the other Admin goes: the rule is judged again.
func TestTheLastAdminRuleSeesWhatHappensMeanwhile(t *testing.T) {
	f := newFixture(t)
	f.joined("bob", "admin")
	f.meddle(&meddling{beforeMember: func() {
		f.alone()
		_, err := f.RemoveMember(t.Context(), f.alice, "bob")
		f.must(err)
	}})
	_, err := f.RemoveMember(t.Context(), f.alice, "alice")
	f.wantFault(err, fault.LastAdmin)
}

// Who is demoted while their change is under way changes nothing any more.
func TestAnAdminWhoIsDemotedMeanwhileGivesNothing(t *testing.T) {
	f := newFixture(t)
	mallory := f.joined("mallory", "admin")
	f.put("sock", withRoles())
	f.meddle(&meddling{beforeMember: func() {
		f.alone()
		f.put("mallory", withRoles())
	}})
	_, _, err := f.PutMember(t.Context(), mallory, "sock", withRoles("admin"))
	if !errors.Is(err, fault.GrantDenied) || len(f.member("sock").Roles) != 0 {
		t.Errorf("error = %v, and the member has %v", err, f.member("sock").Roles)
	}
	f.must(ignored(f.RemoveMember(t.Context(), f.alice, "mallory")))
	if _, err := f.RemoveMember(t.Context(), mallory, "sock"); !errors.Is(err, fault.MemberInactive) {
		t.Errorf("a removed member removes others: %v", err)
	}
}

func ignored[T any](_ T, err error) error { return err }

// Who is removed is not back by an invitation that is still open; and nobody is invited who is there.
func TestARemovedMemberLeavesNoInvitationBehind(t *testing.T) {
	f := newFixture(t)
	f.put("pam@example.com", withRoles("dns_manager"))
	f.joins("pam@example.com", person("pam"))
	if _, _, err := f.PutMember(t.Context(), f.alice, "PAM@example.com", withRoles()); !errors.Is(err, fault.InvalidParameter) {
		t.Errorf("a present member was invited: %v", err)
	}
	f.put("zed", withRoles())
	f.put("zed@example.com", withRoles())
	roster, err := f.store.Roster(t.Context(), acme)
	f.must(err)
	zed, _ := roster.Member("zed")
	known := zed
	known.Email = "zed@example.com"
	f.must(f.store.ChangeMember(t.Context(), org.MemberChange{Organization: acme, Version: roster.Version, Before: &zed, After: &known,
		Activity: audit.NewEntry(f.now, audit.System, audit.MemberUpdated, "member:zed", netip.Addr{})}))
	f.must(ignored(f.RemoveMember(t.Context(), f.alice, "zed")))
	for _, id := range []string{"zed", "zed@example.com"} {
		if f.member(id) != nil {
			t.Errorf("%s is still there", id)
		}
	}
}

// An organization has so many members that reading them all is cheap: nobody grows it beyond that.
func TestAnOrganizationHasAThousandMembersAtMost(t *testing.T) {
	f := newFixture(t)
	full := org.Roster{Members: make([]org.Member, 1000)}
	f.meddle(&meddling{}).roster = &full
	full.Members[0] = org.Member{Identity: f.alice.Identity, Roles: []string{"admin"}, Status: org.MemberActive}
	_, _, err := f.PutMember(t.Context(), f.alice, "one-more", withRoles())
	if !errors.Is(err, fault.InvalidParameter) || fault.From(err).Detail != "An organization may have 1000 members. Remove one who is no longer there." {
		t.Errorf("error = %v", err)
	}
}

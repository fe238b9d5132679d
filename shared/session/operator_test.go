package session_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/session"
)

// An operator may name any organization there is, and acts there as its first member would. They join nothing.
func TestAnOperatorActsInAnyOrganization(t *testing.T) {
	pending, disabled := org.MemberPending, org.MemberDisabled
	for name, status := range map[string]*org.MemberStatus{"no member": nil, "a pending one": &pending, "a disabled one": &disabled} {
		t.Run(name, func(t *testing.T) {
			h := newAcme(t, session.SignupClosed)
			h.Operators = []string{"root"}
			if status != nil {
				member := h.invited("root", "org_acme")
				member.Status, member.Roles = *status, nil
				h.add(t, member)
			}
			before := h.roster(t, "org_acme")
			principal, err := h.naming(t, "root", "org_acme", nil)
			want := org.Member{Identity: h.identity("root"), Organization: "org_acme", Roles: []string{policy.FirstRole}, Status: org.MemberActive}
			if diff := cmp.Diff(want, principal.Member); err != nil || diff != "" || !principal.Operator || principal.Organization != "org_acme" {
				t.Errorf("principal %+v, %v; member (-want +got)\n%s", principal, err, diff)
			}
			if diff := cmp.Diff(before, h.roster(t, "org_acme")); diff != "" {
				t.Errorf("the members changed (-want +got)\n%s", diff)
			}
		})
	}
}

// Where an operator is an active member they have the roles of one, and are still an operator.
func TestAnOperatorWhoIsAMemberHasTheirOwnRoles(t *testing.T) {
	h := newAcme(t, session.SignupClosed)
	h.Operators = []string{"root"}
	member := h.invited("root", "org_acme")
	member.Status, member.JoinedAt, member.Roles = org.MemberActive, noon, nil
	h.add(t, member)
	principal, err := h.naming(t, "root", "org_acme", nil)
	if err != nil || len(principal.Member.Roles) != 0 || !principal.Operator {
		t.Errorf("principal %+v, %v", principal, err)
	}
	if h.enter(t, "boss").Operator {
		t.Error("a member who is no operator is one")
	}
}

// An organization that does not exist is denied to an operator as a foreign one is to anybody else.
func TestAnOperatorIsDeniedWhatDoesNotExistLikeAnybody(t *testing.T) {
	h := newAcme(t, session.SignupPersonal)
	h.Operators = []string{"root"}
	_, want := h.naming(t, "alice", "org_acme", nil)
	assertFault(t, want, fault.OrganizationDenied)
	for who, named := range map[string]org.ID{"root": "org_none", "alice": "org_none", "Root": "org_acme", "boss": "nonsense"} {
		principal, err := h.naming(t, who, named, nil)
		if err == nil || err.Error() != want.Error() || fault.From(err).Detail != fault.From(want).Detail {
			t.Errorf("%s: error = %v, want %v", who, err, want)
		}
		if principal.Operator || principal.Organization != "" {
			t.Errorf("%s: principal %+v", who, principal)
		}
	}
}

// Without the header an operator is where anybody else would be.
func TestAnOperatorsDefaultIsTheirOwnOrganization(t *testing.T) {
	h := newAcme(t, session.SignupPersonal)
	h.Operators = []string{"root"}
	if principal := h.enter(t, "root"); principal.Organization != h.identity("root").PersonalOrganization() || !principal.Operator {
		t.Errorf("principal %+v", principal)
	}
}

// In a closed deployment, whose store may not be believed, membership is worth nothing: nobody is let in but those whom the
// deployment itself names, and nothing is written for others.
func TestAClosedDeploymentLetsOperatorsInAlone(t *testing.T) {
	h := newAcme(t, session.SignupPersonal)
	h.Operators, h.Closed = []string{"root"}, true
	for _, who := range []string{"boss", "newcomer"} {
		principal, err := h.naming(t, who, "", nil)
		assertFault(t, err, fault.Unavailable)
		if principal.Organization != "" || len(principal.States) != 0 {
			t.Errorf("%s: principal %+v", who, principal)
		}
	}
	if principal, err := h.naming(t, "root", "org_acme", nil); err != nil || !principal.Operator {
		t.Errorf("the operator: %+v, %v", principal, err)
	}
	h.Closed = false
	h.enter(t, "boss")
}

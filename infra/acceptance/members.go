package acceptance

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	noMember  = "There is no such member in your organization. Check the id."
	inactive  = "Your membership in this organization is disabled. Ask one of its Admins to enable it."
	notYours  = "X-Organization does not name an organization of yours. Name one that you are a member of, or leave the header out."
	lastAdmin = "This is the organization's last Admin. Make another member an Admin first."
)

func memberPath(id string) string { return "/v1/members/" + id }

// wantMember checks all that an answer says of a member, but for when they joined and were seen.
func (a *answer) wantMember(message string, want fields) {
	a.t.Helper()
	if got := a.body()["message"]; got != message {
		a.errorf("message = %q, want %q", got, message)
	}
	got := a.data()
	want = merge(fields{"joined_at": got["joined_at"], "last_seen_at": got["last_seen_at"]}, want)
	if diff := cmp.Diff(want, got); diff != "" {
		a.errorf("data (-want +got)\n%s", diff)
	}
	if joined := got["joined_at"] != nil; joined == (want["status"] == "pending") {
		a.errorf("joined_at = %v of a member who is %v", got["joined_at"], want["status"])
	}
}

func testMembers(t *testing.T, target Target) {
	t.Run("one added by subject waits, and joins by naming the organization", func(t *testing.T) {
		ann, bob := newMember(t, target), newMember(t, target)
		testJoining(ann, bob, bob.name)
	})
	t.Run("one invited by e-mail likewise, and the invitation is gone", func(t *testing.T) {
		ann, bob := newMember(t, target), newMember(t, target)
		testJoining(ann, bob, bob.name+"@keyward.localhost")
		ann.do("GET", memberPath(bob.name+"@keyward.localhost"), nil).wantRefusal(http.StatusNotFound, "member_not_found", "Not found", noMember, "")
	})
	t.Run("an id may be encoded in the path", func(t *testing.T) {
		ann := newMember(t, target)
		for encoded, id := range map[string]string{
			"bob%40example.com": "bob@example.com", "a+b@example.com": "a+b@example.com", "c%2Bd%40example.com": "c+d@example.com", "e%25f": "e%f",
		} {
			ann.do("PUT", memberPath(encoded), fields{}).wantStatus(http.StatusCreated)
			if got := ann.do("GET", memberPath(encoded), nil).data()["id"]; got != id {
				t.Errorf("%s is %v, want %s", encoded, got, id)
			}
			ann.do("DELETE", memberPath(encoded), nil).wantStatus(http.StatusOK)
		}
	})
	t.Run("of several organizations one's own is the default", func(t *testing.T) { testSeveral(newMember(t, target), newMember(t, target)) })
	t.Run("an organization that is not one's own looks as if it did not exist", func(t *testing.T) { testDenied(t, target) })
	t.Run("a change of roles holds on the next request", func(t *testing.T) {
		ann := newMember(t, target)
		bob := ann.colleague("read_only_admin")
		bob.do("GET", "/v1/keys", nil).wantStatus(http.StatusOK)
		changed := ann.do("PUT", memberPath(bob.name), fields{"roles": []string{"dns_manager"}})
		changed.wantStatus(http.StatusOK)
		changed.wantMember("Member updated successfully",
			fields{"id": bob.name, "email": bob.name + "@keyward.localhost", "roles": []any{"dns_manager"}, "status": "active"})
		bob.do("GET", "/v1/keys", nil).wantError(http.StatusForbidden, "permission_denied")
	})
	t.Run("a disabled one is refused until enabled, a removed one is a stranger", func(t *testing.T) { testEnding(newMember(t, target)) })
	t.Run("the last Admin stays", func(t *testing.T) {
		ann := newMember(t, target)
		for _, body := range []fields{{"roles": []string{}}, {"roles": []string{"dns_manager"}}, {"status": "disabled"}} {
			ann.do("PUT", memberPath(ann.name), body).wantRefusal(http.StatusConflict, "last_admin", "Conflict", lastAdmin, "")
		}
		ann.do("DELETE", memberPath(ann.name), nil).wantRefusal(http.StatusConflict, "last_admin", "Conflict", lastAdmin, "")
		bob := ann.colleague("global_admin")
		bob.do("DELETE", memberPath(ann.name), nil).wantStatus(http.StatusOK)
		bob.do("DELETE", memberPath(bob.name), nil).wantError(http.StatusConflict, "last_admin")
	})
	t.Run("what can't be is refused", func(t *testing.T) { testBadMembers(newMember(t, target)) })
}

// testJoining invites bob by that id into ann's organization.
func testJoining(ann, bob *caller, id string) {
	organization := ann.organization()
	named := bob.and("X-Organization", organization)
	bob.do("GET", "/v1/account", nil).wantStatus(http.StatusOK)
	named.do("GET", "/v1/account", nil).wantError(http.StatusForbidden, "organization_denied")

	email := ""
	if id != bob.name {
		email = id
	}
	waiting := fields{"id": id, "email": email, "roles": []any{"dns_manager"}, "status": "pending"}
	added := ann.do("PUT", memberPath(id), fields{"roles": []string{"dns_manager"}})
	added.wantStatus(http.StatusCreated)
	added.wantMember("Member updated successfully", waiting)
	ann.do("GET", memberPath(id), nil).wantMember("Member retrieved successfully", waiting)
	if got := bob.organization(); got == organization {
		ann.t.Error("whoever adds somebody captures what they do by default")
	}

	named.do("GET", "/v1/account", nil).wantStatus(http.StatusOK)
	joined := fields{"id": bob.name, "email": bob.name + "@keyward.localhost", "roles": []any{"dns_manager"}, "status": "active"}
	ann.do("GET", memberPath(bob.name), nil).wantMember("Member retrieved successfully", joined)
	listed := ann.do("GET", "/v1/members", nil)
	if got := listed.body()["message"]; got != "Members retrieved successfully" {
		listed.errorf("message = %q", got)
	}
	if members := listed.data()["members"].([]any); len(members) != 2 || members[0].(fields)["id"] != ann.name || members[1].(fields)["id"] != bob.name {
		listed.errorf("the members are not the two, the first one joined first")
	}
}

func testSeveral(ann, bob *caller) {
	own, other := bob.organization(), ann.organization()
	memberships := func(want ...any) {
		bob.t.Helper()
		if diff := cmp.Diff(want, bob.do("GET", "/v1/account", nil).data()["organizations"]); diff != "" {
			bob.t.Errorf("organizations (-want +got)\n%s", diff)
		}
	}
	membership := func(id, status string) any {
		return fields{"organization_id": id, "name": "Personal", "status": status}
	}
	memberships(membership(own, "active"))
	ann.do("PUT", memberPath(bob.name), fields{"roles": []string{"admin"}}).wantStatus(http.StatusCreated)
	memberships(membership(own, "active"), membership(other, "pending"))
	named := bob.and("X-Organization", other)
	key := named.create()
	memberships(membership(own, "active"), membership(other, "active"))
	bob.do("GET", key.path(), nil).wantKeyNotFound()
	bob.and("X-Organization", own).do("GET", key.path(), nil).wantKeyNotFound()
	named.do("GET", key.path(), nil).wantStatus(http.StatusOK)
	ann.do("GET", key.path(), nil).wantStatus(http.StatusOK)
	if got := bob.organization(); got != own {
		bob.t.Errorf("without the header bob acts in %s, want his own, %s", got, own)
	}
}

func testDenied(t *testing.T, target Target) {
	ann, bob := newMember(t, target), newMember(t, target)
	foreign := ann.organization()
	bob.do("GET", "/v1/account", nil).wantStatus(http.StatusOK)
	for _, method := range []string{"GET", "PATCH"} {
		one := bob.and("X-Organization", foreign).do(method, "/v1/account", fields{})
		other := bob.and("X-Organization", "org_0000000000000000").do(method, "/v1/account", fields{})
		one.wantRefusal(http.StatusForbidden, "organization_denied", "Permission denied", notYours, "")
		if one.withoutRequestID() != other.withoutRequestID() {
			t.Errorf("they can be told apart:\n%s\n%s", one.text, other.text)
		}
	}
}

func testEnding(ann *caller) {
	bob := ann.colleague("admin")
	for range 2 {
		ann.do("PUT", memberPath(bob.name), fields{"status": "disabled"}).wantStatus(http.StatusOK)
		for _, path := range []string{"/v1/account", "/v1/keys", "/v1/members"} {
			bob.do("GET", path, nil).wantRefusal(http.StatusForbidden, "member_inactive", "Permission denied", inactive, "")
		}
		ann.do("PUT", memberPath(bob.name), fields{"status": "active"}).wantStatus(http.StatusOK)
		bob.do("GET", "/v1/keys", nil).wantStatus(http.StatusOK)
	}
	key := bob.create()
	ann.do("DELETE", memberPath(bob.name), nil).wantMember("Member removed successfully",
		fields{"id": bob.name, "email": bob.name + "@keyward.localhost", "roles": []any{"admin"}, "status": "active"})
	bob.do("GET", "/v1/keys", nil).wantRefusal(http.StatusForbidden, "organization_denied", "Permission denied", notYours, "")
	ann.do("GET", memberPath(bob.name), nil).wantRefusal(http.StatusNotFound, "member_not_found", "Not found", noMember, "")
	ann.holder(key.secret).sample("production").wantStatus(http.StatusOK) // it belongs to the organization
}

func testBadMembers(ann *caller) {
	bob := newName("member")
	for body, want := range map[string][3]string{
		`{"roles":["king"]}`:          {"invalid_field", "roles", ""},
		`{"roles":["admin","admin"]}`: {"invalid_field", "roles", `roles has "admin" twice.`},
		`{"roles":"admin"}`:           {"invalid_field", "roles", "roles must be a list."},
		`{"status":"active"}`:         {"invalid_field", "status", "status must be pending: the member becomes active by naming this organization in X-Organization."},
		`{"status":"disabled"}`:       {"invalid_field", "status", `status must be pending for a new member, or be left out, not "disabled".`},
		`{"status":null}`:             {"invalid_field", "status", `status must be pending for a new member, or be left out, not "".`},
		`{"email":"bob@example.com"}`: {"unknown_field", "email", noField("email", "roles, status")},
		`[]`:                          {"invalid_body", "", "The body must be one JSON object."},
	} {
		answer := ann.do("PUT", memberPath(bob), body)
		answer.wantError(http.StatusBadRequest, want[0])
		if got := answer.body(); want[1] != "" && got["field"] != want[1] || want[2] != "" && got["error"] != want[2] {
			answer.errorf("%s: want %q", body, want)
		}
	}
	ann.do("GET", memberPath(bob), nil).wantError(http.StatusNotFound, "member_not_found")
	ann.do("DELETE", memberPath(bob), nil).wantError(http.StatusNotFound, "member_not_found")
	ann.do("PUT", memberPath("a@b@c"), fields{}).wantError(http.StatusBadRequest, "invalid_parameter")
}

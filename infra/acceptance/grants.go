package acceptance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Sentences of a grant_denied.
func lacksText(what string) string {
	return "Nobody gives more than they have: you do not hold " + what + " yourself."
}

func exceedsText(how string) string { return "A key gives no more than it has: " + how + "." }

const neverInherits = "it can't give the permissions that a member has from day to day, which is what inherit does"

// wantNotGiven checks for a grant_denied.
func (a *answer) wantNotGiven(text string) {
	a.t.Helper()
	a.wantRefusal(http.StatusForbidden, "grant_denied", "Permission denied", text, "")
}

// foreman is a key that manages others, and is bound in every way that a key can be.
type foreman struct {
	ann    *caller
	key    key
	own    string // the address that it may be used from: this machine's
	holder *caller
}

func newForeman(ann *caller) foreman {
	own := ownAddress(ann)
	key := ann.create(fields{
		"permissions": []string{"keys:*", "dns:*"}, "services": []string{"dns", "keyward"}, "customers": []string{"c1"}, "accounts": []string{"a1"},
		"rate_limit": 60, "quota_per_day": 500, "quota_per_month": 5000, "expires_in_days": 30, "ip_allow": networks(own),
	})
	return foreman{ann, key, own, ann.holder(key.secret)}
}

// beyond is, of each kind of thing that a key gives, one that goes beyond the foreman's own, with what it is told.
func (f foreman) beyond() map[string]struct {
	asked fields
	text  string
} {
	expires := fmt.Sprint("its expires_at is ", f.key.data["expires_at"])
	return map[string]struct {
		asked fields
		text  string
	}{
		"a permission":       {fields{"permissions": []string{"dns:read", "billing:read"}}, lacksText("the permission billing:read")},
		"a wider pattern":    {fields{"permissions": []string{"*:read"}}, lacksText("the permission *:read")},
		"a role":             {fields{"roles": []string{"admin"}}, lacksText("the permission *:*")},
		"a service":          {fields{"services": []string{"dns", "cdn"}}, lacksText("the service cdn")},
		"every service":      {fields{"services": "all"}, lacksText("every service")},
		"a customer":         {fields{"customers": []string{"c2"}}, lacksText("the customer c2")},
		"every customer":     {fields{"customers": "all"}, lacksText("every customer")},
		"an account":         {fields{"accounts": []string{"a1", "a2"}}, lacksText("the account a2")},
		"every account":      {fields{"accounts": "all"}, lacksText("every account")},
		"a limit":            {fields{"rate_limit": 61}, exceedsText("its rate_limit is 60")},
		"a tier":             {fields{"tier": "pro", "rate_limit": nil}, exceedsText("its rate_limit is 60, less than that of the tier pro")},
		"a quota a day":      {fields{"quota_per_day": 501}, exceedsText("its quota_per_day is 500")},
		"a quota a month":    {fields{"quota_per_month": 5001}, exceedsText("its quota_per_month is 5000")},
		"a later expiry":     {fields{"expires_in_days": 31}, exceedsText(expires)},
		"no expiry":          {fields{"expires_in": "never"}, exceedsText(expires)},
		"another address":    {fields{"ip_allow": networks(f.own, "203.0.113.9")}, exceedsText("its ip_allow and ip_deny do not admit all that this key's would")},
		"every address":      {fields{"ip_allow": networks()}, exceedsText("its ip_allow and ip_deny do not admit all that this key's would")},
		"an owner's changes": {fields{"roles": []string{}, "permissions": []string{}, "inherit": true}, exceedsText(neverInherits)},
	}
}

func testGrants(t *testing.T, target Target) {
	t.Run("what a key makes is bound as it is itself", func(t *testing.T) { testCopied(newForeman(newMember(t, target))) })
	t.Run("a key gives no more than it has", func(t *testing.T) { testForeman(t, newForeman(newMember(t, target))) })
	t.Run("a key can't touch a stronger one, but stop it", func(t *testing.T) { testStronger(newForeman(newMember(t, target))) })
	t.Run("a key sees its own environment's keys alone", func(t *testing.T) {
		f := newForeman(newMember(t, target))
		staging := f.ann.create(fields{"environment": "staging"})
		for _, call := range []string{"GET ", "PATCH ", "DELETE ", "POST /disable", "POST /enable", "POST /regenerate", "POST /explain"} {
			method, tail, _ := strings.Cut(call, " ")
			f.holder.do(method, staging.path()+tail, fields{}).wantKeyNotFound()
		}
		f.holder.do("POST", "/v1/keys", fields{"name": newName("key"), "environment": "staging"}).wantNotGiven(lacksText("the environment staging"))
		for _, name := range f.holder.do("GET", "/v1/keys", nil).names() {
			if name == staging.name {
				t.Error("it lists a key of staging")
			}
		}
	})
	t.Run("a member gives no more than they have", func(t *testing.T) { testMemberGives(newMember(t, target)) })
	t.Run("who inherits from another holds all that they do", func(t *testing.T) {
		ann := newMember(t, target)
		ann.putRole("manager", "keys:*", "dns:*")
		bob, carol := ann.colleague("manager"), ann.colleague("dns_manager")
		bob.create(fields{"inherit": true, "owner": carol.name})
		bob.create(fields{"inherit": true})
		inherit := func(owner string) *answer {
			return bob.do("POST", "/v1/keys", fields{"name": newName("key"), "inherit": true, "owner": owner})
		}
		inherit(ann.name).wantNotGiven(lacksText("the permission *:*"))
		ann.do("PUT", memberPath(carol.name), fields{"roles": []string{"dns_manager", "billing_manager"}}).wantStatus(http.StatusOK)
		inherit(carol.name).wantNotGiven(lacksText("the permission billing:*"))
	})
}

// testCopied has the foreman make a key that asks for nothing.
func testCopied(f foreman) {
	made := f.holder.create()
	want := fields{"owner": f.ann.name, "created_by": "key:" + f.key.id, "inherit": false}
	for _, name := range []string{
		"environment", "roles", "permissions", "services", "customers", "accounts", "rate_limit", "quota_per_day", "quota_per_month",
		"expires_at", "ip_allow", "ip_deny",
	} {
		want[name] = f.key.data[name]
	}
	got := fields{}
	for name := range want {
		got[name] = made.data[name]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		f.ann.t.Errorf("(-its maker's +its own)\n%s", diff)
	}
}

func testForeman(t *testing.T, f foreman) {
	carol := f.ann.colleague("dns_manager")
	f.holder.do("POST", "/v1/keys", fields{"name": newName("key"), "owner": carol.name}).
		wantNotGiven(exceedsText("its owner is " + f.ann.name + ", and so is that of every key that it makes"))
	made := f.holder.create(fields{"permissions": []string{"dns:read"}})
	for name, test := range f.beyond() {
		t.Run(name, func(t *testing.T) {
			holder := f.holder.in(t)
			holder.do("POST", "/v1/keys", merge(fields{"name": newName("key")}, test.asked)).wantNotGiven(test.text)
			holder.do("PATCH", made.path(), test.asked).wantNotGiven(test.text)
		})
	}
	for _, quota := range []string{"quota_per_day", "quota_per_month"} {
		f.holder.do("PATCH", made.path(), fields{quota: nil}).wantNotGiven(exceedsText(fmt.Sprintf("its %s is %v", quota, f.key.data[quota])))
	}
	if got := f.ann.do("GET", made.path(), nil).data()["version"]; got != 1.0 {
		t.Errorf("version = %v after nothing but refusals", got)
	}
	less := fields{"permissions": []string{"dns:write"}, "services": []string{"dns"}, "rate_limit": 5, "quota_per_day": 5, "expires_in_days": 1, "active": false}
	f.holder.do("PATCH", made.path(), less).wantStatus(http.StatusOK)
	f.holder.do("POST", made.path()+"/enable", nil).wantStatus(http.StatusOK)
	f.holder.regenerate(made, nil)
	f.holder.do("DELETE", made.path(), nil).wantStatus(http.StatusOK)
}

// testStronger has the foreman meddle with keys that are stronger than itself, each in one way.
func testStronger(f foreman) {
	weak := fields{
		"permissions": []string{"dns:read"}, "services": []string{"dns"}, "customers": []string{"c1"}, "accounts": []string{"a1"},
		"rate_limit": 60, "quota_per_day": 500, "quota_per_month": 5000, "expires_in_days": 30, "ip_allow": networks(f.own),
	}
	for name, test := range f.beyond() {
		made := merge(weak, test.asked)
		if test.asked["expires_in"] != nil {
			delete(made, "expires_in_days")
		}
		strong := f.ann.create(made)
		refused := func(answer *answer) {
			f.ann.t.Helper()
			if answer.status != http.StatusForbidden || answer.body()["code"] != "grant_denied" {
				answer.errorf("%s: want grant_denied", name)
			}
		}
		refused(f.holder.do("PATCH", strong.path(), fields{"description": "x"}))
		refused(f.holder.do("POST", strong.path()+"/regenerate", nil))
		f.holder.do("POST", strong.path()+"/disable", nil).wantStatus(http.StatusOK)
		refused(f.holder.do("POST", strong.path()+"/enable", nil))
		refused(f.holder.do("POST", strong.path()+"/regenerate", nil))
		f.ann.do("POST", strong.path()+"/enable", nil).wantStatus(http.StatusOK)
		f.holder.do("DELETE", strong.path(), nil).wantStatus(http.StatusOK)
	}
}

func testMemberGives(ann *caller) {
	ann.putRole("manager", "keys:*", "dns:*", "members:*")
	bob := ann.colleague("manager")
	strong, off := ann.create(), ann.create()
	ann.do("POST", off.path()+"/disable", nil).wantStatus(http.StatusOK)
	all, billing := lacksText("the permission *:*"), lacksText("the permission billing:*")

	bob.do("POST", "/v1/keys", fields{"name": newName("key"), "roles": []string{"billing_manager"}}).wantNotGiven(billing)
	bob.do("POST", strong.path()+"/regenerate", nil).wantNotGiven(all)
	bob.do("POST", off.path()+"/enable", nil).wantNotGiven(all)
	bob.do("PATCH", off.path(), fields{"active": true}).wantNotGiven(all)
	weak := bob.create()
	bob.do("PATCH", weak.path(), fields{"roles": []string{"manager", "billing_manager"}}).wantNotGiven(billing)
	bob.do("PUT", memberPath(bob.name), fields{"roles": []string{"manager", "billing_manager"}}).wantNotGiven(billing)
	bob.do("PUT", memberPath(newName("new")), fields{"roles": []string{"admin"}}).wantNotGiven(all)
	bob.do("PUT", "/v1/roles/manager", fields{"permissions": []string{"keys:*", "*:*"}}).wantNotGiven(all)

	bob.do("PATCH", strong.path(), fields{"description": "harmless"}).wantStatus(http.StatusOK)
	bob.do("PATCH", strong.path(), fields{"expires_in": "never"}).wantNotGiven(all)
	bob.do("POST", strong.path()+"/disable", nil).wantStatus(http.StatusOK)
	bob.do("DELETE", strong.path(), nil).wantStatus(http.StatusOK)
}

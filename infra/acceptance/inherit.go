package acceptance

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const ownerGone = "The key's owner is no longer active in the organization."

// setMember changes a member of the organization that c acts in.
func (c *caller) setMember(id string, change fields) {
	c.t.Helper()
	c.do("PUT", "/v1/members/"+id, change).wantStatus(http.StatusOK)
}

func testInherit(t *testing.T, target Target) {
	t.Run("a key has its owner's permissions, as they are now", func(t *testing.T) { testInheritsRoles(newMember(t, target)) })
	t.Run("an owner's own roles count too", func(t *testing.T) {
		ann := newMember(t, target)
		ann.do("PUT", "/v1/roles/keeper", fields{"permissions": []string{"keys:write", "dns:read"}}).wantStatus(http.StatusCreated)
		key := ann.colleague("keeper").create(fields{"inherit": true})
		ann.holder(key.secret).sample("production").wantStatus(http.StatusOK)
		ann.do("PUT", "/v1/roles/keeper", fields{"permissions": []string{"keys:write"}}).wantStatus(http.StatusOK)
		ann.holder(key.secret).sample("production").wantForbidden("permission_denied", exit403)
	})
	t.Run("an owner disabled or removed stops the key at once", func(t *testing.T) { testOwnerGone(newMember(t, target)) })
	t.Run("an owner disabled or removed stops inheriting keys only", func(t *testing.T) { testOwnersOtherKeys(newMember(t, target)) })
	t.Run("scope and IP lists limit what is inherited", func(t *testing.T) {
		ann := newMember(t, target)
		key := ann.create(fields{"inherit": true, "services": []string{"dns"}, "ip_deny": networks("203.0.113.9")})
		ann.wantValid(key, fields{"service": "dns", "ip": "203.0.113.8"})
		ann.verify(key, fields{"service": "cdn", "ip": "203.0.113.8"}).wantVerdict("service_denied", noServiceText("cdn"))
		ann.verify(key, fields{"ip": "203.0.113.9"}).wantVerdict("ip_denied", noAddressText("203.0.113.9"))
	})
	t.Run("for another owner", func(t *testing.T) { testInheritForAnother(newMember(t, target)) })
	t.Run("a key never sets inherit", func(t *testing.T) {
		ann := newMember(t, target)
		holder := ann.holder(ann.create().secret)
		const text = "A key gives no more than it has: it can't give the permissions that a member has from day to day, which is what inherit does."
		holder.do("POST", "/v1/keys", fields{"name": "x", "inherit": true}).wantForbidden("grant_denied", text)
		holder.do("PATCH", ann.create().path(), fields{"inherit": true}).wantForbidden("grant_denied", text)
	})
}

func testOwnersOtherKeys(ann *caller) {
	bob := ann.colleague("admin")
	own, inherits := bob.create(fields{"roles": []string{"dns_manager"}}), bob.create(fields{"inherit": true})
	for _, stop := range []string{"disable", "remove"} {
		if stop == "disable" {
			ann.setMember(bob.name, fields{"status": "disabled"})
		} else {
			ann.do("DELETE", "/v1/members/"+bob.name, nil).wantStatus(http.StatusOK)
		}
		ann.holder(own.secret).sample("production").wantStatus(http.StatusOK)
		ann.holder(inherits.secret).sample("production").wantUnauthorized()
		if got := ann.do("GET", "/v1/keys?owner="+bob.name+"&sort=created_at", nil).names(); !cmp.Equal(got, []string{own.name, inherits.name}) {
			ann.t.Errorf("keys of the owner: %v", got)
		}
	}
}

// testInheritsRoles demotes and promotes the owner: the key follows on the very next request.
func testInheritsRoles(ann *caller) {
	bob := ann.colleague("admin")
	key := bob.create(fields{"inherit": true, "tier": "pro"})
	shown := fields{"inherit": key.data["inherit"], "roles": key.data["roles"], "permissions": key.data["permissions"], "owner": key.data["owner"]}
	if diff := cmp.Diff(fields{"inherit": true, "roles": []any{}, "permissions": []any{}, "owner": bob.name}, shown); diff != "" {
		ann.t.Errorf("the key (-want +got)\n%s", diff)
	}
	holder := ann.holder(key.secret)
	for range 2 {
		ann.wantPermissions(key, "*:*")
		holder.sample("production").wantStatus(http.StatusOK)
		ann.setMember(bob.name, fields{"roles": []string{"billing_manager"}})
		holder.sample("production").wantForbidden("permission_denied", exit403)
		ann.wantPermissions(key, "billing:*")
		ann.setMember(bob.name, fields{"roles": []string{"read_only_admin"}})
		holder.sample("production").wantStatus(http.StatusOK)
		holder.send("POST", ann.target.Sample("production")+"/zones", nil).wantForbidden("permission_denied", exit403)
		ann.setMember(bob.name, fields{"roles": []string{"admin"}})
		holder.send("POST", ann.target.Sample("production")+"/zones", nil).wantStatus(http.StatusCreated)
	}
}

func testOwnerGone(ann *caller) {
	bob := ann.colleague("admin")
	key := bob.create(fields{"inherit": true})
	holder := ann.holder(key.secret)
	for range 2 {
		holder.sample("production").wantStatus(http.StatusOK)
		ann.setMember(bob.name, fields{"status": "disabled"})
		holder.sample("production").wantUnauthorized()
		ann.verify(key).wantVerdict("owner_inactive", ownerGone)
		ann.explainSecret(key, fields{}).wantFailed("owner_inactive")
		ann.setMember(bob.name, fields{"status": "active"})
	}
	holder.sample("production").wantStatus(http.StatusOK)
	ann.do("DELETE", "/v1/members/"+bob.name, nil).wantStatus(http.StatusOK)
	holder.sample("production").wantUnauthorized()
	holder.forward("GET", "production/dns/zones").wantRefusal(http.StatusUnauthorized, "owner_inactive", "Invalid or missing API key", ownerGone, "")
	ann.verify(key).wantVerdict("owner_inactive", ownerGone)
	if got := ann.do("GET", key.path(), nil).data(); got["status"] != "active" || got["owner"] != bob.name {
		ann.t.Errorf("status = %v, owner = %v", got["status"], got["owner"])
	}
}

func testInheritForAnother(ann *caller) {
	bob, viewer := ann.colleague("admin"), ann.colleague("dns_manager")
	key := ann.create(fields{"inherit": true, "owner": viewer.name})
	ann.wantPermissions(key, "dns:*")
	ann.do("PUT", "/v1/roles/maker", fields{"permissions": []string{"keys:write", "dns:*"}}).wantStatus(http.StatusCreated)
	maker := ann.colleague("maker")
	maker.do("POST", "/v1/keys", fields{"name": "x", "inherit": true, "owner": bob.name}).wantForbidden("grant_denied",
		"Nobody gives more than they have: you do not hold the permission *:* yourself.")
	maker.create(fields{"inherit": true, "owner": viewer.name}) // who has less
	stranger := newMember(ann.t, ann.target)
	ann.do("POST", "/v1/keys", fields{"name": "x", "inherit": true, "owner": stranger.name}).wantInvalid("invalid_field", "owner",
		`owner must be the subject of an active member of the organization, not "`+stranger.name+`".`)
}

package iam

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/org"
)

// errand prepares something while everything is granted, and gives the request that is tried without a right and then, the
// very same, with it.
type errand func(t testing.TB, d *deployment) func() outcome

// asking is a request of somebody who has signed in before.
func asking(method, path string, body any) errand {
	return byMember(func(c caller) outcome { return c.do(method, path, body) })
}

func byMember(do func(c caller) outcome) errand {
	return func(t testing.TB, d *deployment) func() outcome {
		c := d.newcomer(t)
		c.organization()
		return func() outcome { return do(c) }
	}
}

// onKey is a request about a key that was made with body.
func onKey(body fields, do func(c caller, key fields) outcome) errand {
	return func(t testing.TB, d *deployment) func() outcome {
		c := d.newcomer(t)
		key := c.create(body)
		return func() outcome { return do(c, key) }
	}
}

// onCutOff is a request about a key whose last change was cut off.
func onCutOff(do func(c caller, key fields) outcome) errand {
	return func(t testing.TB, d *deployment) func() outcome {
		c := d.newcomer(t)
		key := c.create(nil)
		d.cutOff(t, c.organization(), key)
		return func() outcome { return do(c, key) }
	}
}

// withKey is a request of a key's own.
func withKey(body fields, do func(c caller, key fields) outcome) errand {
	return onKey(body, func(c caller, key fields) outcome { return do(c.holder(key), key) })
}

// creating makes a key of a new name, by a member or by a key of theirs with by. What was refused has left nothing: the same
// name is free, and taken once.
func creating(body, by fields) errand {
	return func(t testing.TB, d *deployment) func() outcome {
		c, name := d.newcomer(t), newName("made")
		c.organization()
		as := c
		if by != nil {
			as = c.holder(c.create(by))
		}
		asked := fields{"name": name}
		for field, value := range body {
			asked[field] = value
		}
		return func() outcome {
			made := as.do("POST", "/v1/keys", asked)
			if listed := c.do("GET", "/v1/keys?sort=name&q="+name, nil); made.worked() && strings.Count(listed.text, `"key_id"`) != 1 {
				return outcome{"a list of the keys of the one name", http.StatusConflict, listed.text}
			}
			return made
		}
	}
}

// creatingOver makes a key under the name of one that expired, or in an account that one that expired fills.
func creatingOver(full bool) errand {
	return func(t testing.TB, d *deployment) func() outcome {
		c, name := d.newcomer(t), newName("made")
		organization := c.organization()
		if !full {
			d.ended(t, organization, name, 1)
			return func() outcome { return c.do("POST", "/v1/keys", fields{"name": name}) }
		}
		d.ended(t, organization, newName("expired"), 1)
		d.changeOrganization(t, organization, func(o *org.Organization) { o.KeyLimit = 1 })
		return func() outcome { return c.do("POST", "/v1/keys", fields{"name": name}) }
	}
}

// invoking invokes a function that no route has, where prepare has left it something to do.
func invoking(function, event string, prepare func(c caller, organization string)) errand {
	return func(t testing.TB, d *deployment) func() outcome {
		if prepare != nil {
			c := d.newcomer(t)
			prepare(c, c.organization())
		}
		return func() outcome { return d.invoke(t, stackName+"-"+function, event) }
	}
}

// removing removes a member.
func removing(t testing.TB, d *deployment) func() outcome {
	c := d.newcomer(t)
	inviting(c).data(t)
	return func() outcome { return c.do("DELETE", "/v1/members/bob@keyward.localhost", nil) }
}

// unmaking deletes a role.
func unmaking(t testing.TB, d *deployment) func() outcome {
	c := d.newcomer(t)
	making(c).data(t)
	return func() outcome { return c.do("DELETE", "/v1/roles/support", nil) }
}

// signingIn is somebody's first request.
func signingIn(t testing.TB, d *deployment) func() outcome {
	c := d.newcomer(t)
	return func() outcome { return c.do("GET", "/v1/catalog", nil) }
}

// joining is the first request of somebody who was invited, in the organization that did.
func joining(t testing.TB, d *deployment) func() outcome {
	ann, bob := d.newcomer(t), d.newcomer(t)
	ann.do("PUT", "/v1/members/"+bob.name+"@keyward.localhost", fields{"roles": []string{"dns_manager"}}).data(t)
	bob = bob.and("X-Organization", ann.organization())
	return func() outcome { return bob.do("GET", "/v1/catalog", nil) }
}

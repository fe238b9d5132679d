package acceptance

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// restriction is something that stops a key, or takes something away from it.
type restriction struct {
	// prepare makes a key, and says how it is restricted.
	prepare func(ann *caller) (key, func(ann *caller))
	status  int // of every request that starts afterwards
}

var restrictions = map[string]restriction{
	"revoked":                 {byCall("DELETE", "", nil), http.StatusUnauthorized},
	"disabled":                {byCall("POST", "/disable", nil), http.StatusUnauthorized},
	"regenerated":             {byCall("POST", "/regenerate", nil), http.StatusUnauthorized},
	"given other roles":       {byCall("PATCH", "", fields{"roles": []string{"billing_manager"}}), http.StatusForbidden},
	"given other services":    {byCall("PATCH", "", fields{"services": []string{"cdn"}}), http.StatusForbidden},
	"limited to customers":    {byCall("PATCH", "", fields{"customers": []string{"acme"}}), http.StatusForbidden},
	"allowed from elsewhere":  {byCall("PATCH", "", fields{"ip_allow": networks("203.0.113.0/24")}), http.StatusForbidden},
	"denied from everywhere":  {byCall("PATCH", "", fields{"ip_deny": networks("0.0.0.0/0", "::/0")}), http.StatusForbidden},
	"of an owner disabled":    {byOwner("PUT", fields{"status": "disabled"}), http.StatusUnauthorized},
	"of an owner removed":     {byOwner("DELETE", nil), http.StatusUnauthorized},
	"of an owner demoted":     {byOwner("PUT", fields{"roles": []string{"billing_manager"}}), http.StatusForbidden},
	"of a role made narrower": {byRole, http.StatusForbidden},
}

// byCall restricts a key by a call about it.
func byCall(method, tail string, body any) func(ann *caller) (key, func(ann *caller)) {
	return func(ann *caller) (key, func(ann *caller)) {
		key := ann.create(fields{"tier": "enterprise"})
		return key, func(ann *caller) { ann.do(method, key.path()+tail, body).wantStatus(http.StatusOK) }
	}
}

// byOwner restricts a key that inherits by a call about its owner.
func byOwner(method string, body any) func(ann *caller) (key, func(ann *caller)) {
	return func(ann *caller) (key, func(ann *caller)) {
		bob := ann.colleague("admin")
		key := bob.create(fields{"inherit": true, "tier": "enterprise"})
		return key, func(ann *caller) { ann.do(method, "/v1/members/"+bob.name, body).wantStatus(http.StatusOK) }
	}
}

// byRole restricts a key by its role, which is one of the organization's own.
func byRole(ann *caller) (key, func(ann *caller)) {
	ann.do("PUT", "/v1/roles/reader", fields{"permissions": []string{"dns:read"}}).wantStatus(http.StatusCreated)
	key := ann.create(fields{"roles": []string{"reader"}, "tier": "enterprise"})
	return key, func(ann *caller) {
		ann.do("PUT", "/v1/roles/reader", fields{"permissions": []string{"billing:read"}}).wantStatus(http.StatusOK)
	}
}

// No request that starts after a restriction has been answered is allowed, however many hammer the key meanwhile.
func testRace(t *testing.T, target Target) {
	for name, restriction := range restrictions {
		hammers := 16
		if name == "revoked" { // which nothing may ever delay
			hammers = 64
		}
		hammers = target.often(hammers, hammers/4)
		t.Run(name, func(t *testing.T) { testRestriction(newMember(t, target), restriction, hammers) })
	}
}

// hammerings is how often each asks at least, before and after the restriction, where a request takes little.
const hammerings = 8

func testRestriction(ann *caller, restriction restriction, hammers int) {
	key, restrict := restriction.prepare(ann)
	hammer := hammer{
		holder: ann.holder(key.secret), url: ann.target.Sample("production") + "/zones", refused: restriction.status,
		times: ann.target.often(hammerings, 2),
	}
	var before sync.WaitGroup // all have been allowed hammerings times
	before.Add(hammers)
	results := make(chan outcome, 1)
	go func() {
		results <- parallel(hammers, hammers, func(int) error { return hammer.strike(before.Done) })
	}()
	before.Wait()
	restrict(ann)
	hammer.late.Store(true)
	(<-results).orFail(ann.t)
}

// hammer asks for something with a key, again and again.
type hammer struct {
	holder  *caller
	url     string
	refused int         // the status once the key is restricted
	times   int         // how often each asks at least, before and after
	late    atomic.Bool // it is
}

// strike asks until it has asked h.times times after the restriction. warm is called once it has asked that often
// before it, or has failed.
func (h *hammer) strike(warm func()) error {
	once := sync.OnceFunc(warm)
	defer once()
	for asked, after := 0, 0; after < h.times; asked++ {
		late := h.late.Load()
		answer, err := h.holder.try("GET", h.url, nil)
		switch {
		case err != nil:
			return err
		case late && !answer.is(h.refused):
			return fmt.Errorf("a request that started after the restriction: %d %s", answer.status, answer.text)
		case answer.status != http.StatusOK && !answer.is(h.refused):
			return fmt.Errorf("a request while the key was restricted: %d %s", answer.status, answer.text)
		}
		if late {
			after++
		}
		if asked == h.times {
			once()
		}
	}
	return nil
}

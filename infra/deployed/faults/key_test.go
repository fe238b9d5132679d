package faults

import (
	"fmt"
	"net/http"
	"slices"
)

// fact is what somebody who was answered knows: an outage leaves open whether a change has happened.
type fact int

const (
	no fact = iota
	maybe
	yes
)

// key is a key as its maker knows it.
type key struct {
	id, secret string
	names      []string // what it may be called; one: it certainly is
	revoked    fact
	disabled   fact
	narrowed   fact     // it may not read zones
	replaced   fact     // secret is no longer the key's
	dead       []string // secrets that it certainly has no longer
}

// zones is the request of the sample API that keys are tried with.
const zones = "/sample/production/zones"

// mayWork and mustWork are what a use of k may come to.
func (k *key) mayWork() bool {
	return k.revoked != yes && k.disabled != yes && k.narrowed != yes && k.replaced != yes
}

func (k *key) mustWork() bool {
	return k.revoked == no && k.disabled == no && k.narrowed == no && k.replaced == no
}

// use tries k, and one of its dead secrets. Nothing that was acknowledged may be forgotten: neither a restriction nor the key.
func (h *home) use(k *key) answer {
	h.Helper()
	got := h.ask("GET", zones, k.secret, "")
	switch got.status {
	case http.StatusOK:
		if !k.mayWork() {
			h.Errorf("key %s is allowed, though %s", k.id, k.state())
		}
	case http.StatusUnauthorized, http.StatusForbidden:
		if k.mustWork() {
			h.Errorf("key %s is refused with %d %s, though %s", k.id, got.status, got.code, k.state())
		}
	case http.StatusServiceUnavailable:
	default:
		h.Errorf("key %s: status %d %v", k.id, got.status, got.body)
	}
	if len(k.dead) > 0 {
		h.wantDead(k.dead[len(k.dead)-1])
	}
	return got
}

func (k *key) state() string {
	return fmt.Sprintf("revoked=%d disabled=%d narrowed=%d replaced=%d (0 no, 1 not known, 2 yes)", k.revoked, k.disabled, k.narrowed, k.replaced)
}

func (h *home) wantDead(secret string) {
	h.Helper()
	if got := h.ask("GET", zones, secret, ""); got.status != http.StatusUnauthorized && got.status != http.StatusServiceUnavailable {
		h.Errorf("a secret that was replaced: status %d", got.status)
	}
}

// change asks for a change of k. It reports whether it was done, which is not known after an outage.
func (h *home) change(token string, k *key, method, path, body string) (done bool, got answer) {
	h.Helper()
	got = h.ask(method, "/v1/keys/"+k.id+path, token, body)
	if got.code == "key_revoked" && k.revoked != no {
		k.revoked = yes
		return false, got
	}
	return h.done(method+path+" of a key", got), got
}

// learn is what is known of a fact after a change that makes it so.
func learn(known *fact, becomes fact, done bool) {
	switch {
	case done:
		*known = becomes
	case *known != becomes:
		*known = maybe
	}
}

// The changes. Each leaves the key as what its maker then knows of it.

func (h *home) revoke(token string, k *key) {
	h.Helper()
	done, _ := h.change(token, k, "DELETE", "", "")
	learn(&k.revoked, yes, done || k.revoked == yes)
}

func (h *home) disable(token string, k *key) {
	h.Helper()
	done, _ := h.change(token, k, "POST", "/disable", "")
	learn(&k.disabled, yes, done)
}

func (h *home) enable(token string, k *key) {
	h.Helper()
	done, _ := h.change(token, k, "POST", "/enable", "")
	learn(&k.disabled, no, done)
}

func (h *home) narrow(token string, k *key) {
	h.Helper()
	done, _ := h.change(token, k, "PATCH", "", `{"permissions":["billing:read"]}`)
	learn(&k.narrowed, yes, done)
}

func (h *home) widen(token string, k *key) {
	h.Helper()
	done, _ := h.change(token, k, "PATCH", "", `{"permissions":["dns:read"]}`)
	learn(&k.narrowed, no, done)
}

// rename and shorten are one change of both parts of a key.
func (h *home) rename(token string, k *key, name string) {
	h.Helper()
	done, _ := h.change(token, k, "PATCH", "", fmt.Sprintf(`{"name":%q,"expires_in_days":%d}`, name, 20+len(k.names)))
	if done {
		k.names = nil
	}
	k.names = append(k.names, name)
}

func (h *home) regenerate(token string, k *key) {
	h.Helper()
	done, got := h.change(token, k, "POST", "/regenerate", "")
	if !done {
		learn(&k.replaced, yes, false)
		return
	}
	k.dead = append(k.dead, k.secret)
	k.secret, k.replaced = got.text("api_key"), no
}

// look reads the key, and checks that it is what its maker knows of it.
func (h *home) look(token string, k *key) {
	h.Helper()
	got := h.ask("GET", "/v1/keys/"+k.id, token, "")
	if !h.done("reading a key", got) {
		return
	}
	if name := got.text("name"); !slices.Contains(k.names, name) {
		h.Errorf("key %s is called %q, want one of %q", k.id, name, k.names)
	}
	status := got.text("status")
	if k.revoked == yes && status != "revoked" || k.revoked == no && status == "revoked" {
		h.Errorf("key %s is %s, though %s", k.id, status, k.state())
	}
}

package faults

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
)

// worker is somebody who makes keys, uses, changes and ends them, and remembers what they were told.
type worker struct {
	*home
	name   string
	token  string
	random *rand.Rand
	drawn  int
	keys   []*key
	unsure []unsure // creates that nobody answered
	guests map[string]fact
}

// unsure is a create of which nobody knows whether it happened. Without an Idempotency-Key its secret is lost.
type unsure struct{ name, idempotency string }

func (h *home) newWorker(name, token string, seed uint64) *worker {
	return &worker{home: h, name: name, token: token, random: rand.New(rand.NewPCG(seed, 1)), guests: map[string]fact{}}
}

// draw makes a name that nobody had before.
func (w *worker) draw(what string) string {
	w.drawn++
	return fmt.Sprintf("%s %s %d", what, w.name, w.drawn)
}

// work does as many things as steps says, each one at random.
func (w *worker) work(steps int) {
	w.Helper()
	for range steps {
		if len(w.keys) == 0 || w.random.IntN(5) == 0 {
			w.create()
			continue
		}
		k := w.keys[w.random.IntN(len(w.keys))]
		switch w.random.IntN(11) {
		case 0:
			w.revoke(w.token, k)
		case 1, 2:
			w.disable(w.token, k)
			w.use(k)
			w.enable(w.token, k)
		case 3:
			w.narrow(w.token, k)
			w.use(k)
			w.widen(w.token, k)
		case 4:
			w.rename(w.token, k, w.draw("renamed"))
		case 5, 6:
			w.regenerate(w.token, k)
		case 7:
			w.list()
		case 8:
			w.invite()
		default:
			w.look(w.token, k)
		}
		w.use(k)
	}
}

// create makes a key: mostly in a way that may be repeated, and is.
func (w *worker) create() {
	w.Helper()
	made := unsure{name: w.draw("key")}
	if w.random.IntN(4) > 0 {
		made.idempotency = fmt.Sprintf("idempotency of %s", made.name)
	}
	if !w.try(made) && (made.idempotency == "" || !w.try(made)) {
		w.unsure = append(w.unsure, made)
	}
}

// try sends a create. It reports whether it was acknowledged: then the key is there, and works.
func (w *worker) try(made unsure) bool {
	w.Helper()
	body := fmt.Sprintf(`{"name":%q,"tier":"enterprise","permissions":["dns:read"]}`, made.name)
	var headers []string
	if made.idempotency != "" {
		headers = []string{"Idempotency-Key", made.idempotency}
	}
	got := w.ask("POST", "/v1/keys", w.token, body, headers...)
	if !w.done("creating a key", got) {
		return false
	}
	k := &key{id: got.text("key_id"), secret: got.text("api_key"), names: []string{made.name}}
	w.keys = append(w.keys, k)
	w.use(k)
	if made.idempotency == "" {
		return true
	}
	again := w.ask("POST", "/v1/keys", w.token, body, headers...)
	if w.done("repeating a create", again) && (again.text("api_key") != k.secret || again.text("key_id") != k.id) {
		w.Errorf("a create that was repeated made another key")
	}
	return true
}

// list checks that no key is missing.
func (w *worker) list() {
	w.Helper()
	got := w.ask("GET", "/v1/keys", w.token, "")
	if !w.done("listing", got) {
		return
	}
	listed := map[any]bool{}
	entries, _ := got.data("keys").([]any)
	for _, entry := range entries {
		fields, _ := entry.(map[string]any)
		listed[fields["key_id"]] = true
	}
	for _, k := range w.keys {
		if k.revoked == no && !listed[k.id] || k.revoked == yes && listed[k.id] {
			w.Errorf("key %s, of which %s, is in the list: %t", k.id, k.state(), listed[k.id])
		}
	}
}

// invite adds a member, or removes one who was added.
func (w *worker) invite() {
	w.Helper()
	guest := fmt.Sprintf("guest-%s-%d", w.name, w.random.IntN(3))
	if w.guests[guest] != no {
		got := w.ask("DELETE", "/v1/members/"+guest, w.token, "")
		gone := got.status == http.StatusNotFound && w.guests[guest] == maybe
		known := w.guests[guest]
		learn(&known, no, gone || w.done("removing a member", got))
		w.guests[guest] = known
		return
	}
	known := w.guests[guest]
	learn(&known, yes, w.done("adding a member", w.ask("PUT", "/v1/members/"+guest, w.token, `{"roles":["dns_manager"]}`)))
	w.guests[guest] = known
}

// recover checks, with nothing broken any more, that all is as it was acknowledged, at once, and that whatever is not known can
// be found out: a create by repeating it, a change by the next one.
func (w *worker) recover() {
	w.Helper()
	w.list()
	for _, k := range w.keys {
		w.wantAtOnce(w.use(k), "using a key")
		w.look(w.token, k)
	}
	for n, made := range slices.Clone(w.unsure) {
		w.resolve(made, n)
	}
	for n, k := range w.keys {
		switch {
		case k.revoked == yes || n%3 == 0: // left for cleanup
		case n%3 == 1:
			w.enable(w.token, k)
			w.regenerate(w.token, k)
			w.widen(w.token, k)
			w.use(k)
		default:
			w.revoke(w.token, k)
			w.use(k)
		}
	}
	for guest, known := range w.guests {
		w.meet(guest, known)
	}
}

// resolve finds out what became of a create: its key is there as a whole, or its name is free.
func (w *worker) resolve(made unsure, n int) {
	w.Helper()
	if made.idempotency != "" || n%2 == 0 {
		found := w.ask("GET", "/v1/keys?q="+url.QueryEscape(made.name), w.token, "")
		entries, _ := found.data("keys").([]any)
		if made.idempotency != "" || len(entries) == 0 {
			if !w.try(made) {
				w.Errorf("%q can't be created", made.name)
			}
			return
		}
		fields, _ := entries[0].(map[string]any)
		k := &key{id: fields["key_id"].(string), names: []string{made.name}, replaced: yes}
		w.regenerate(w.token, k)
		k.dead = nil
		w.keys = append(w.keys, k)
		w.use(k)
	}
}

// meet reads a member.
func (w *worker) meet(guest string, known fact) {
	w.Helper()
	got := w.ask("GET", "/v1/members/"+guest, w.token, "")
	there := got.status == http.StatusOK
	if known == yes && !there || known == no && there || !there && got.status != http.StatusNotFound {
		w.Errorf("member %s, known %d: status %d", guest, known, got.status)
	}
}

func (h *home) wantAtOnce(got answer, doing string) {
	h.Helper()
	if got.status == http.StatusServiceUnavailable {
		h.Errorf("%s is a 503, though nothing is broken any more", doing)
	}
}

package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

var listing = guarantees{
	"pages neither repeat nor skip while keys are added, in every order":      pagesWhileAdding,
	"pages go on behind a last key that has been deleted":                     pagesWhileDeleting,
	"by name and by expiry revoked and released keys are not listed":          deadUnlisted,
	"a name prefix lists the names that begin so, wildcards taken as letters": prefixes,
	"a list goes on behind the position of any of its keys":                   positions,
	"an empty organization has an empty page and no next":                     emptyPage,
	"a listed key has every field":                                            listRoundTrip,
}

// inOrder compares two live keys as an order puts them.
var inOrder = map[apikey.Order]func(a, b *apikey.Key) int{
	apikey.OldestFirst:    func(a, b *apikey.Key) int { return cmp.Compare(a.ID, b.ID) },
	apikey.NewestFirst:    func(a, b *apikey.Key) int { return cmp.Compare(b.ID, a.ID) },
	apikey.ByName:         func(a, b *apikey.Key) int { return cmp.Compare(apikey.FoldName(a.Name), apikey.FoldName(b.Name)) },
	apikey.ByNameReversed: func(a, b *apikey.Key) int { return cmp.Compare(apikey.FoldName(b.Name), apikey.FoldName(a.Name)) },
	apikey.SoonestExpiry:  func(a, b *apikey.Key) int { return byExpiry(a, b, +1) },
	apikey.LatestExpiry:   func(a, b *apikey.Key) int { return byExpiry(a, b, -1) },
}

// byExpiry puts keys that never expire last whatever the direction.
func byExpiry(a, b *apikey.Key, direction int) int {
	switch {
	case a.ExpiresAt.IsZero() && b.ExpiresAt.IsZero():
		return 0
	case a.ExpiresAt.IsZero():
		return +1
	case b.ExpiresAt.IsZero():
		return -1
	default:
		return direction * a.ExpiresAt.Compare(b.ExpiresAt)
	}
}

// page gives one page of the organization.
func (f *fixture) page(request apikey.PageRequest) ([]*apikey.Key, string) {
	f.Helper()
	request.Organization = f.org
	keys, next, err := f.Page(f.Context(), request)
	f.must(err)
	if len(keys) > request.Limit {
		f.Errorf("%d keys on a page of %d", len(keys), request.Limit)
	}
	return keys, next
}

// pages gives every page, with meanwhile run behind each.
func (f *fixture) pages(request apikey.PageRequest, meanwhile func(page []*apikey.Key)) []*apikey.Key {
	f.Helper()
	var listed []*apikey.Key
	for range 1000 {
		keys, next := f.page(request)
		listed = append(listed, keys...)
		if next == "" {
			return listed
		}
		meanwhile(keys)
		request.After = next
	}
	f.Fatal("the list has no end")
	return nil
}

// assorted makes n keys: every third never expires, the others expire in threes, and names are in no order.
func (f *fixture) assorted(n int) []*apikey.Key {
	keys := make([]*apikey.Key, n)
	for i := range keys {
		edits := []func(*apikey.Key){named(fmt.Sprintf("%c%02d %d", "aZbYc"[i%5], i*37%100, made.Load()))}
		if i%3 > 0 {
			edits = append(edits, expiring(noon.Add(time.Duration(1+i*11%7)*time.Hour)))
		}
		keys[i] = f.create(edits...)
	}
	return keys
}

func pagesWhileAdding(f *fixture) {
	for order, compare := range inOrder {
		f.org = f.found(roomy)
		want := f.assorted(23)
		listed := f.pages(apikey.PageRequest{Order: order, Limit: 5}, func([]*apikey.Key) { f.assorted(3) })
		if !slices.IsSortedFunc(listed, compare) {
			f.Errorf("%q is out of order: %v", order, ids(listed))
		}
		f.wantListedOnce(order, listed, want)
	}
}

func ids(keys []*apikey.Key) []apikey.ID {
	var ids []apikey.ID
	for _, key := range keys {
		ids = append(ids, key.ID)
	}
	return ids
}

// wantListedOnce checks that no key is listed twice, and that all of want are listed.
func (f *fixture) wantListedOnce(order apikey.Order, listed, want []*apikey.Key) {
	f.Helper()
	times := map[apikey.ID]int{}
	for _, key := range listed {
		times[key.ID]++
		if times[key.ID] > 1 {
			f.Errorf("%q lists %s again", order, key.ID)
		}
	}
	for _, key := range want {
		if times[key.ID] == 0 {
			f.Errorf("%q does not list %s", order, key.ID)
		}
	}
}

// A page that was filtered, and so cut short, goes on behind the last key that it gave.
func positions(f *fixture) {
	f.assorted(13)
	for order := range inOrder {
		whole := ids(f.pages(apikey.PageRequest{Order: order, Limit: 4}, func([]*apikey.Key) {}))
		keys, _ := f.page(apikey.PageRequest{Order: order, Limit: 13})
		for i, key := range keys {
			rest := f.pages(apikey.PageRequest{Order: order, After: key.Position(order), Limit: 4}, func([]*apikey.Key) {})
			f.wantSame(ids(rest), whole[i+1:])
		}
	}
}

func pagesWhileDeleting(f *fixture) {
	for order := range inOrder {
		f.org = f.found(roomy)
		keys := f.assorted(12)
		deleted := map[apikey.ID]bool{}
		listed := f.pages(apikey.PageRequest{Order: order, Limit: 4}, func(page []*apikey.Key) {
			last := page[len(page)-1]
			f.remove(last)
			deleted[last.ID] = true
		})
		f.wantListedOnce(order, listed, keys)
		if len(deleted) < 2 {
			f.Errorf("%q: %d pages had a next", order, len(deleted))
		}
	}
}

// remove revokes a key and deletes it.
func (f *fixture) remove(key *apikey.Key) {
	f.Helper()
	f.changed(key, revokedAt(noon))
	deleted, err := f.Delete(f.Context(), dueOf(key), noon.Add(time.Second))
	f.must(err)
	f.wantSame(deleted, true)
}

func deadUnlisted(f *fixture) {
	expiry := noon.Add(time.Hour)
	live, revoked, released := f.create(expiring(expiry.Add(time.Hour))), f.create(expiring(expiry)), f.create(expiring(expiry))
	f.changed(revoked, revokedAt(noon))
	_, err := f.Settle(f.Context(), dueOf(released), expiry)
	f.must(err)
	for order := range inOrder {
		want := []apikey.ID{live.ID}
		if order == apikey.OldestFirst || order == apikey.NewestFirst {
			want = []apikey.ID{live.ID, revoked.ID, released.ID}
		}
		got := ids(f.pages(apikey.PageRequest{Order: order, Limit: 2}, func([]*apikey.Key) {}))
		slices.Sort(got)
		f.wantSame(got, want)
	}
}

func prefixes(f *fixture) {
	for _, name := range []string{"a%c", "abc", "a%b", "A_c", "a", "b", "ångström", "Åse"} {
		f.create(named(name))
	}
	for prefix, want := range map[string][]string{
		"a":  {"a", "a%b", "a%c", "A_c", "abc"},
		"a%": {"a%b", "a%c"},
		"a_": {"A_c"},
		"å":  {"ångström", "Åse"},
		"c":  nil,
	} {
		slices.SortFunc(want, func(a, b string) int { return cmp.Compare(apikey.FoldName(a), apikey.FoldName(b)) })
		request := apikey.PageRequest{Order: apikey.ByName, NamePrefix: apikey.FoldName(prefix), Limit: 2}
		f.wantSame(f.names(request), want)
		slices.Reverse(want)
		request.Order = apikey.ByNameReversed
		f.wantSame(f.names(request), want)
	}
}

// names are the names that a list gives, in its order.
func (f *fixture) names(request apikey.PageRequest) []string {
	f.Helper()
	var names []string
	for _, key := range f.pages(request, func([]*apikey.Key) {}) {
		names = append(names, key.Name)
	}
	return names
}

func emptyPage(f *fixture) {
	f.create()
	f.org = f.found(roomy)
	for order := range inOrder {
		keys, next := f.page(apikey.PageRequest{Order: order, Limit: 10})
		if len(keys) > 0 || next != "" {
			f.Errorf("%q: %d keys and next %q", order, len(keys), next)
		}
	}
}

func listRoundTrip(f *fixture) {
	key := f.create(everything)
	for order := range inOrder {
		keys, _ := f.page(apikey.PageRequest{Order: order, Limit: 10})
		f.wantSame(keys, []*apikey.Key{key})
	}
}

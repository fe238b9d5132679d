package keys_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

func (f *fixture) list(query keys.Query) keys.Listing {
	f.Helper()
	if query.Limit == 0 {
		query.Limit = keys.MaxPage
	}
	f.must(query.Validate())
	listing, err := f.List(f.Context(), f.alice, query)
	f.must(err)
	return listing
}

// pages are all pages of a list.
func (f *fixture) pages(query keys.Query) (pages []keys.Listing) {
	f.Helper()
	for range 100 {
		page := f.list(query)
		pages = append(pages, page)
		if query.Cursor = page.Next; page.Next == "" {
			return pages
		}
	}
	f.Fatal("the list has no end")
	return nil
}

func names(listed []*apikey.Key) []string {
	names := []string{}
	for _, key := range listed {
		names = append(names, key.Name)
	}
	return names
}

// mixed makes keys of every status, environment and owner, by name. A day from now those that expire have.
func (f *fixture) mixed() {
	f.Helper()
	day := keys.Expiry{Days: set(int64(1))}
	for _, draft := range []keys.Draft{
		{Name: "Alpha"}, {Name: "alpine", Environment: apikey.Staging}, {Name: "Beta", Expiry: keys.Expiry{Period: set("never")}},
		{Name: "gamma", Expiry: keys.Expiry{Days: set(int64(30))}}, {Name: "expiring", Expiry: day}, {Name: "expiring too", Expiry: day, Environment: apikey.Test},
		{Name: "revoked"}, {Name: "disabled"},
	} {
		f.now = f.now.Add(time.Second)
		key := f.create(draft).Key
		switch draft.Name {
		case "revoked":
			f.revoke(key.ID)
		case "disabled":
			f.update(key.ID, keys.Patch{Active: set(false)})
		}
	}
	f.member("bob", org.MemberActive, "admin")
	f.now, f.alice.Identity = f.now.Add(time.Second), person("bob")
	f.create(named("by bob"))
	f.alice.Identity = person("alice")
}

func TestAListHasWhatItsFiltersAndItsSortSay(t *testing.T) {
	f := newFixture(t)
	f.mixed()
	f.now = noon.Add(25 * time.Hour)
	beta := f.list(keys.Query{Search: "beta"}).Keys[0]
	tests := map[string]struct {
		query keys.Query
		want  string // names, in order
	}{
		"all but revoked, newest first": {keys.Query{}, "by bob,disabled,expiring too,expiring,gamma,Beta,alpine,Alpha"},
		"oldest first":                  {keys.Query{Order: apikey.OldestFirst}, "Alpha,alpine,Beta,gamma,expiring,expiring too,disabled,by bob"},
		"by name, live ones":            {keys.Query{Order: apikey.ByName}, "Alpha,alpine,Beta,by bob,disabled,gamma"},
		"by name, reversed":             {keys.Query{Order: apikey.ByNameReversed}, "gamma,disabled,by bob,Beta,alpine,Alpha"},
		"never expiring last":           {keys.Query{Order: apikey.SoonestExpiry, Owner: "alice"}, "gamma,Alpha,alpine,disabled,Beta"},
		"never expiring last, reversed": {keys.Query{Order: apikey.LatestExpiry, Owner: "alice"}, "disabled,alpine,Alpha,gamma,Beta"},
		"every status":                  {keys.Query{Statuses: apikey.Statuses}, "by bob,disabled,revoked,expiring too,expiring,gamma,Beta,alpine,Alpha"},
		"active":                        {keys.Query{Statuses: []apikey.Status{apikey.Active}}, "by bob,gamma,Beta,alpine,Alpha"},
		"inactive":                      {keys.Query{Statuses: []apikey.Status{apikey.Inactive}}, "disabled"},
		"expired":                       {keys.Query{Statuses: []apikey.Status{apikey.Expired}}, "expiring too,expiring"},
		"revoked and inactive":          {keys.Query{Statuses: []apikey.Status{apikey.Revoked, apikey.Inactive}}, "disabled,revoked"},
		"an environment":                {keys.Query{Environment: apikey.Staging}, "alpine"},
		"an environment and a status":   {keys.Query{Environment: apikey.Test, Statuses: []apikey.Status{apikey.Active}}, ""},
		"an owner":                      {keys.Query{Owner: "bob"}, "by bob"},
		"nobody's":                      {keys.Query{Owner: "carol"}, ""},
		"me":                            {keys.Query{Owner: "me", Statuses: []apikey.Status{apikey.Inactive}}, "disabled"},
		"a prefix in another case":      {keys.Query{Search: "ALP"}, "alpine,Alpha"},
		"a prefix, by name":             {keys.Query{Search: "ALP", Order: apikey.ByName}, "Alpha,alpine"},
		"a prefix, by name, reversed":   {keys.Query{Search: "b", Order: apikey.ByNameReversed}, "by bob,Beta"},
		"not within a name":             {keys.Query{Search: "pha"}, ""},
		"no wildcards":                  {keys.Query{Search: "%"}, ""},
		"a key id":                      {keys.Query{Search: beta.ID.String()}, "Beta"},
		"a key id, by name":             {keys.Query{Search: beta.ID.String(), Order: apikey.ByName}, "Beta"},
		"a masked key":                  {keys.Query{Search: beta.Mask}, "Beta"},
		"a masked key, by name":         {keys.Query{Search: beta.Mask, Order: apikey.ByName}, "Beta"},
		"another masked key":            {keys.Query{Search: "vg_live_0000...0000"}, ""},
		"a key id of nobody":            {keys.Query{Search: "key_00000000"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			listing := f.list(test.query)
			if got := strings.Join(names(listing.Keys), ","); got != test.want {
				t.Errorf("listed %s\nwant   %s", got, test.want)
			}
			if listing.Next != "" || listing.Partial {
				t.Errorf("next %q, partial %t; want the end", listing.Next, listing.Partial)
			}
			if filtered := name != "all but revoked, newest first" && name != "oldest first"; filtered && test.query.Order != apikey.ByName &&
				test.query.Order != apikey.ByNameReversed && int(listing.Total) != len(listing.Keys) {
				t.Errorf("total = %d, want %d", listing.Total, len(listing.Keys))
			}
			// Pages of two are the list itself.
			test.query.Limit = 2
			var paged []string
			for _, page := range f.pages(test.query) {
				paged = append(paged, names(page.Keys)...)
			}
			if got := strings.Join(paged, ","); got != test.want {
				t.Errorf("in pages %s\nwant     %s", got, test.want)
			}
		})
	}
}

// Without filters the total is a counter's, however many pages there are.
func TestATotalWithoutFiltersIsExact(t *testing.T) {
	f := newFixture(t)
	all := f.createMany(7, nil)
	f.revoke(all[3].ID)
	for i, page := range f.pages(keys.Query{Limit: 2}) {
		if page.Total != 6 || page.Partial || i > 2 {
			t.Errorf("page %d: total %d, partial %t; want 6 of three pages", i, page.Total, page.Partial)
		}
	}
	// The last page is known to be the last even where it is full.
	if pages := f.pages(keys.Query{Limit: 6}); len(pages) != 1 {
		t.Errorf("%d pages, want one", len(pages))
	}
	if pages := f.pages(keys.Query{Limit: 3, Environment: apikey.Production}); len(pages) != 2 {
		t.Errorf("%d filtered pages, want two", len(pages))
	}
}

// With filters a page looks at 1,000 records and no more, and says that its total is partial.
func TestATotalWithFiltersIsPartialBeyondAThousandRecords(t *testing.T) {
	f := newFixture(t)
	f.createMany(1003, func(i int, draft *keys.Draft) {
		if i < 5 || i >= 1000 { // the oldest five and the newest three
			draft.Environment = apikey.Test
		}
	})
	pages := f.pages(keys.Query{Limit: 10, Environment: apikey.Test})
	var got []string
	for _, page := range pages {
		got = append(got, fmt.Sprint(len(page.Keys), " of ", page.Total, " ", page.Partial))
	}
	want := []string{"5 of 5 true", "3 of 3 false"}
	if diff := diff.Diff(want, got); diff != "" {
		t.Errorf("pages (-want +got)\n%s", diff)
	}
	if page := f.list(keys.Query{Limit: 1, Environment: apikey.Test}); len(page.Keys) != 1 || page.Total != 5 || !page.Partial {
		t.Errorf("%d keys of %d, partial %t", len(page.Keys), page.Total, page.Partial)
	}
	if page := f.list(keys.Query{}); len(page.Keys) != 1000 || page.Total != 1003 || page.Next == "" {
		t.Errorf("%d keys of %d, next %q", len(page.Keys), page.Total, page.Next)
	}
}

// A cursor goes on with the list that gave it, and with no other.
func TestACursorBelongsToItsFiltersItsSortAndItsOrganization(t *testing.T) {
	f := newFixture(t)
	f.createMany(5, nil)
	query := keys.Query{Limit: 2, Owner: "alice", Search: "key 0"}
	page := f.list(query)
	query.Cursor = page.Next
	for name, edit := range map[string]func(*keys.Query){
		"another sort":            func(q *keys.Query) { q.Order = apikey.OldestFirst },
		"a status":                func(q *keys.Query) { q.Statuses = []apikey.Status{apikey.Active} },
		"an environment":          func(q *keys.Query) { q.Environment = apikey.Production },
		"another owner":           func(q *keys.Query) { q.Owner = "me" },
		"no owner":                func(q *keys.Query) { q.Owner = "" },
		"another prefix":          func(q *keys.Query) { q.Search = "key" },
		"a word moved":            func(q *keys.Query) { q.Owner, q.Search = "alice key", "0" },
		"its last bit":            func(q *keys.Query) { q.Cursor = flip(q.Cursor, len(q.Cursor)-2) },
		"its first bit":           func(q *keys.Query) { q.Cursor = flip(q.Cursor, 0) },
		"cut short":               func(q *keys.Query) { q.Cursor = q.Cursor[:len(q.Cursor)-4] },
		"a position":              func(q *keys.Query) { q.Cursor = page.Keys[1].Position(apikey.NewestFirst) },
		"no base64":               func(q *keys.Query) { q.Cursor = "!" },
		"twice":                   func(q *keys.Query) { q.Cursor += q.Cursor },
		"padded":                  func(q *keys.Query) { q.Cursor += "=" },
		"spaces for another user": func(q *keys.Query) { q.Cursor = " " + q.Cursor },
	} {
		t.Run(name, func(t *testing.T) {
			f := *f
			f.T = t
			other := query
			edit(&other)
			_, err := f.List(t.Context(), f.alice, other)
			f.wantFault(err, fault.InvalidParameter, "cursor",
				"cursor is not one that this list gave. Send next_cursor of the page before, with the same filters and sort.")
		})
	}
	_, err := f.List(t.Context(), f.stranger, query)
	f.wantFault(err, fault.InvalidParameter, "cursor")
	query.Limit = 3 // another limit is the same list, and so is the default sort by its name
	query.Order = apikey.NewestFirst
	if got := names(f.list(query).Keys); !slices.Equal(got, []string{"key 0002", "key 0001", "key 0000"}) {
		t.Errorf("it goes on with %q", got)
	}
}

func flip(cursor string, at int) string {
	changed := []byte(cursor)
	changed[at] = map[bool]byte{true: 'B', false: 'A'}[changed[at] == 'A']
	return string(changed)
}

// A cursor tells nothing of the keys, and no two are alike.
func TestACursorRevealsNothing(t *testing.T) {
	f := newFixture(t)
	f.createMany(3, nil)
	first, again := f.list(keys.Query{Limit: 2, Order: apikey.ByName}), f.list(keys.Query{Limit: 2, Order: apikey.ByName})
	if first.Next == again.Next || strings.Contains(first.Next, "key") || strings.Contains(first.Next, string(first.Keys[1].ID)) {
		t.Errorf("cursors %q and %q", first.Next, again.Next)
	}
}

// A key that is there throughout is listed once, however many are made meanwhile.
func TestPagesNeitherRepeatNorSkipWhileKeysAreMade(t *testing.T) {
	for _, order := range keys.Orders {
		for name, filter := range map[string]keys.Query{"unfiltered": {}, "filtered": {Owner: "alice"}} {
			t.Run(string(order)+" "+name, func(t *testing.T) {
				f := newFixture(t)
				want := names(f.createMany(11, nil))
				query := filter
				query.Limit, query.Order = 3, order
				var got []string
				for i := range 20 {
					page := f.list(query)
					got = append(got, names(page.Keys)...)
					f.create(named(fmt.Sprintf("new %d", i)))
					if query.Cursor = page.Next; page.Next == "" {
						break
					}
				}
				old := slices.DeleteFunc(got, func(name string) bool { return strings.HasPrefix(name, "new") })
				slices.SortFunc(old, cmp.Compare[string])
				if !slices.Equal(old, want) {
					t.Errorf("listed %q, want %q", old, want)
				}
			})
		}
	}
}

func TestABadQueryNamesItsParameter(t *testing.T) {
	tests := map[string]struct {
		query         keys.Query
		field, detail string
	}{
		"no limit":               {keys.Query{}, "limit", "limit must be a whole number from 1 to 1000."},
		"a large limit":          {keys.Query{Limit: 1001}, "limit", "limit must be a whole number from 1 to 1000."},
		"an unknown sort":        {keys.Query{Limit: 1, Order: "size"}, "sort", `sort must be one of -created_at, created_at, name, -name, expires_at, -expires_at, not "size".`},
		"an unknown status":      {keys.Query{Limit: 1, Statuses: []apikey.Status{"active", "dead"}}, "status", `status must be all, or some of active, inactive, expired and revoked, separated by commas, not "dead".`},
		"an unknown environment": {keys.Query{Limit: 1, Environment: "qa"}, "environment", `environment must be one of production, staging, development, test, not "qa".`},
	}
	f := newFixture(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f.wantFault(test.query.Validate(), fault.InvalidParameter, test.field, test.detail)
		})
	}
}

func TestTheLastPageSaysSoThoughOnlyRevokedKeysFollow(t *testing.T) {
	f := newFixture(t)
	f.revoke(f.create(named("oldest")).Key.ID)
	for _, name := range []string{"middle", "newest"} {
		f.now = f.now.Add(time.Second)
		f.create(named(name))
	}
	page := f.list(keys.Query{Limit: 2})
	if got := names(page.Keys); !slices.Equal(got, []string{"newest", "middle"}) || page.Next != "" {
		t.Errorf("listed %v with the cursor %q, want newest and middle and no cursor", got, page.Next)
	}
}

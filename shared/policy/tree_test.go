package policy_test

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/policy"
)

// matches reports whether pattern matches path, segment by segment.
func matches(pattern, path []string) bool {
	if len(pattern) != len(path) {
		return false
	}
	for i, segment := range pattern {
		if segment != path[i] && !strings.HasPrefix(segment, "{") {
			return false
		}
	}
	return true
}

// narrower reports whether a is literal wherever b is.
func narrower(a, b []string) bool {
	for i := range a {
		if strings.HasPrefix(a[i], "{") && !strings.HasPrefix(b[i], "{") {
			return false
		}
	}
	return true
}

// meet reports whether some path matches both patterns.
func meet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !strings.HasPrefix(a[i], "{") && !strings.HasPrefix(b[i], "{") {
			return false
		}
	}
	return true
}

// A table of routes is refused exactly where two of its patterns meet and neither is the more particular one; in any
// other, each path leads to the most particular of all patterns that match it.
func TestRoutesAreFoundAsIfEachWereTried(t *testing.T) {
	segment := rapid.SampledFrom([]string{"a", "b", "{x}"})
	rapid.Check(t, func(r *rapid.T) {
		patterns := rapid.SliceOfNDistinct(rapid.SliceOfN(segment, 1, 4), 1, 8, func(p []string) string { return strings.Join(p, "/") }).Draw(r, "patterns")
		named := func(pattern []string) string { // each capture by its place, so that all are called alike
			path := ""
			for i, segment := range pattern {
				path += "/" + strings.Replace(segment, "x", string(rune('p'+i)), 1)
			}
			return path
		}
		catalog, err := policy.Load(editedRoutes(t, patterns, named))
		ambiguous := false
		for _, one := range patterns {
			for _, other := range patterns {
				ambiguous = ambiguous || meet(one, other) && !narrower(one, other) && !narrower(other, one)
			}
		}
		if (err != nil) != ambiguous {
			r.Fatalf("%q: error %v, and ambiguous = %t", patterns, err, ambiguous)
		}
		if err != nil {
			return
		}
		path := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 4).Draw(r, "path")
		want := -1
		for i, pattern := range patterns {
			if matches(pattern, path) && (want < 0 || narrower(pattern, patterns[want])) {
				want = i
			}
		}
		got, found := catalog.Service("dns").Permission("GET", "/"+strings.Join(path, "/"))
		if found != (want >= 0) || found && got != permissionOf(want) {
			r.Fatalf("%q leads to %q, %t; want %d of %q", path, got, found, want, patterns)
		}
	})
}

func permissionOf(n int) policy.Permission { return policy.Permission("route:n" + string(rune('0'+n))) }

// editedRoutes is a catalog in which each pattern needs a permission of its own.
func editedRoutes(t testing.TB, patterns [][]string, named func([]string) string) []byte {
	var routes []any
	return edited(t, func(c object) {
		for i, pattern := range patterns {
			id := permissionOf(i)
			c["permissions"] = append(c["permissions"].([]any), object{"id": id, "title": id, "description": id})
			routes = append(routes, object{"method": "GET", "path": named(pattern), "permission": id})
		}
		item(c, "services", 0)["routes"] = routes
	})
}

// A capture is the segment that stands in its place, decoded, whatever stands around it.
func TestACustomerInThePathIsTheSegmentInItsPlace(t *testing.T) {
	catalog := placed(t)
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`[A-Za-z0-9_.:-]{1,8}`).Filter(func(s string) bool { return s != "." && s != ".." }).Draw(t, "id")
		path := "/of/" + url.PathEscape(id) + "/zones/x"
		request := policy.Request{Service: catalog.Service("dns"), Method: "GET", Path: path}
		for _, listed := range []string{id, id + "x"} {
			if got := allowsCustomer(catalog, listed, request); got != (listed == id) {
				t.Fatalf("%s for a key limited to %s: allowed = %t", path, listed, got)
			}
		}
	})
}

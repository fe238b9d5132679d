package policy_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/policy"
)

// routed is the service dns of a catalog with routes worth matching.
func routed(t testing.TB) *policy.Service {
	t.Helper()
	route := func(method, path, permission string) object {
		return object{"method": method, "path": path, "permission": permission}
	}
	catalog, err := policy.Load(edited(t, func(c object) {
		for _, known := range []string{
			"root:read", "zones:list", "zones:create", "zones:read", "zones:default", "zones:delete", "records:read", "limits:read", "status:read", "cafe:read",
		} {
			c["permissions"] = append(c["permissions"].([]any), object{"id": known, "title": known, "description": known})
		}
		item(c, "services", 0)["routes"] = []any{
			route("GET", "/", "root:read"),
			route("GET", "/zones", "zones:list"),
			route("POST", "/zones", "zones:create"),
			route("GET", "/zones/{zone}", "zones:read"),
			route("GET", "/zones/default", "zones:default"),
			route("DELETE", "/zones/{zone}", "zones:delete"),
			route("GET", "/zones/{zone}/records/{record}", "records:read"),
			route("GET", "/zones/default/limits", "limits:read"),
			route("GET", "/{any}/{thing}/status", "status:read"),
			route("GET", "/caf%C3%A9", "cafe:read"),
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	return catalog.Service("dns")
}

// A path that two readers might read differently matches nothing: what the authorizer takes for one resource, the
// backend might take for another.
func TestARouteMatchesOnlyWhatEveryReaderReadsAlike(t *testing.T) {
	tests := map[string]struct {
		method, path string
		want         policy.Permission // empty: no route
	}{
		"the root":                            {"GET", "/", "root:read"},
		"a literal":                           {"GET", "/zones", "zones:list"},
		"another method":                      {"POST", "/zones", "zones:create"},
		"a method without a route":            {"PUT", "/zones", ""},
		"a method in small letters":           {"get", "/zones", ""},
		"a segment":                           {"GET", "/zones/z1", "zones:read"},
		"a literal before a segment":          {"GET", "/zones/default", "zones:default"},
		"a literal that lacks the method":     {"DELETE", "/zones/default", "zones:delete"},
		"two segments":                        {"GET", "/zones/z1/records/r1", "records:read"},
		"behind a literal":                    {"GET", "/zones/default/limits", "limits:read"},
		"back from a literal to a segment":    {"GET", "/zones/default/records/r1", "records:read"},
		"back from a literal at the top":      {"GET", "/zones/z1/status", "status:read"},
		"back from two literals":              {"GET", "/zones/default/status", "status:read"},
		"a segment at the top":                {"GET", "/other/z1/status", "status:read"},
		"a segment called like the pattern":   {"GET", "/zones/{zone}", "zones:read"},
		"a letter, encoded":                   {"GET", "/z%6Fnes", "zones:list"},
		"a literal outside ASCII":             {"GET", "/café", "cafe:read"},
		"a literal outside ASCII, encoded":    {"GET", "/caf%c3%a9", "cafe:read"},
		"an encoded literal before a segment": {"GET", "/zones/d%65fault", "zones:default"},
		"encoded twice":                       {"GET", "/zones/%2564efault", ""},
		"a segment with parameters":           {"GET", "/zones/secret;x=1", ""},
		"parameters, encoded":                 {"GET", "/zones/secret%3bx=1", ""},
		"a dot segment with parameters":       {"GET", "/zones/..;", ""},
		"a plus is a plus":                    {"GET", "/zones/a+b", "zones:read"},
		"a space in a segment":                {"GET", "/zones/a%20b", "zones:read"},
		"too short":                           {"GET", "/zones/z1/records", ""},
		"too long":                            {"GET", "/zones/z1/records/r1/x", ""},
		"other letters":                       {"GET", "/Zones", ""},
		"nothing":                             {"GET", "", ""},
		"no slash":                            {"GET", "zones", ""},
		"an asterisk":                         {"OPTIONS", "*", ""},
		"a whole URL":                         {"GET", "https://example.com/zones", ""},
		"an encoded slash":                    {"GET", "/zones/a%2Fb", ""},
		"an encoded slash, small":             {"GET", "/zones/a%2fb", ""},
		"an encoded slash that makes a route": {"GET", "/zones%2Fdefault", ""},
		"a backslash":                         {"GET", `/zones/a\b`, ""},
		"an encoded backslash":                {"GET", "/zones/a%5Cb", ""},
		"a dot":                               {"GET", "/zones/.", ""},
		"two dots":                            {"GET", "/zones/..", ""},
		"two dots inside":                     {"GET", "/zones/../zones", ""},
		"an encoded dot":                      {"GET", "/zones/%2e", ""},
		"two dots, one encoded":               {"GET", "/zones/.%2E", ""},
		"two encoded dots":                    {"GET", "/zones/%2e%2e/zones", ""},
		"three dots are a name":               {"GET", "/zones/...", "zones:read"},
		"an empty segment":                    {"GET", "//zones", ""},
		"an empty segment inside":             {"GET", "/zones//records/r1", ""},
		"a slash behind":                      {"GET", "/zones/", ""},
		"a NUL":                               {"GET", "/zones/a%00", ""},
		"a newline":                           {"GET", "/zones/a%0Ab", ""},
		"a newline as it is":                  {"GET", "/zones/a\nb", ""},
		"a tab":                               {"GET", "/zones/%09", ""},
		"DEL":                                 {"GET", "/zones/%7f", ""},
		"half an escape":                      {"GET", "/zones/%2", ""},
		"no escape":                           {"GET", "/zones/%zz", ""},
		"a lone percent":                      {"GET", "/zones/100%", ""},
	}
	service := routed(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := service.Permission(test.method, test.path)
			if got != test.want || ok != (test.want != "") {
				t.Errorf("%s %s needs %q, %t; want %q", test.method, test.path, got, ok, test.want)
			}
		})
	}
}

func TestAServiceWithoutRoutesMatchesNothing(t *testing.T) {
	service := shipped(t).Service("keyward")
	for _, path := range []string{"/", "/v1/keys", ""} {
		if got, ok := service.Permission("GET", path); ok || got != "" {
			t.Errorf("%q needs %q", path, got)
		}
	}
}

// FuzzServicePermission: no path makes matching panic, and none with a dot segment, an empty one, or a slash or
// control byte hidden by encoding ever matches.
func FuzzServicePermission(f *testing.F) {
	for _, path := range []string{"/", "/zones", "/zones/z1", "/zones/..", "/zones/%2e%2e", "/zones/%2F", "/a%00/b/status", "/a/..%2fstatus", "/%"} {
		f.Add("GET", path)
	}
	service := routed(f)
	f.Fuzz(func(t *testing.T, method, path string) {
		permission, ok := service.Permission(method, path)
		if !ok {
			if permission != "" {
				t.Fatalf("%q %q has no route, and needs %q", method, path, permission)
			}
			return
		}
		decoded, err := url.PathUnescape(path)
		if err != nil || !strings.HasPrefix(path, "/") || strings.Count(decoded, "/") != strings.Count(path, "/") ||
			strings.ContainsFunc(decoded, func(r rune) bool { return r < 0x20 || r == 0x7f || r == '\\' }) {
			t.Fatalf("%q %q needs %q", method, path, permission)
		}
		if segments := strings.Split(decoded[1:], "/"); decoded != "/" &&
			(slices.Contains(segments, "") || slices.Contains(segments, ".") || slices.Contains(segments, "..")) {
			t.Fatalf("%q %q needs %q", method, path, permission)
		}
	})
}

package catalogfile_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/policy/catalogfile"
)

func TestShippedCatalogIsTheOneThatPeopleRead(t *testing.T) {
	data, err := os.ReadFile("../catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	written, err := catalogfile.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.MarshalIndent(written, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want)+"\n", string(policy.Shipped)); diff != "" {
		t.Errorf("catalog.json is not catalog.yaml; run go generate ./shared/policy (-yaml +json):\n%s", diff)
	}
	source, err := catalogfile.Source(written)
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := os.ReadFile("../shipped.go")
	if diff := cmp.Diff(string(source), string(shipped)); err != nil || diff != "" {
		t.Errorf("shipped.go is not catalog.yaml, %v; run go generate ./shared/policy (-yaml +go):\n%s", err, diff)
	}
}

// edited is the shipped catalog with one text of it replaced.
func edited(t *testing.T, from, to string) []byte {
	t.Helper()
	data, err := os.ReadFile("../catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(data), from) != 1 {
		t.Fatalf("%q is there %d times, not once", from, strings.Count(string(data), from))
	}
	return []byte(strings.Replace(string(data), from, to, 1))
}

// lineOf is the line of the shipped catalog that has text.
func lineOf(t *testing.T, text string) int {
	t.Helper()
	before, _, _ := strings.Cut(string(edited(t, text, text)), text)
	return strings.Count(before, "\n") + 1
}

// Whatever is wrong is told with the line of what is wrong: of the item itself, or of that which lacks it.
func TestAMistakeIsToldWithItsLine(t *testing.T) {
	tests := map[string]struct {
		from, to string
		line     string // the text on the line that is named
		want     string
	}{
		"no YAML":                  {"organization: { tier", "organization: { [ tier", "organization: { tier", ""},
		"a key twice":              {"max_lifetime_days: 0\n", "max_lifetime_days: 0\nmax_lifetime_days: 1\n", "never_allowed: true", `mapping key "max_lifetime_days" already defined`},
		"an unknown field":         {"key_limit: 1000", "keys: 1000", "key_limit: 1000", `organization: unknown field "keys"`},
		"an unknown field on top":  {"sessions:", "session:", "sessions:", `unknown field "session"`},
		"a wrong type":             {"rate_limit_ceiling: 30000", "rate_limit_ceiling: many", "rate_limit_ceiling: 30000", "rate_limit_ceiling: must be a whole number"},
		"a wrong type in a list":   {"id: pro, requests_per_minute: 1000", "id: pro, requests_per_minute: many", "id: pro,", "tiers[2].requests_per_minute: must be a whole number"},
		"nothing behind a colon":   {"default_format: opaque", "default_format:", "default_format: opaque", "default_format: must not be null"},
		"a rule of a tier":         {"id: pro, requests_per_minute: 1000", "id: pro, requests_per_minute: 100", "id: pro,", "tiers: pro: requests_per_minute must be above"},
		"a rule of the whole":      {"never_allowed: true", "never_allowed: false", "id: never", "expiry_periods: never: never_allowed is false"},
		"a field that is missing":  {"rate_limit_ceiling: 30000", "", "environments:", "rate_limit_ceiling: must be at least"},
		"a rule of a block item":   {"title: Read-Only Admin", `title: ""`, "id: read_only_admin", "roles: read_only_admin: a title is missing"},
		"a permission in a list":   {`permissions: ["cache:purge"]`, `permissions: ["cache:purge", "cache:prune"]`, `permissions: ["cache:purge"]`, `roles: cache_purger: permission "cache:prune" is not one`},
		"a route":                  {`path: /purge,`, "path: /distributions,", "path: /distributions, permission: \"cdn:write\"", "services: cdn: POST /distributions: another route has the same method"},
		"a place of a route":       {`path: /plans, permission: "billing:read", neutral: true`, `path: /plans, permission: "billing:read", account: { in: path, name: x }`, "path: /plans", "services: billing: GET /plans: account: the path has no segment {x}"},
		"a block of one field":     {"sessions: { requests_per_minute: 600 }", "sessions:\n  requests_per_minute: many\n", "sessions: {", "sessions.requests_per_minute: must be a whole number"},
		"a quoted key":             {"sessions: { requests_per_minute: 600 }", "sessions: { 'requests_per_minute': -1 }", "sessions: {", "sessions: requests_per_minute must be at least 1"},
		"an anchor that is not":    {"default_format: opaque", "default_format: *nothing", "default_format: opaque", ""},
		"a service that says most": {"title: DNS\n    organizations: all", "title: DNS\n    organizations: most", "id: dns\n", "services[0].organizations: must be all or a list of ids"},
	}
	offsets := map[string]int{"a block of one field": 1, "a service that says most": 2}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := catalogfile.Load(edited(t, test.from, test.to))
			want := fmt.Sprintf("line %d: %s", lineOf(t, test.line)+offsets[name], test.want)
			if err == nil || !strings.HasPrefix(err.Error(), "catalog: ") || !strings.Contains(err.Error(), want) {
				t.Errorf("error = %v, want one that says %q", err, want)
			}
		})
	}
}

func TestAFileHoldsOneDocument(t *testing.T) {
	shipped := string(edited(t, "sessions:", "sessions:"))
	for name, text := range map[string]string{"nothing": "", "a comment": "# nothing\n", "two": shipped + "---\n" + shipped} {
		if _, err := catalogfile.Load([]byte(text)); err == nil || err.Error() != "catalog: the file must hold one YAML document" {
			t.Errorf("%s: error = %v", name, err)
		}
	}
}

func TestANumberThatIsNoneIsRefused(t *testing.T) {
	if _, err := catalogfile.Load(edited(t, "rate_limit_ceiling: 30000", "rate_limit_ceiling: .inf")); err == nil || !strings.HasPrefix(err.Error(), "catalog: ") {
		t.Errorf("error = %v", err)
	}
}

// FuzzLoad: no text makes loading panic.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{"", "a: b", "{}", "[]", "environments: [", "a: &x {b: *x}", "? [a]\n: b", "a: !!binary x", "services:\n- organizations: {}", "1: 2\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if catalog, err := catalogfile.Load(data); (catalog == nil) == (err == nil) {
			t.Fatalf("catalog %v and error %v", catalog, err)
		}
	})
}

// What a catalog names of other packages is imported.
func TestACatalogAsGoImportsWhatItNames(t *testing.T) {
	source, err := catalogfile.Source(&policy.Catalog{Services: []policy.Service{{Organizations: policy.Organizations{IDs: []org.ID{"org_acme"}}}}})
	for _, want := range []string{`import "github.com/keyward/keyward/shared/org"`, `[]org.ID{`} {
		if err != nil || !strings.Contains(string(source), want) {
			t.Errorf("there is no %s, %v, in\n%s", want, err, source)
		}
	}
}

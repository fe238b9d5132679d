package policy_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/policy/catalogfile"
)

// object is a part of a catalog as JSON has it.
type object = map[string]any

// edited is the shipped catalog, edited, as JSON.
func edited(t testing.TB, edit func(catalog object)) []byte {
	t.Helper()
	var catalog object
	if err := json.Unmarshal(policy.Shipped, &catalog); err != nil {
		t.Fatal(err)
	}
	edit(catalog)
	data, err := json.Marshal(catalog)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// item is the nth of a list in a catalog.
func item(catalog object, list string, n int) object { return catalog[list].([]any)[n].(object) }

// shipped is the catalog that comes with keyward.
func shipped(t testing.TB) *policy.Catalog {
	t.Helper()
	catalog, err := policy.Load(policy.Shipped)
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

func TestTheShippedCatalogIsThatOfTheContract(t *testing.T) {
	catalog := shipped(t)
	limits := map[string]int64{}
	for _, tier := range catalog.Tiers {
		limits[tier.ID] = tier.RequestsPerMinute
	}
	var environments, periods []string
	for _, environment := range catalog.Environments {
		environments = append(environments, string(environment.ID))
	}
	for _, period := range catalog.ExpiryPeriods {
		periods = append(periods, period.ID)
	}
	got := []any{limits, catalog.TierIDs(), environments, periods, catalog.DefaultExpiry().ID, catalog.Organization,
		catalog.Sessions.RequestsPerMinute, catalog.Retention.KeysDays}
	want := []any{
		map[string]int64{"free": 10, "basic": 100, "pro": 1000, "enterprise": 10000},
		[]string{"free", "basic", "pro", "enterprise"},
		[]string{"production", "staging", "development", "test"},
		[]string{"30_days", "60_days", "90_days", "six_months", "one_year", "never"},
		"six_months", policy.NewOrganization{Tier: "basic", MaxTier: "enterprise", KeyLimit: 1000}, int64(600), 400,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !catalog.Grants([]string{policy.FirstRole}, nil, "anything:at_all") {
		t.Error("an Admin may not do everything")
	}
	if catalog.Service("keyward") == nil || catalog.Service("nonsense") != nil {
		t.Error("a service is not found by its id")
	}
}

// A catalog that breaks a rule stops the start, and says which rule, and where.
func TestABrokenCatalogIsRefusedByName(t *testing.T) {
	route := func(method, path, permission string) func(object) {
		return func(c object) {
			service := item(c, "services", 0)
			service["routes"] = append(service["routes"].([]any), object{"method": method, "path": path, "permission": permission})
		}
	}
	set := func(list string, n int, field string, value any) func(object) {
		return func(c object) { item(c, list, n)[field] = value }
	}
	tests := map[string]struct {
		edit func(object)
		want string
	}{
		"an unknown field":            {func(c object) { c["teirs"] = []any{} }, `unknown field "teirs"`},
		"an unknown field within":     {set("services", 0, "route", []any{}), `unknown field "route"`},
		"a wrong type":                {set("tiers", 0, "requests_per_minute", "ten"), "requests_per_minute"},
		"no environments":             {func(c object) { c["environments"] = []any{} }, "environments: at least one is needed"},
		"an unknown environment":      {set("environments", 1, "id", "qa"), `environments: "qa" is not one of production, staging, development, test`},
		"an environment twice":        {set("environments", 1, "id", "production"), `environments: "production" is there twice`},
		"a tier twice":                {set("tiers", 1, "id", "free"), `tiers: "free" is there twice`},
		"a tier without an id":        {set("tiers", 0, "id", ""), "tiers: an id is missing"},
		"tiers that do not ascend":    {set("tiers", 2, "requests_per_minute", 100), "tiers: pro: requests_per_minute must be above the tier before it (100)"},
		"a tier of nothing":           {set("tiers", 0, "requests_per_minute", 0), "tiers: free: requests_per_minute must be above"},
		"no tiers":                    {func(c object) { c["tiers"] = []any{} }, `organization: tier: "basic" is not a tier`},
		"an unknown tier":             {func(c object) { c["organization"].(object)["tier"] = "gold" }, `organization: tier: "gold" is not a tier`},
		"an unknown max_tier":         {func(c object) { c["organization"].(object)["max_tier"] = "gold" }, `organization: max_tier: "gold" is not a tier`},
		"a tier above max_tier":       {func(c object) { c["organization"].(object)["max_tier"] = "free" }, "organization: tier: basic is above max_tier, free"},
		"no key_limit":                {func(c object) { delete(c["organization"].(object), "key_limit") }, "organization: key_limit must be at least 1"},
		"no limit for sessions":       {func(c object) { delete(c, "sessions") }, "sessions: requests_per_minute must be at least 1"},
		"a negative retention":        {func(c object) { c["retention"].(object)["keys_days"] = -1 }, "retention: keys_days must not be negative"},
		"a period twice":              {set("expiry_periods", 1, "id", "30_days"), `expiry_periods: "30_days" is there twice`},
		"a period of days and months": {set("expiry_periods", 0, "months", 1), "expiry_periods: 30_days: exactly one of days, months and never must be set"},
		"a period of nothing":         {set("expiry_periods", 0, "days", 0), "expiry_periods: 30_days: exactly one of"},
		"a negative period":           {set("expiry_periods", 0, "days", -1), "expiry_periods: 30_days: exactly one of"},
		"a period of too many days":   {set("expiry_periods", 0, "days", 3651), "expiry_periods: 30_days: must be at most 3650 days"},
		"a period of too many months": {set("expiry_periods", 4, "months", 120), "expiry_periods: one_year: must be at most 3650 days"},
		"no default period":           {set("expiry_periods", 3, "default", false), "expiry_periods: exactly one must be the default, not 0"},
		"two default periods":         {set("expiry_periods", 0, "default", true), "expiry_periods: exactly one must be the default, not 2"},
		"no admin":                    {set("roles", 0, "id", "boss"), "roles: admin is needed"},
		"a role without permissions":  {set("roles", 0, "permissions", []any{}), "roles: admin: at least one permission is needed"},
		"a bad permission of a role":  {set("roles", 0, "permissions", []any{"dns"}), `roles: admin: permission "dns" is not resource:action`},
		"a service twice":             {set("services", 1, "id", "dns"), `services: "dns" is there twice`},
		"a service that does not say": {func(c object) { delete(item(c, "services", 0), "organizations") }, "services: dns: organizations must be all or a list of ids"},
		"a service that admits none":  {set("services", 0, "organizations", []any{}), "services: dns: organizations must be all or a list of ids"},
		"a service that says null":    {set("services", 0, "organizations", nil), "services: dns: organizations must be all or a list of ids"},
		"a service that says ALL":     {set("services", 0, "organizations", "ALL"), "organizations must be all or a list of ids"},
		"a bad permission":            {route("GET", "/records", "dnsread"), `services: dns: GET /records: permission "dnsread" is not resource:action`},
		"a wildcard permission":       {route("GET", "/records", "dns:*"), `services: dns: GET /records: permission "dns:*" is not resource:action`},
		"a route twice":               {route("GET", "/zones", "dns:read"), "services: dns: GET /zones: another route has the same method and pattern"},
		"a route twice, encoded":      {route("GET", "/z%6Fnes", "dns:read"), "another route has the same method and pattern"},
		"an unknown method":           {route("FETCH", "/records", "dns:read"), "services: dns: FETCH /records: the method must be one of GET,"},
		"a method in small letters":   {route("get", "/records", "dns:read"), "services: dns: get /records: the method must be one of GET,"},
		"a path without its slash":    {route("GET", "records", "dns:read"), "services: dns: GET records: the path must begin with /"},
		"a path with a dot segment":   {route("GET", "/a/../b", "dns:read"), "services: dns: GET /a/../b: the path must begin with / and have no empty or dot segments"},
		"a path with an empty one":    {route("GET", "/a//b", "dns:read"), "services: dns: GET /a//b: the path must begin with / and have no empty or dot segments"},
		"a path that ends in a slash": {route("GET", "/a/", "dns:read"), "services: dns: GET /a/: the path must begin with / and have no empty or dot segments"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			catalog, err := policy.Load(edited(t, test.edit))
			if err == nil || catalog != nil || !strings.HasPrefix(err.Error(), "catalog: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want one that says %q", err, test.want)
			}
		})
	}
}

func TestWhatIsNoJSONIsNoCatalog(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "no object": "[]", "null": "null", "cut off": string(policy.Shipped[:200]), "a second value": string(policy.Shipped) + "{}",
	} {
		if _, err := policy.Load([]byte(text)); err == nil {
			t.Errorf("%s is a catalog", name)
		}
	}
}

func TestEveryBrokenRuleIsListed(t *testing.T) {
	_, err := policy.Load(edited(t, func(c object) {
		c["organization"].(object)["tier"] = "gold"
		item(c, "roles", 0)["permissions"] = []any{"dns"}
		delete(item(c, "services", 0), "organizations")
	}))
	for _, want := range []string{"organization: tier", "roles: admin: permission", "services: dns: organizations"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, and does not say %q", err, want)
		}
	}
}

// People write YAML; a mistake in it is told with its line.
func TestAMistakeInYAMLIsToldWithItsLine(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"an unknown field":         {"environments: []\ntiers:\n  - { id: free, per_minute: 10 }\n", "[3:"},
		"an unknown field on top":  {"environments: []\n\nteirs: []\n", "[3:"},
		"a wrong type":             {"sessions:\n  requests_per_minute: many\n", "[2:"},
		"no YAML":                  {"environments: [\n", "["},
		"a service that says most": {"services:\n  - id: dns\n    organizations: most\n", `organizations must be all or a list of ids, not "most"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := catalogfile.Load([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want one that says %s", err, test.want)
			}
		})
	}
}

func TestAServiceAdmitsAllOrTheOrganizationsItNames(t *testing.T) {
	catalog, err := policy.Load(edited(t, func(c object) { item(c, "services", 0)["organizations"] = []any{"org_a", "org_b"} }))
	if err != nil {
		t.Fatal(err)
	}
	if got := catalog.Service("dns").Organizations.Admitted(); !slices.Equal(got, []org.ID{"org_a", "org_b"}) {
		t.Errorf("dns admits %v", got)
	}
	if got := catalog.Service("keyward").Organizations.Admitted(); got != nil {
		t.Errorf("keyward admits %v, want all, which is nil", got)
	}
}

func TestRetentionEndsAfterItsDays(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)
	if got, want := (policy.Retention{KeysDays: 400}).EndedBefore(now), time.Date(2025, 2, 3, 12, 0, 30, 0, time.UTC); !got.Equal(want) {
		t.Errorf("400 days before %s is %s, want %s", now, got, want)
	}
	if got := (policy.Retention{}).EndedBefore(now); !got.IsZero() {
		t.Errorf("kept for ever, but what ended before %s goes", got)
	}
}

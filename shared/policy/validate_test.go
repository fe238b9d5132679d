package policy_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/policy"
)

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
	placed := func(kind string, place object) func(object) {
		return func(c object) { item(c, "services", 0)["routes"].([]any)[0].(object)[kind] = place }
	}
	lifetime := func(days int) func(object) {
		return func(c object) { c["max_lifetime_days"], c["never_allowed"] = days, false }
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
		"a period of all months":      {set("expiry_periods", 4, "months", math.MaxInt64), "expiry_periods: one_year: must be at most 3650 days"},
		"no default period":           {set("expiry_periods", 3, "default", false), "expiry_periods: exactly one must be the default, not 0"},
		"two default periods":         {set("expiry_periods", 0, "default", true), "expiry_periods: exactly one must be the default, not 2"},
		"no admin":                    {set("roles", 0, "id", "boss"), "roles: admin is needed"},
		"a role without permissions":  {set("roles", 0, "permissions", []any{}), "roles: admin: at least one permission is needed"},
		"a bad permission of a role":  {set("roles", 0, "permissions", []any{"dns"}), `roles: admin: permission "dns" is not resource:action`},
		"a service twice":             {set("services", 1, "id", "dns"), `services: "dns" is there twice`},
		"a service that does not say": {func(c object) { delete(item(c, "services", 0), "organizations") }, "services: dns: organizations must be all or a list of ids"},
		"a service that admits none":  {set("services", 0, "organizations", []any{}), "services: dns: organizations must be all or a list of ids"},
		"a service that says null":    {set("services", 0, "organizations", nil), "services[0].organizations: must not be null"},
		"a service that says ALL":     {set("services", 0, "organizations", "ALL"), "services[0].organizations: must be all or a list of ids"},
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
		"null for a list":             {func(c object) { c["roles"] = nil }, "roles: must not be null; leave it out"},
		"a text for a list":           {func(c object) { c["roles"] = "admin" }, "roles: must be a list"},
		"a list for an object":        {func(c object) { c["flags"] = []any{} }, "flags: must be an object"},
		"a text for a flag":           {func(c object) { c["flags"] = object{"locked_keys": "yes"} }, "flags.locked_keys: must be true or false"},
		"a number for a text":         {set("tiers", 1, "description", 7), "tiers[1].description: must be a text"},
		"half a request":              {set("tiers", 1, "requests_per_minute", 10.5), "tiers[1].requests_per_minute: must be a whole number"},
		"another case":                {func(c object) { c["Tiers"] = []any{} }, `unknown field "Tiers"`},
		"no ceiling":                  {func(c object) { delete(c, "rate_limit_ceiling") }, "rate_limit_ceiling: must be at least the highest tier's requests_per_minute (10000), not 0"},
		"a ceiling below a tier":      {func(c object) { c["rate_limit_ceiling"] = 9999 }, "rate_limit_ceiling: must be at least the highest tier's"},
		"an unknown signup":           {func(c object) { c["signup"] = "open" }, `signup: "open" is not one of personal, closed`},
		"no default_format":           {func(c object) { delete(c, "default_format") }, `default_format: "" is not one of opaque, jwt`},
		"an unknown format":           {func(c object) { c["default_format"] = "uuid" }, `default_format: "uuid" is not one of opaque, jwt`},
		"a negative lifetime":         {func(c object) { c["max_lifetime_days"] = -1 }, "max_lifetime_days: must be 1 to 3650, or 0"},
		"a lifetime of too long":      {func(c object) { c["max_lifetime_days"] = 3651 }, "max_lifetime_days: must be 1 to 3650, or 0"},
		"a lifetime, and never":       {func(c object) { c["max_lifetime_days"] = 400 }, "never_allowed: must be false where max_lifetime_days is set"},
		"never where it is forbidden": {func(c object) { c["never_allowed"] = false }, "expiry_periods: never: never_allowed is false"},
		"never as the default":        {func(c object) { c["never_allowed"] = false; item(c, "expiry_periods", 5)["default"] = true }, "expiry_periods: never: never_allowed is false"},
		"a default of too long":       {lifetime(181), "expiry_periods: six_months: must be at most 181 days"},
		"a permission twice":          {set("permissions", 1, "id", "dns:read"), `permissions: "dns:read" is there twice`},
		"a pattern of permissions":    {set("permissions", 0, "id", "dns:*"), `permissions: "dns:*" is not resource:action`},
		"no title of a permission":    {set("permissions", 0, "title", ""), "permissions: dns:read: a title is missing"},
		"no words of a permission":    {set("permissions", 0, "description", ""), "permissions: dns:read: a description is missing"},
		"a role twice":                {set("roles", 1, "id", "admin"), `roles: "admin" is there twice`},
		"no title of a role":          {set("roles", 1, "title", ""), "roles: read_only_admin: a title is missing"},
		"no words of a role":          {set("roles", 1, "description", ""), "roles: read_only_admin: a description is missing"},
		"an admin who is none":        {set("roles", 0, "permissions", []any{"dns:*"}), "roles: admin must give *:*"},
		"a role's unknown permission": {set("roles", 1, "permissions", []any{"dns:raed"}), `roles: read_only_admin: permission "dns:raed" is not one of the catalog's permissions`},
		"a role's unknown pattern":    {set("roles", 1, "permissions", []any{"nds:*"}), `roles: read_only_admin: permission "nds:*" is not one of the catalog's permissions`},
		"a route's unknown one":       {route("GET", "/x", "dns:raed"), `services: dns: GET /x: permission "dns:raed" is not one of the catalog's permissions`},
		"a service's unknown one":     {set("services", 0, "permissions", []any{"dns:raed"}), `services: dns: permission "dns:raed" is not one of the catalog's permissions`},
		"a service's pattern":         {set("services", 0, "permissions", []any{"dns:*"}), `services: dns: permission "dns:*" is not resource:action`},
		"a service without a title":   {set("services", 0, "title", ""), "services: dns: a title is missing"},
		"an empty organization":       {set("services", 0, "organizations", []any{""}), "services: dns: organizations: an id is empty"},
		"keyward without places":      {set("services", 10, "neutral", false), "services: keyward: must be neutral"},
		"keyward with routes":         {set("services", 10, "routes", []any{object{"method": "GET", "path": "/v1/keys", "permission": "keys:read"}}), "services: keyward: must have no routes"},
		"no keyward":                  {set("services", 10, "id", "ours"), "services: keyward is needed"},
		"a greedy segment":            {route("GET", "/files/{path+}", "dns:read"), "services: dns: GET /files/{path+}: {path+} is not supported"},
		"a segment without a name":    {route("GET", "/files/{}", "dns:read"), "services: dns: GET /files/{}: {} must name its segment"},
		"a name of other letters":     {route("GET", "/files/{a b}", "dns:read"), "services: dns: GET /files/{a b}: {a b} must name its segment"},
		"a name twice in a pattern":   {route("GET", "/files/{a}/{a}", "dns:read"), "services: dns: GET /files/{a}/{a}: {a} is there twice"},
		"half a brace":                {route("GET", "/files/a{b}", "dns:read"), "services: dns: GET /files/a{b}: the segment a{b} must be {name} or have no braces"},
		"braces, encoded":             {route("GET", "/files/%7Bb%7D", "dns:read"), "the segment %7Bb%7D must be {name} or have no braces"},
		"too many segments":           {route("GET", strings.Repeat("/a", 17), "dns:read"), "the path must have at most 16 segments"},
		"two names for a segment":     {route("PUT", "/zones/{zone}", "dns:write"), "services: dns: PUT /zones/{zone}: another route has {zone_id} where this one has {zone}"},
		"an ambiguous pattern":        {route("GET", "/{any}/status", "dns:read"), "services: dns: GET /{any}/status: ambiguous: some paths match"},
		"an ambiguous one, deeper":    {route("GET", "/zones/{zone_id}/{kind}/default", "dns:read"), "services: dns: GET /zones/{zone_id}/{kind}/default: ambiguous: some paths match /zones/{zone_id}/records/{record_id} too"},
		"a place elsewhere":           {set("services", 0, "customer", object{"in": "body", "name": "x"}), `services: dns: customer: in must be path, query or header, not "body"`},
		"a place without a name":      {set("services", 0, "account", object{"in": "query"}), `services: dns: account: name "" must be 1 to 64 of`},
		"an empty place":              {set("services", 0, "account", object{}), `services: dns: account: in must be path, query or header, not ""`},
		"a segment that is not there": {placed("customer", object{"in": "path", "name": "zone"}), "services: dns: GET /zones: customer: the path has no segment {zone}"},
		"a service's, not there":      {set("services", 0, "account", object{"in": "path", "name": "zone_id"}), "services: dns: GET /zones: account: the path has no segment {zone_id}"},
		"a route's place elsewhere":   {placed("account", object{"in": "cookie", "name": "x"}), `services: dns: GET /zones: account: in must be path, query or header, not "cookie"`},
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

// A rule is told with the item that breaks it, so that its line can be found.
func TestABrokenRuleSaysWhere(t *testing.T) {
	_, err := policy.Load(edited(t, func(c object) {
		item(c, "tiers", 2)["requests_per_minute"] = 1
		item(c, "roles", 3)["permissions"] = []any{"cache:purge", "nothing:known"}
		item(c, "services", 1)["routes"].([]any)[2].(object)["customer"] = object{"in": "path", "name": "none"}
		c["organization"].(object)["tier"] = "gold"
	}))
	var invalid policy.Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("error = %v, want an Invalid", err)
	}
	var got []string
	for _, broken := range invalid {
		got = append(got, string(broken.At))
	}
	want := "/tiers/2/requests_per_minute /organization/tier /roles/3/permissions/1 /services/1/routes/2/customer"
	if strings.Join(got, " ") != want {
		t.Errorf("broken at %s, want %s", strings.Join(got, " "), want)
	}
}

// FuzzLoad: no text makes loading panic, and what is refused is refused as Invalid.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{"", "{}", "null", `{"":null}`, `{"roles":[{"permissions":["*:*"]}]}`, `{"services":[{"organizations":1}]}`, string(policy.Shipped)} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		catalog, err := policy.Load(data)
		var invalid policy.Invalid
		if (catalog == nil) != errors.As(err, &invalid) {
			t.Fatalf("catalog %v and error %v", catalog, err)
		}
	})
}

package acceptance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	badTime   = "expires_at must be a time in RFC 3339, such as 2027-01-31T12:00:00Z, or null for never."
	badDays   = "expires_in_days must be a whole number from 1 to 3650."
	onlyOne   = "Send only one of expires_at, expires_in_days and expires_in."
	noControl = "name must have no control characters."
)

// badFields are bad for a create and for a PATCH alike, with the texts that name field and rule.
var badFields = map[string]struct{ body, field, text string }{
	"name empty":                {`{"name":""}`, "name", "name must have 1 to 100 characters, not 0."},
	"name of spaces":            {`{"name":"   "}`, "name", "name must have 1 to 100 characters, not 0."},
	"name null":                 {`{"name":null}`, "name", "name must have 1 to 100 characters, not 0."},
	"name too long":             {`{"name":"` + strings.Repeat("é", 101) + `"}`, "name", "name must have 1 to 100 characters, not 101."},
	"name with a newline":       {`{"name":"a\nb"}`, "name", noControl},
	"name with a NUL":           {`{"name":"a\u0000"}`, "name", noControl},
	"name with DEL":             {`{"name":"a\u007f"}`, "name", noControl},
	"name with a C1 control":    {`{"name":"a\u0085b"}`, "name", noControl},
	"name a number":             {`{"name":1}`, "name", "name must be a string."},
	"name an object":            {`{"name":{}}`, "name", "name must be a string."},
	"description too long":      {`{"name":"x","description":"` + strings.Repeat("d", 501) + `"}`, "description", "description must have at most 500 characters, not 501."},
	"description a number":      {`{"name":"x","description":5}`, "description", "description must be a string."},
	"metadata a list":           {`{"name":"x","metadata":["a"]}`, "metadata", "metadata must be an object of strings."},
	"metadata of numbers":       {`{"name":"x","metadata":{"a":1}}`, "metadata.a", "metadata.a must be a string."},
	"metadata of many pairs":    {`{"name":"x","metadata":{` + pairs(21) + `}}`, "metadata", "metadata must have at most 20 pairs, not 21."},
	"metadata too large":        {`{"name":"x","metadata":{"a":"` + strings.Repeat("m", 2048) + `"}}`, "metadata", "metadata must have at most 2048 bytes in names and values, not 2049."},
	"metadata without a name":   {`{"name":"x","metadata":{"":"a"}}`, "metadata", "metadata must have no empty names."},
	"tier unknown":              {`{"name":"x","tier":"gold"}`, "tier", `tier must be one of free, basic, pro, enterprise, not "gold".`},
	"tier in capitals":          {`{"name":"x","tier":"Pro"}`, "tier", `tier must be one of free, basic, pro, enterprise, not "Pro".`},
	"tier a number":             {`{"name":"x","tier":1}`, "tier", "tier must be a string."},
	"rate_limit 0":              {`{"name":"x","rate_limit":0}`, "rate_limit", "rate_limit must be at least 1 request per minute, not 0."},
	"rate_limit negative":       {`{"name":"x","rate_limit":-5}`, "rate_limit", "rate_limit must be at least 1 request per minute, not -5."},
	"rate_limit a fraction":     {`{"name":"x","rate_limit":1.5}`, "rate_limit", "rate_limit must be a whole number."},
	"rate_limit a string":       {`{"name":"x","rate_limit":"5"}`, "rate_limit", "rate_limit must be a whole number."},
	"rate_limit beyond 64 bits": {`{"name":"x","rate_limit":99999999999999999999}`, "rate_limit", "rate_limit must be a whole number."},
	"expires_at no time":        {`{"name":"x","expires_at":"tomorrow"}`, "expires_at", badTime},
	"expires_at a date":         {`{"name":"x","expires_at":"2030-01-01"}`, "expires_at", badTime},
	"expires_at a number":       {`{"name":"x","expires_at":1900000000}`, "expires_at", "expires_at must be a string."},
	"expires_at too late":       {`{"name":"x","expires_at":"2090-01-01T00:00:00Z"}`, "expires_at", "expires_at must be at most 3650 days ahead, or null for never."},
	"expires_in_days 0":         {`{"name":"x","expires_in_days":0}`, "expires_in_days", badDays},
	"expires_in_days negative":  {`{"name":"x","expires_in_days":-1}`, "expires_in_days", badDays},
	"expires_in_days 3651":      {`{"name":"x","expires_in_days":3651}`, "expires_in_days", badDays},
	"expires_in_days null":      {`{"name":"x","expires_in_days":null}`, "expires_in_days", badDays},
	"expires_in_days a string":  {`{"name":"x","expires_in_days":"5"}`, "expires_in_days", "expires_in_days must be a whole number."},
	"expires_in unknown":        {`{"name":"x","expires_in":"2_weeks"}`, "expires_in", `expires_in must be one of 30_days, 60_days, 90_days, six_months, one_year, never, not "2_weeks".`},
	"two expiries":              {`{"name":"x","expires_in_days":5,"expires_in":"30_days"}`, "expires_at", onlyOne},
	"two expiries, one null":    {`{"name":"x","expires_at":null,"expires_in":"30_days"}`, "expires_at", onlyOne},
}

func pairs(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`"k%d":"v"`, i)
	}
	return strings.Join(all, ",")
}

func testBadFields(t *testing.T, target Target) {
	ann := newMember(t, target)
	key := ann.create()
	for name, test := range badFields {
		t.Run(name, func(t *testing.T) {
			ann.in(t).do("POST", "/v1/keys", test.body).wantInvalid("invalid_field", test.field, test.text)
			ann.in(t).do("PATCH", key.path(), test.body).wantInvalid("invalid_field", test.field, test.text)
		})
	}
	for name, test := range map[string]struct{ call, body, code, field, text string }{
		"no name":                    {"POST /v1/keys", `{}`, "invalid_field", "name", "name must have 1 to 100 characters, not 0."},
		"environment unknown":        {"POST /v1/keys", `{"name":"x","environment":"live"}`, "invalid_field", "environment", `environment must be one of production, staging, development, test, not "live".`},
		"environment a number":       {"POST /v1/keys", `{"name":"x","environment":1}`, "invalid_field", "environment", "environment must be a string."},
		"environment never changes":  {"PATCH " + key.path(), `{"environment":"staging"}`, "unknown_field", "environment", noField("environment", patchFields)},
		"active at birth":            {"POST /v1/keys", `{"name":"x","active":true}`, "unknown_field", "active", noField("active", createFields)},
		"an id of one's own":         {"POST /v1/keys", `{"name":"x","key_id":"key_00000000"}`, "unknown_field", "key_id", noField("key_id", createFields)},
		"active null":                {"PATCH " + key.path(), `{"active":null}`, "invalid_field", "active", "active must be true or false."},
		"active a word":              {"PATCH " + key.path(), `{"active":"yes"}`, "invalid_field", "active", "active must be true or false."},
		"tier empty":                 {"PATCH " + key.path(), `{"tier":""}`, "invalid_field", "tier", `tier must be one of free, basic, pro, enterprise, not "".`},
		"verify without a key":       {"POST /v1/keys/verify", `{}`, "invalid_field", "api_key", "api_key is needed: the key to verify."},
		"verify a number":            {"POST /v1/keys/verify", `{"api_key":5}`, "invalid_field", "api_key", "api_key must be a string."},
		"verify, environment":        {"POST /v1/keys/verify", `{"api_key":"x","environment":"live"}`, "invalid_field", "environment", `environment must be one of production, staging, development, test, not "live".`},
		"verify, service":            {"POST /v1/keys/verify", `{"api_key":"x","service":"nothing"}`, "invalid_field", "service", `service "nothing" is not one of the catalog.`},
		"verify, path alone":         {"POST /v1/keys/verify", `{"api_key":"x","service":"dns","path":"/zones"}`, "invalid_field", "path", "Send method and path together, or neither."},
		"verify, path of no service": {"POST /v1/keys/verify", `{"api_key":"x","method":"GET","path":"/zones"}`, "invalid_field", "service", "service is needed with method and path: it says which routes there are."},
		"verify, permission":         {"POST /v1/keys/verify", `{"api_key":"x","permission":"dns"}`, "invalid_field", "permission", `permission must be resource:action, such as dns:write, not "dns".`},
		"verify, address":            {"POST /v1/keys/verify", `{"api_key":"x","ip":"localhost"}`, "invalid_field", "ip", "ip must be an IPv4 or IPv6 address."},
	} {
		t.Run(name, func(t *testing.T) {
			method, path, _ := strings.Cut(test.call, " ")
			ann.in(t).do(method, path, test.body).wantInvalid(test.code, test.field, test.text)
		})
	}
	t.Run("an expiry in the past is told the time", func(t *testing.T) { testPastExpiry(ann.in(t), key) })
	t.Run("more than the highest tier is refused", func(t *testing.T) {
		for _, call := range []string{"POST /v1/keys", "PATCH " + key.path()} {
			method, path, _ := strings.Cut(call, " ")
			ann.in(t).do(method, path, fields{"name": "x", "rate_limit": 10001}).wantRefusal(http.StatusForbidden, "tier_not_allowed", "Permission denied",
				"A rate_limit of 10001 is above the 10000 requests per minute of enterprise, the highest tier that your organization may use.", "")
		}
	})
	t.Run("nothing of all that made or changed a key", func(t *testing.T) {
		wantTotal(ann.in(t), 1)
		if got := ann.in(t).do("GET", key.path(), nil).data(); got["version"] != 1.0 || got["name"] != key.name {
			t.Errorf("version = %v, name = %v", got["version"], got["name"])
		}
	})
}

func testPastExpiry(ann *caller, key key) {
	for _, past := range []string{"2020-01-01T00:00:00Z", time.Now().Add(-2 * time.Minute).UTC().Format(time.RFC3339)} {
		for _, call := range []string{"POST /v1/keys", "PATCH " + key.path()} {
			method, path, _ := strings.Cut(call, " ")
			refused := ann.do(method, path, fields{"name": "x", "expires_at": past})
			text, _ := refused.body()["error"].(string)
			now := strings.TrimSuffix(strings.TrimPrefix(text, "expires_at must be in the future. Now is "), ".")
			if told := refused.wantTime("Now", now); time.Since(told).Abs() > time.Minute {
				refused.errorf("it told the time %s", told)
			}
			refused.wantInvalid("invalid_field", "expires_at", "expires_at must be in the future. Now is "+now+".")
		}
	}
}

// The fields of a create, of a PATCH and of a verify, as an error lists them.
const (
	createFields = "name, description, metadata, environment, tier, rate_limit, expires_at, expires_in_days, expires_in, owner, format, locked, " + ruleFields
	patchFields  = "name, description, metadata, tier, rate_limit, expires_at, expires_in_days, expires_in, active, " + ruleFields
	ruleFields   = "quota_per_day, quota_per_month, roles, permissions, inherit, services, customers, accounts, ip_allow, ip_deny, successor"
	verifyFields = "api_key, environment, service, method, path, permission, customer, account, ip, explain"
)

func noField(name, fields string) string {
	return "There is no field " + name + " here. There are " + fields + "."
}

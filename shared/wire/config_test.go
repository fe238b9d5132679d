package wire_test

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/wire"
)

// environment is what a process finds in its environment.
type environment map[string]string

func (e environment) get(name string) string { return e[name] }

func compare(want, got wire.Config) string {
	return cmp.Diff(want, got, cmpopts.IgnoreFields(wire.Config{}, "Catalog"), cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Prefix{}))
}

func TestAnEmptyEnvironmentHasDefaults(t *testing.T) {
	config, err := wire.ReadConfig(environment{}.get, policy.Load)
	if err != nil {
		t.Fatal(err)
	}
	want := wire.Config{Brand: "vg", Signup: session.SignupClosed, Organization: "Organization", LogLevel: slog.LevelInfo,
		KeyIssuer: "keyward", KeyAlgorithm: jwtkey.EdDSA, Deployment: "keyward", LogSample: 1}
	if diff := compare(want, config); diff != "" || config.Catalog.DefaultExpiry().ID != "six_months" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What uses no catalog starts without one, whatever is wrong with it.
func TestWithoutALoaderThereIsNoCatalog(t *testing.T) {
	config, err := wire.ReadConfig(environment{"KEYWARD_CATALOG": "/nowhere.json"}.get, nil)
	if err != nil || config.Catalog != nil || config.Signup != session.SignupClosed {
		t.Errorf("%v, catalog %v, signup %s", err, config.Catalog, config.Signup)
	}
}

func TestEveryVariableIsRead(t *testing.T) {
	catalog := filepath.Join(t.TempDir(), "catalog.json")
	text := strings.Replace(string(policy.Shipped), `"six_months"`, `"half_a_year"`, 1)
	if err := os.WriteFile(catalog, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := wire.ReadConfig(environment{
		"KEYWARD_CATALOG": catalog, "KEYWARD_BRAND": "acme", "KEYWARD_TABLE": "keyward", "KEYWARD_PEPPERS": "arn:aws:secretsmanager:x",
		"KEYWARD_ISSUER": "https://id.example", "KEYWARD_AUDIENCE": "console", "KEYWARD_SIGNUP": "personal", "KEYWARD_FIRST_ADMIN": "alice",
		"KEYWARD_ORGANIZATION": "Acme", "KEYWARD_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1 2001:db8::/32,::1", "KEYWARD_OPERATORS": "root, carol", "KEYWARD_LOG_LEVEL": "debug",
		"KEYWARD_APPSYNC":    `{"api1": {"environment": "staging", "service": "dns", "permission": "dns:read"}}`,
		"KEYWARD_KEY_ISSUER": "https://keys.example", "KEYWARD_SIGNING_KEYS": "arn:aws:secretsmanager:y", "KEYWARD_KEY_ALGORITHM": "ES256",
		"KEYWARD_DEPLOYMENT": "acme-keys", "KEYWARD_LOG_SAMPLE": "0.25", "KEYWARD_REFUSE_ALL": "true",
	}.get, policy.Load)
	if err != nil {
		t.Fatal(err)
	}
	want := wire.Config{
		Brand: "acme", Table: "keyward", Peppers: "arn:aws:secretsmanager:x", Issuer: "https://id.example", Audience: "console",
		Operators: []string{"root", "carol"},
		Signup:    session.SignupPersonal, FirstAdmin: "alice", Organization: "Acme", LogLevel: slog.LevelDebug,
		Proxies: httpapi.Proxies{
			netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("::1/128"),
		},
		AppSync:   map[string]httpapi.AppSyncAPI{"api1": {Environment: "staging", Service: "dns", Permission: "dns:read"}},
		KeyIssuer: "https://keys.example", SigningKeys: "arn:aws:secretsmanager:y", KeyAlgorithm: jwtkey.ES256, Deployment: "acme-keys", LogSample: 0.25, RefuseAll: true,
	}
	if diff := compare(want, config); diff != "" || config.Catalog.DefaultExpiry().ID != "half_a_year" {
		t.Errorf("catalog's default %q; (-want +got)\n%s", config.Catalog.DefaultExpiry().ID, diff)
	}
}

// A wrong setting stops the start, with the variable's name and its rule.
func TestAWrongVariableIsNamed(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte(`{"teirs": []}`), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ variable, value, want string }{
		"no such catalog":            {"KEYWARD_CATALOG", "/nowhere.json", "no such file"},
		"a broken catalog":           {"KEYWARD_CATALOG", broken, `unknown field "teirs"`},
		"a brand in capitals":        {"KEYWARD_BRAND", "VG", `"VG" must be 1 to 12 of a-z and 0-9`},
		"a brand with an underscore": {"KEYWARD_BRAND", "v_g", "must be 1 to 12 of a-z and 0-9"},
		"a long brand":               {"KEYWARD_BRAND", "abcdefghijklm", "must be 1 to 12"},
		"an unknown signup":          {"KEYWARD_SIGNUP", "open", `"open" must be personal or closed`},
		"a name for a proxy":         {"KEYWARD_TRUSTED_PROXIES", "10.0.0.1,proxy.internal", `"proxy.internal" is neither an address nor a CIDR`},
		"a wrong CIDR":               {"KEYWARD_TRUSTED_PROXIES", "10.0.0.0/33", `"10.0.0.0/33" is neither an address nor a CIDR`},
		"all IPv4 as proxies":        {"KEYWARD_TRUSTED_PROXIES", "10.0.0.0/8,0.0.0.0/0", `"0.0.0.0/0" is every address`},
		"all IPv6 as proxies":        {"KEYWARD_TRUSTED_PROXIES", "::/0", `"::/0" is every address`},
		"no JSON":                    {"KEYWARD_APPSYNC", "api1", "it must be"},
		"an AppSync API of nothing":  {"KEYWARD_APPSYNC", `{"api1": {}}`, "api1: environment, service and permission are all needed"},
		"no permission":              {"KEYWARD_APPSYNC", `{"api1": {"environment": "staging", "service": "dns"}}`, "api1: environment, service and permission are all needed"},
		"an unknown environment":     {"KEYWARD_APPSYNC", `{"api1": {"environment": "qa", "service": "dns", "permission": "dns:read"}}`, "api1: environment"},
		"a key issuer with a space":  {"KEYWARD_KEY_ISSUER", "key ward", "must be 1 to 200 printable ASCII characters"},
		"an unknown algorithm":       {"KEYWARD_KEY_ALGORITHM", "RS256", `"RS256" must be EdDSA or ES256`},
		"an unknown level":           {"KEYWARD_LOG_LEVEL", "loud", "must be debug, info, warn or error"},
		"a reason to refuse":         {"KEYWARD_REFUSE_ALL", "restoring", "must be true or false"},
		"a share in per cent":        {"KEYWARD_LOG_SAMPLE", "10%", `"10%" must be a number from 0 to 1`},
		"a share beyond all":         {"KEYWARD_LOG_SAMPLE", "1.5", "must be a number from 0 to 1"},
		"a share below none":         {"KEYWARD_LOG_SAMPLE", "-0.1", "must be a number from 0 to 1"},
		"a share that is no number":  {"KEYWARD_LOG_SAMPLE", "NaN", "must be a number from 0 to 1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := wire.ReadConfig(environment{test.variable: test.value}.get, policy.Load)
			if err == nil || !strings.HasPrefix(err.Error(), test.variable+": ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want %s and %q", err, test.variable, test.want)
			}
		})
	}
}

// A token with keyward's own iss is a key, any other a session: the two must not meet.
func TestKeysAndSessionsHaveDifferentIssuers(t *testing.T) {
	for name, both := range map[string]environment{
		"both chosen":    {"KEYWARD_ISSUER": "https://id.example", "KEYWARD_KEY_ISSUER": "https://id.example"},
		"one by default": {"KEYWARD_ISSUER": "keyward"},
	} {
		_, err := wire.ReadConfig(both.get, policy.Load)
		if err == nil || !strings.HasPrefix(err.Error(), "KEYWARD_KEY_ISSUER: ") || !strings.Contains(err.Error(), "is KEYWARD_ISSUER too") {
			t.Errorf("%s: error = %v, want one that names both", name, err)
		}
	}
}

// What a function uses and its configuration lacks is named before the first request.
func TestWhatIsMissingIsNamedByRequire(t *testing.T) {
	full := wire.Config{Table: "t", Peppers: "arn", SigningKeys: "arn", Issuer: "https://id.example", Audience: "console"}
	everything := httpapi.Function{Name: "authorizer", Table: []string{"GetItem"}, Peppers: true, Sessions: true}
	tests := map[string]struct {
		lacks    func(*wire.Config)
		function httpapi.Function
		want     string // empty: nothing is missing
	}{
		"all that is used is there": {func(*wire.Config) {}, everything, ""},
		"no table":                  {func(c *wire.Config) { c.Table = "" }, everything, "KEYWARD_TABLE is not set: authorizer needs the DynamoDB table's name"},
		"no peppers":                {func(c *wire.Config) { c.Peppers = "" }, everything, "KEYWARD_PEPPERS is not set: authorizer needs the ARN of the peppers' secret"},
		"no signing keys, to sign": {func(c *wire.Config) { c.SigningKeys = "" }, httpapi.Function{Name: "create", Signing: true},
			"KEYWARD_SIGNING_KEYS is not set: create needs the ARN of the signing keys' secret"},
		"no signing keys, to make them": {func(c *wire.Config) { c.SigningKeys = "" }, httpapi.Function{Name: "signingkeys", Keymaker: true},
			"KEYWARD_SIGNING_KEYS is not set: signingkeys needs the ARN of the signing keys' secret"},
		"no issuer": {func(c *wire.Config) { c.Issuer = "" }, everything, "KEYWARD_ISSUER is not set: authorizer needs the identity provider's issuer"},
		"no audience": {func(c *wire.Config) { c.Audience = "" }, everything,
			"KEYWARD_AUDIENCE is not set: authorizer needs the client id that session tokens are made out to"},
		"nothing, and nothing used": {func(c *wire.Config) { *c = wire.Config{} }, httpapi.Function{Name: "sample"}, ""},
		"what others use":           {func(c *wire.Config) { c.Peppers, c.Issuer, c.Audience = "", "", "" }, httpapi.Function{Name: "list", Table: []string{"Query"}}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			config, got := full, ""
			test.lacks(&config)
			if err := config.Require(test.function); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("error = %q, want %q", got, test.want)
			}
		})
	}
}

// The environment says who may sign up; where it does not, the catalog; where neither does, nobody.
func TestSignupIsTheEnvironmentsThenTheCatalogs(t *testing.T) {
	catalog := filepath.Join(t.TempDir(), "catalog.json")
	if err := os.WriteFile(catalog, []byte(strings.Replace(string(policy.Shipped), "{", `{"signup": "personal",`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		environment environment
		want        session.Mode
	}{
		"neither":     {environment{}, session.SignupClosed},
		"the catalog": {environment{"KEYWARD_CATALOG": catalog}, session.SignupPersonal},
		"both":        {environment{"KEYWARD_CATALOG": catalog, "KEYWARD_SIGNUP": "closed"}, session.SignupClosed},
	} {
		config, err := wire.ReadConfig(test.environment.get, policy.Load)
		if err != nil || config.Signup != test.want {
			t.Errorf("%s: %q, %v, want %q", name, config.Signup, err, test.want)
		}
	}
}

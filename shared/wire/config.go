// Package wire turns the environment into services. Nothing else under shared/ or functions/ reads the environment; each
// function's main.go says which of the constructors here that function is.
package wire

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/session"
)

// Config is the deployment's configuration. Every function gets the part that it needs.
type Config struct {
	Catalog      *policy.Catalog // nil for functions that use none. KEYWARD_CATALOG names a file of JSON; empty: CatalogFile beside a Lambda function's program, else the shipped one
	Brand        string          // KEYWARD_BRAND: the first part of every secret; empty: vg
	Table        string          // KEYWARD_TABLE: the DynamoDB table; needed with that store
	Peppers      string          // KEYWARD_PEPPERS: the ARN of the peppers' secret; needed by what hashes
	Issuer       string          // KEYWARD_ISSUER: the identity provider; needed by what verifies sessions
	Audience     string          // KEYWARD_AUDIENCE: its client id; needed with the issuer
	Signup       session.Mode    // KEYWARD_SIGNUP: personal or closed; empty: as the catalog says, else closed
	FirstAdmin   string          // KEYWARD_FIRST_ADMIN: a subject or verified e-mail; empty: nobody can sign up where that is closed
	Organization string          // KEYWARD_ORGANIZATION: the first Admin's organization; empty: "Organization"
	Operators    []string        // KEYWARD_OPERATORS: the subjects of those who operate the deployment, separated by commas; empty: none
	Proxies      httpapi.Proxies // KEYWARD_TRUSTED_PROXIES: addresses and CIDRs, separated by commas; empty: none
	AppSync      map[string]httpapi.AppSyncAPI
	KeyIssuer    string           // KEYWARD_KEY_ISSUER: the iss of keys in JWT format, which no session may have; empty: keyward
	SigningKeys  string           // KEYWARD_SIGNING_KEYS: the ARN of the signing keys' secret; needed by what signs, and by what makes them
	KeyAlgorithm jwtkey.Algorithm // KEYWARD_KEY_ALGORITHM: EdDSA or ES256, of signing keys that are made; empty: EdDSA
	Deployment   string           // KEYWARD_DEPLOYMENT: what the deployment is called, in its metrics; empty: keyward
	LogLevel     slog.Level       // KEYWARD_LOG_LEVEL: debug, info, warn or error; empty: info
	RefuseAll    bool             // KEYWARD_REFUSE_ALL: true: nobody but operators' sessions is let in; empty: false
	LogSample    float64          // KEYWARD_LOG_SAMPLE: the share of allowed decisions that are logged, 0 to 1; empty: 1
}

// Getenv reads one environment variable; empty where it is not set.
type Getenv func(name string) string

// Env is the process's own environment.
func Env(name string) string { return os.Getenv(name) }

// ReadConfig reads the configuration. Its error names the variable and the rule. Without a loader there is no catalog, for
// functions that use none.
func ReadConfig(getenv Getenv, load CatalogLoader) (Config, error) {
	config := Config{
		Brand:        or(getenv("KEYWARD_BRAND"), apikey.DefaultBrand),
		Table:        getenv("KEYWARD_TABLE"),
		Peppers:      getenv("KEYWARD_PEPPERS"),
		Issuer:       getenv("KEYWARD_ISSUER"),
		Audience:     getenv("KEYWARD_AUDIENCE"),
		Operators:    readList(getenv("KEYWARD_OPERATORS")),
		FirstAdmin:   getenv("KEYWARD_FIRST_ADMIN"),
		Organization: or(getenv("KEYWARD_ORGANIZATION"), "Organization"),
		KeyIssuer:    or(getenv("KEYWARD_KEY_ISSUER"), "keyward"),
		SigningKeys:  getenv("KEYWARD_SIGNING_KEYS"),
		Deployment:   or(getenv("KEYWARD_DEPLOYMENT"), "keyward"),
	}
	var err error
	signup := ""
	if load != nil {
		if config.Catalog, err = readCatalog(catalogPath(getenv), load); err != nil {
			return config, fmt.Errorf("KEYWARD_CATALOG: %w", err)
		}
		signup = config.Catalog.Signup
	}
	config.Signup = session.Mode(or(getenv("KEYWARD_SIGNUP"), or(signup, string(session.SignupClosed))))
	if config.Proxies, err = httpapi.ParseProxies(getenv("KEYWARD_TRUSTED_PROXIES")); err != nil {
		return config, fmt.Errorf("KEYWARD_TRUSTED_PROXIES: %w", err)
	}
	if config.AppSync, err = readAppSync(getenv("KEYWARD_APPSYNC")); err != nil {
		return config, fmt.Errorf("KEYWARD_APPSYNC: %w", err)
	}
	if config.KeyAlgorithm, err = jwtkey.ParseAlgorithm(or(getenv("KEYWARD_KEY_ALGORITHM"), string(jwtkey.EdDSA))); err != nil {
		return config, fmt.Errorf("KEYWARD_KEY_ALGORITHM: %w", err)
	}
	if err := config.LogLevel.UnmarshalText([]byte(or(getenv("KEYWARD_LOG_LEVEL"), "info"))); err != nil {
		return config, fmt.Errorf("KEYWARD_LOG_LEVEL: must be debug, info, warn or error: %w", err)
	}
	if config.LogSample, err = readShare(or(getenv("KEYWARD_LOG_SAMPLE"), "1")); err != nil {
		return config, fmt.Errorf("KEYWARD_LOG_SAMPLE: %w", err)
	}
	if config.RefuseAll, err = strconv.ParseBool(or(getenv("KEYWARD_REFUSE_ALL"), "false")); err != nil {
		return config, fmt.Errorf("KEYWARD_REFUSE_ALL: must be true or false: %w", err)
	}
	return config, config.validate()
}

func (c Config) validate() error {
	if !apikey.ValidBrand(c.Brand) {
		return fmt.Errorf("KEYWARD_BRAND: %q must be 1 to 12 of a-z and 0-9", c.Brand)
	}
	if c.Signup != session.SignupPersonal && c.Signup != session.SignupClosed {
		return fmt.Errorf("KEYWARD_SIGNUP: %q must be personal or closed", c.Signup)
	}
	if !jwtkey.ValidIssuer(c.KeyIssuer) {
		return fmt.Errorf("KEYWARD_KEY_ISSUER: %q must be 1 to 200 printable ASCII characters, none of them a space", c.KeyIssuer)
	}
	if c.KeyIssuer == c.Issuer {
		return fmt.Errorf("KEYWARD_KEY_ISSUER: %q is KEYWARD_ISSUER too: nothing could tell a key from a session", c.KeyIssuer)
	}
	return nil
}

// readList reads a list separated by commas; spaces around its entries do not count.
func readList(text string) []string {
	var list []string
	for entry := range strings.SplitSeq(text, ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			list = append(list, entry)
		}
	}
	return list
}

// readAppSync reads what each AppSync API stands for: a JSON object by API id.
func readAppSync(text string) (map[string]httpapi.AppSyncAPI, error) {
	apis := map[string]httpapi.AppSyncAPI{}
	if text == "" {
		return apis, nil
	}
	if err := json.Unmarshal([]byte(text), &apis); err != nil {
		return nil, fmt.Errorf(`it must be {"<api id>": {"environment": …, "service": …, "permission": …}}: %w`, err)
	}
	for id, api := range apis {
		if _, ok := policy.ParsePermission(string(api.Permission)); !ok || !api.Environment.Valid() || api.Service == "" {
			return nil, fmt.Errorf("%s: environment, service and permission are all needed", id)
		}
	}
	return apis, nil
}

// readShare reads a share of 0 to 1.
func readShare(text string) (float64, error) {
	share, err := strconv.ParseFloat(text, 64)
	if err != nil || !(share >= 0 && share <= 1) { // a NaN is neither
		return 0, fmt.Errorf("%q must be a number from 0 to 1", text)
	}
	return share, nil
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// Require checks that what a function uses is configured. Its error names the variable that is missing.
func (c Config) Require(function httpapi.Function) error {
	missing := func(name, why string) error {
		return fmt.Errorf("%s is not set: %s needs %s", name, function.Name, why)
	}
	switch {
	case len(function.Table) > 0 && c.Table == "":
		return missing("KEYWARD_TABLE", "the DynamoDB table's name")
	case function.Peppers && c.Peppers == "":
		return missing("KEYWARD_PEPPERS", "the ARN of the peppers' secret")
	case (function.Signing || function.Keymaker) && c.SigningKeys == "":
		return missing("KEYWARD_SIGNING_KEYS", "the ARN of the signing keys' secret")
	case function.Sessions && c.Issuer == "":
		return missing("KEYWARD_ISSUER", "the identity provider's issuer")
	case function.Sessions && c.Audience == "":
		return missing("KEYWARD_AUDIENCE", "the client id that session tokens are made out to")
	default:
		return nil
	}
}

package stack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/session"
)

// Config is what a deployment may choose, each a context value. README.md has the table.
type Config struct {
	Name             string // stackName: begins the name of whatever has a name
	Architecture     string // of the functions: arm64 or amd64
	Build            string // build: the folder with a zip for each function
	Issuer           string // of session tokens; empty: a Cognito user pool is made
	Audience         string // of session tokens; set if and only if Issuer is
	LoginDomain      string // prefix of the user pool's login page; empty: Name and the account's id
	LoginCallback    string // where the login page may send people back to
	Signup           string // closed or personal: whether somebody unknown gets an organization of their own
	FirstAdmin       string // subject or verified e-mail; empty: nobody can sign in yet
	Organization     string // organizationName: what the first Admin's organization is called
	Operators        string // the subjects of those who operate the deployment, separated by commas; empty: nobody
	TrustedProxies   string // addresses and CIDRs, separated by commas; empty: none
	Brand            string // how secrets begin; empty: vg
	KeyIssuer        string // the iss of keys in JWT format; empty: keyward
	KeyAlgorithm     string // of the keys that sign those: EdDSA or ES256
	KMS              bool   // a key of the customer's own encrypts the table, the peppers and the signing keys
	ForbiddenExit    bool   // the sample API answers 403 by an API Gateway API key; false: 429, as ACCESS_DENIED does
	CloudWatchRole   bool   // this deployment sets the account's role for API Gateway's logs
	LogRetentionDays int
	CleanupMinutes   int
	AlarmEmail       string // who is told of alarms; empty: nobody
}

var (
	namePattern  = regexp.MustCompile(`^[a-z](-?[a-z0-9]+){0,20}$`)
	emailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
)

// ReadConfig reads and validates a Config from context values, which are empty where not set. Its error names
// every value that is wrong.
func ReadConfig(value func(name string) string) (Config, error) {
	r := reader{value: value}
	config := Config{
		Name:             r.text("stackName", "keyward"),
		Architecture:     r.text("architecture", "arm64"),
		Build:            r.text("build", filepath.Join("build", "functions")),
		Issuer:           r.text("issuer", ""),
		Audience:         r.text("audience", ""),
		LoginDomain:      r.text("loginDomain", ""),
		LoginCallback:    r.text("loginCallback", "http://localhost:8787/console"),
		Signup:           r.text("signup", string(session.SignupClosed)),
		FirstAdmin:       r.text("firstAdmin", ""),
		Organization:     r.text("organizationName", ""),
		Operators:        r.text("operators", ""),
		TrustedProxies:   r.text("trustedProxies", ""),
		Brand:            r.text("brand", ""),
		KeyIssuer:        r.text("keyIssuer", ""),
		KeyAlgorithm:     r.text("keyAlgorithm", string(jwtkey.EdDSA)),
		KMS:              r.flag("kms", false),
		ForbiddenExit:    r.flag("forbiddenExit", true),
		CloudWatchRole:   r.flag("cloudWatchRole", true),
		LogRetentionDays: r.number("logRetentionDays", 90),
		CleanupMinutes:   r.number("cleanupMinutes", 5),
		AlarmEmail:       r.text("alarmEmail", ""),
	}
	return config, errors.Join(append(r.problems, config.problems()...)...)
}

func (c Config) problems() []error {
	var problems []error
	must := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	must(len(c.Name) <= 20 && namePattern.MatchString(c.Name),
		"stackName must be 1 to 20 of a-z, 0-9 and single dashes, beginning with a letter, not %q", c.Name)
	must(slices.Contains([]string{"arm64", "amd64"}, c.Architecture), "architecture must be arm64 or amd64, not %q", c.Architecture)
	_, err := jwtkey.ParseAlgorithm(c.KeyAlgorithm)
	must(err == nil, "keyAlgorithm %v", err)
	must(c.KeyIssuer == "" || jwtkey.ValidIssuer(c.KeyIssuer), "keyIssuer must be 1 to 200 printable ASCII characters, none of them a space, not %q", c.KeyIssuer)
	must(c.KeyIssuer == "" || c.KeyIssuer != c.Issuer, "keyIssuer must not be issuer: nothing could tell a key from a session")
	must(slices.Contains([]session.Mode{session.SignupClosed, session.SignupPersonal}, session.Mode(c.Signup)), "signup must be closed or personal, not %q", c.Signup)
	must((c.Issuer == "") == (c.Audience == ""), "issuer and audience must be set together")
	must(retentions[c.LogRetentionDays] != "", "CloudWatch can't keep logs for a logRetentionDays of %d", c.LogRetentionDays)
	must(c.CleanupMinutes >= 1 && c.CleanupMinutes <= 60, "cleanupMinutes must be 1 to 60, not %d", c.CleanupMinutes)
	must(c.AlarmEmail == "" || emailPattern.MatchString(c.AlarmEmail), "alarmEmail %q is not an e-mail address", c.AlarmEmail)
	return problems
}

// CheckBuild reports the first function that has not been built.
func (c Config) CheckBuild() error {
	for _, row := range httpapi.Functions {
		if _, err := os.Stat(c.zip(row.Name)); err != nil {
			return fmt.Errorf("the function %s is not built: run `make build` first: %w", row.Name, err)
		}
	}
	return nil
}

func (c Config) zip(function string) string { return filepath.Join(c.Build, function+".zip") }

// name is the name of a thing in the account, which no other deployment's things have.
func (c Config) name(thing string) *string {
	name := c.Name + "-" + thing
	return &name
}

// reader reads context values and collects what is wrong with them.
type reader struct {
	value    func(name string) string
	problems []error
}

func (r *reader) text(name, absent string) string {
	if text := r.value(name); text != "" {
		return text
	}
	return absent
}

func (r *reader) flag(name string, absent bool) bool {
	flag, err := strconv.ParseBool(r.text(name, strconv.FormatBool(absent)))
	if err != nil {
		r.problems = append(r.problems, fmt.Errorf("%s must be true or false, not %q", name, r.value(name)))
	}
	return flag
}

func (r *reader) number(name string, absent int) int {
	number, err := strconv.Atoi(r.text(name, strconv.Itoa(absent)))
	if err != nil {
		r.problems = append(r.problems, fmt.Errorf("%s must be a whole number, not %q", name, r.value(name)))
	}
	return number
}

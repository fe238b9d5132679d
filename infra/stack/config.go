package stack

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/keyward/keyward/shared/httpapi"
)

// Config is what a deployment may choose. Every field is a context value, read in one place: the group that it belongs to. The
// table of them is in README.md.
type Config struct {
	Naming
	SignIn
	Keys
	Keeping
	Serving
	Watching
}

// Naming is what a deployment is called.
type Naming struct {
	Name        string // stackName: begins the name of whatever has a name
	Environment string // environment: a tag of every resource; empty: no tag
}

// Watching is who hears of the deployment, and what is kept of its logs.
type Watching struct {
	LogRetentionDays int
	AlarmEmail       string // who is told of alarms; empty: nobody
	CloudWatchRole   bool   // this deployment sets the account's role for API Gateway's logs
	LogLevel         string // of the functions' messages: debug, info, warn or error
	LogSample        string // the share of allowed decisions that are logged, 0 to 1
	Tracing          bool   // X-Ray traces what the functions and API Gateway do
}

var (
	namePattern  = regexp.MustCompile(`^[a-z](-?[a-z0-9]+){0,20}$`)
	labelPattern = regexp.MustCompile(`^[A-Za-z0-9 _.:/=+@-]{1,100}$`)
	emailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
)

// ReadConfig reads and validates a Config from context values, which are empty where not set; given are the names of those
// that are set, as far as that is known. Its error names every value that is wrong, and every name that there isn't.
func ReadConfig(value func(name string) string, given ...string) (Config, error) {
	r := &reader{value: value}
	config := Config{
		Naming:   readNaming(r),
		Keys:     readKeys(r),
		Keeping:  readKeeping(r),
		Serving:  readServing(r),
		Watching: readWatching(r),
	}
	config.SignIn = readSignIn(r, config.Keys)
	r.unknown(given)
	return config, errors.Join(r.problems...)
}

func readNaming(r *reader) Naming {
	n := Naming{Name: r.text("stackName", "keyward"), Environment: r.text("environment", "")}
	r.must(len(n.Name) <= 20 && namePattern.MatchString(n.Name),
		"stackName must be 1 to 20 of a-z, 0-9 and single dashes, beginning with a letter, not %q", n.Name)
	r.must(!strings.HasSuffix(n.Name, "-data"), "stackName must not end in -data, as the stack of another deployment's data does, not %q", n.Name)
	r.must(n.Environment == "" || labelPattern.MatchString(n.Environment),
		"environment must be 1 to 100 letters, digits, spaces and _.:/=+@-, as a tag's value, not %q", n.Environment)
	return n
}

func readWatching(r *reader) Watching {
	w := Watching{
		LogRetentionDays: r.number("logRetentionDays", 90),
		AlarmEmail:       r.text("alarmEmail", ""),
		CloudWatchRole:   r.flag("cloudWatchRole", true),
		LogLevel:         r.text("logLevel", ""),
		LogSample:        r.text("logSample", ""),
		Tracing:          r.flag("tracing", false),
	}
	share, err := strconv.ParseFloat(cmp.Or(w.LogSample, "1"), 64)
	r.must(err == nil && share >= 0 && share <= 1, "logSample must be a number from 0 to 1, not %q", w.LogSample)
	r.must(slices.Contains([]string{"", "debug", "info", "warn", "error"}, w.LogLevel), "logLevel must be debug, info, warn or error, not %q", w.LogLevel)
	r.must(retentions[w.LogRetentionDays] != "", "CloudWatch can't keep logs for a logRetentionDays of %d: it must be one of %v", w.LogRetentionDays, slices.Sorted(maps.Keys(retentions)))
	r.must(w.LogRetentionDays >= 60 || retentions[w.LogRetentionDays] == "",
		"logRetentionDays must be 60 or more, not %d: the table can be restored to 35 days ago, and what was revoked since then is in the logs alone", w.LogRetentionDays)
	r.must(w.AlarmEmail == "" || emailPattern.MatchString(w.AlarmEmail), "alarmEmail %q is not an e-mail address", w.AlarmEmail)
	return w
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

package stack

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// reader reads context values and collects what is wrong with them.
type reader struct {
	value    func(name string) string
	names    []string // that were asked for: all that there are
	problems []error
}

// must notes a problem where a rule does not hold.
func (r *reader) must(ok bool, format string, args ...any) {
	if !ok {
		r.problems = append(r.problems, fmt.Errorf(format, args...))
	}
}

func (r *reader) text(name, absent string) string {
	r.names = append(r.names, name)
	if text := r.value(name); text != "" {
		return text
	}
	return absent
}

func (r *reader) flag(name string, absent bool) bool {
	flag, err := strconv.ParseBool(r.text(name, strconv.FormatBool(absent)))
	r.must(err == nil, "%s must be true or false, not %q", name, r.value(name))
	return flag
}

func (r *reader) number(name string, absent int) int {
	number, err := strconv.Atoi(r.text(name, strconv.Itoa(absent)))
	r.must(err == nil, "%s must be a whole number, not %q", name, r.value(name))
	return number
}

// notOurs are the CDK CLI's own context values, beside those with a colon or a slash in their names.
var notOurs = []string{"acknowledged-issue-numbers", "cdk-migrate", "cli-telemetry", "tree"}

// unknown refuses names that nothing asked for: a misspelled value would silently have no effect.
func (r *reader) unknown(given []string) {
	for _, name := range slices.Sorted(slices.Values(given)) {
		if !strings.ContainsAny(name, ":/") && !slices.Contains(notOurs, name) && !slices.Contains(r.names, name) {
			r.must(false, "there is no context value %q: did you mean %s? infra/README.md lists them", name, r.nearest(name))
		}
	}
}

// nearest is the name that takes the fewest edits to become wrong, whatever its case.
func (r *reader) nearest(wrong string) string {
	return slices.MinFunc(r.names, func(a, b string) int {
		return edits(strings.ToLower(a), strings.ToLower(wrong)) - edits(strings.ToLower(b), strings.ToLower(wrong))
	})
}

// edits is how many letters have to be added, removed or replaced to make b of a.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

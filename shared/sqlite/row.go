package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// row is one row of a result. Its methods read the next column each: what reads a row names the columns in the
// order of the query. What can't be read is err, which is to be asked for at the end.
type row struct {
	values []driver.Value
	next   int
	err    error
}

func (r *row) value() driver.Value {
	r.next++
	return r.values[r.next-1]
}

func (r *row) text() string { return want[string](r) }

func (r *row) bytes() []byte {
	bytes, _ := r.value().([]byte)
	return bytes
}

func (r *row) number() int64 { return want[int64](r) }

// want is the next column, of which another type is an error: the zero value often means that nothing is limited.
func want[T any](r *row) T {
	value := r.value()
	wanted, ok := value.(T)
	if !ok {
		r.err = errors.Join(r.err, fmt.Errorf("column %d is of type %T, not %T", r.next, value, wanted))
	}
	return wanted
}

func (r *row) truth() bool { return r.number() != 0 }

func (r *row) time() time.Time {
	seconds := r.number()
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func (r *row) list() []string {
	lines := r.text()
	if lines == "" {
		return nil
	}
	return strings.Split(lines, "\n")
}

// limit is a list that limits: nil, which is everything, only where nothing is written. With a line that is empty it is a list
// that nothing is in: a limit that is lost must not let anybody in.
func (r *row) limit() []string {
	list := r.list()
	if slices.Contains(list, "") {
		return []string{}
	}
	return list
}

func (r *row) address() netip.Addr {
	text := r.text()
	if text == "" {
		return netip.Addr{}
	}
	address, err := netip.ParseAddr(text)
	r.err = errors.Join(r.err, err)
	return address
}

func (r *row) prefixes() []netip.Prefix {
	lines := r.list()
	if lines == nil {
		return nil
	}
	prefixes := make([]netip.Prefix, len(lines))
	for i, line := range lines {
		prefix, err := netip.ParsePrefix(line)
		r.err = errors.Join(r.err, err)
		prefixes[i] = prefix
	}
	return prefixes
}

func (r *row) json(into any) {
	r.err = errors.Join(r.err, json.Unmarshal([]byte(r.text()), into))
}

// The functions below write what the methods above read.

func truthOf(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func secondsOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func linesOf(list []string) string { return strings.Join(list, "\n") }

// nothing is how a limit is written that nothing is in.
const nothing = "\n"

func limitOf(list []string) string {
	lines := linesOf(list)
	if lines == "" && list != nil {
		return nothing
	}
	return lines
}

func prefixLinesOf(list []netip.Prefix) string {
	lines := make([]string, len(list))
	for i, prefix := range list {
		lines[i] = prefix.String()
	}
	return linesOf(lines)
}

// jsonOf writes what always has a form in JSON.
func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func addressOf(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.String()
}

package journal

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// line is a line of JSON under construction. It is written by hand because a decision's line is on the hot path: with the
// metrics log/slog takes five times as long.
type line []byte

func (l *line) begin(at time.Time, kind Kind) {
	*l = append((*l)[:0], `{"time":"`...)
	*l = at.UTC().AppendFormat(*l, time.RFC3339Nano)
	*l = append(*l, `","level":"INFO"`...)
	l.text("msg", string(kind))
	l.number("v", Version)
}

func (l *line) end() { *l = append(*l, '}', '\n') }

func (l *line) name(name string) {
	*l = append(*l, ',', '"')
	*l = append(*l, name...)
	*l = append(*l, '"', ':')
}

func (l *line) text(name, value string) {
	l.name(name)
	l.quote(value)
}

func (l *line) number(name string, value int64) {
	l.name(name)
	*l = strconv.AppendInt(*l, value, 10)
}

func (l *line) milliseconds(name string, value time.Duration) {
	l.name(name)
	l.decimal(value)
}

// decimal is a time in milliseconds, to the microsecond.
func (l *line) decimal(value time.Duration) {
	*l = strconv.AppendFloat(*l, float64(value.Microseconds())/1000, 'f', -1, 64)
}

// quote is value as a JSON string. What needs an escape, which none of our own texts does, is left to encoding/json.
func (l *line) quote(value string) {
	if plain(value) {
		*l = append(*l, '"')
		*l = append(*l, value...)
		*l = append(*l, '"')
		return
	}
	quoted, err := json.Marshal(value)
	if err != nil { // a string always marshals
		panic(err)
	}
	*l = append(*l, quoted...)
}

func plain(value string) bool {
	for i := range len(value) {
		if c := value[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf || c == 0x7f {
			return false
		}
	}
	return true
}

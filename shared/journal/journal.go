// Package journal writes one line for each decision, each request to keyward's own API and each run of a function that
// nobody waits for. The lines are what request logs and usage are made from, so their fields are a promise:
// docs/observability.md says what each is. On AWS a line carries the metrics of what it tells, in CloudWatch's embedded
// metric format, so that metrics cost no line of their own.
//
// A line holds nothing that a caller chose: no path, no header, no query, no body, no name, and of a credential nothing.
package journal

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/metric"
)

// Journal writes entries. Any number of goroutines may use it, and a nil one writes nothing.
type Journal struct {
	log        *slog.Logger // where people read; nil: lines of JSON go to out
	out        io.Writer
	deployment string
	share      float64
	tally      *metric.Tally
	draw       func(share float64) (weight int64, named bool)

	mu         sync.Mutex // guards what follows, and the order of lines
	warm       bool
	line       line
	directives [256][]byte
}

// Embedded writes lines of JSON with the metrics of deployment, what tally has counted among them. Of the allowed decisions
// it writes that share, from 0 to 1, and the metrics of those stand for the others; a process's first decision, and one
// that had trouble with the store, is always written. Levels do not matter: alarms watch what the lines count.
func Embedded(out io.Writer, deployment string, share float64, tally *metric.Tally) *Journal {
	return &Journal{out: out, deployment: deployment, share: share, tally: tally, draw: draw}
}

// Readable logs the same fields at level info, all of them and without metrics, for people to read.
func Readable(log *slog.Logger) *Journal { return &Journal{log: log} }

// Write writes the line of an entry.
func (j *Journal) Write(ctx context.Context, e Entry) {
	switch {
	case j == nil:
	case j.log != nil:
		j.read(ctx, e)
	default:
		j.embedded(e)
	}
}

func (j *Journal) embedded(e Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	cold, store := !j.warm, j.tally.Take()
	j.warm = true
	weight, named := int64(1), true
	if e.allowed() && !cold && !store.Troubled() {
		if weight, named = j.draw(j.share); weight == 0 {
			return
		}
	}
	if !named {
		e = e.anonymous()
	}
	at := time.Now()
	j.line.begin(at, e.Kind)
	e.put(&j.line)
	if cold {
		j.line.name("cold_start")
		j.line = append(j.line, "true"...)
	}
	if weight > 1 {
		j.line.number("weight", weight)
	}
	j.embed(&j.line, at, e, valuesOf(e, store, cold, weight))
	j.line.end()
	_, _ = j.out.Write(j.line) // a log that can't be written has nobody to be told
}

func (j *Journal) read(ctx context.Context, e Entry) {
	if j.log.Enabled(ctx, slog.LevelInfo) {
		var fields attributes
		e.put(&fields)
		j.log.LogAttrs(ctx, slog.LevelInfo, string(e.Kind), fields...)
	}
}

// attributes are an entry's fields as log/slog has them.
type attributes []slog.Attr

func (a *attributes) text(name, value string)         { *a = append(*a, slog.String(name, value)) }
func (a *attributes) number(name string, value int64) { *a = append(*a, slog.Int64(name, value)) }

func (a *attributes) milliseconds(name string, value time.Duration) {
	*a = append(*a, slog.Float64(name, float64(value.Microseconds())/1000))
}

func appendInt(to []byte, value int64) []byte { return strconv.AppendInt(to, value, 10) }

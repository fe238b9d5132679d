package sqlite

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/keyward/keyward/shared/ratelimit"
)

// countsText writes counters as name=count, separated by spaces.
func countsText(counts ratelimit.Counts) string {
	text := make([]byte, 0, 16*len(counts))
	for i, count := range counts {
		if i > 0 {
			text = append(text, ' ')
		}
		text = append(text, count.Window.Name()...)
		text = append(text, '=')
		text = strconv.AppendInt(text, count.N, 10)
	}
	return string(text)
}

// counts reads what countsText wrote. A counter that can't be read is an error: without it a window would start again.
func (r *row) counts() ratelimit.Counts {
	counts, err := parseCounts(r.text())
	r.err = errors.Join(r.err, err)
	return counts
}

func parseCounts(text string) (ratelimit.Counts, error) {
	if text == "" {
		return nil, nil
	}
	counts := make(ratelimit.Counts, 0, len(ratelimit.Units)+1) // room for the window that a spend may begin
	for pair := range strings.SplitSeq(text, " ") {
		name, number, _ := strings.Cut(pair, "=")
		window, known := ratelimit.ParseWindow(name)
		n, err := strconv.ParseInt(number, 10, 64)
		if !known || err != nil {
			return nil, fmt.Errorf("%q is no counter", pair)
		}
		counts = append(counts, ratelimit.Count{Window: window, N: n})
	}
	return counts, nil
}

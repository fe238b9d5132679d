package journal

import "math/rand/v2"

// leastShare is the least share of allowed decisions that metrics are made from: a line stands for 100 at most, since the
// embedded metric format takes arrays of up to 100 numbers.
const leastShare = 0.01

// draw decides whether an allowed decision is written. It gives how many decisions the line then stands for, 0: there is
// none, and whether the line says whose it was. Each decision is drawn by itself, so that no rhythm of the callers can
// hide one of them, and weight is 1/share on average: a whole number, drawn between the two next to it.
func draw(share float64) (weight int64, named bool) {
	counted := max(share, leastShare)
	switch {
	case share >= 1:
		return 1, true
	case rand.Float64() >= counted:
		return 0, false
	default:
		return int64(1/counted + rand.Float64()), rand.Float64() < share/counted
	}
}

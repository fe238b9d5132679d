package sqlite

import (
	"errors"
	"fmt"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// told is the error of a method of the store: a verdict as it is, and everything else as a fault.Unavailable, since then
// nobody can tell.
func told(err error, format string, args ...any) error {
	doing := fmt.Sprintf(format, args...)
	if _, isFault := errors.AsType[*fault.Error](err); isFault {
		return fmt.Errorf("%s: %w", doing, err)
	}
	for _, verdict := range []error{apikey.ErrIDTaken, apikey.ErrMoved, apikey.ErrIdempotencyUsed, org.ErrMoved} {
		if errors.Is(err, verdict) {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	return fault.Outage(doing, err)
}

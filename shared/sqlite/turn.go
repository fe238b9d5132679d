package sqlite

import "context"

// turn is whose turn it is to write, among those who share a Store: first come, first served. SQLite's own lock
// would do, but who waits for that sleeps, and may be overtaken for ever.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take waits for the turn; end it with end.
func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) end() { <-t }

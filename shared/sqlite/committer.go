package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"runtime"
	"sync/atomic"
)

// largestBatch bounds how many callers share a transaction.
const largestBatch = 256

var errClosed = errors.New("the store is closed")

// committer commits in groups: one goroutine takes whoever is waiting, asks and writes for all of them in one
// transaction, and answers after the commit. While it commits, the next group gathers.
type committer struct {
	queue   chan *request
	stop    chan struct{} // closed to stop
	stopped chan struct{} // closed when nothing runs any more
	turn    turn
	conn    driver.Conn
	batch   *batch
	waiting []*request   // of the batch at hand
	commits atomic.Int64 // how many transactions have written
}

// request is one caller who waits. do runs inside the transaction; an error of it fails the whole batch.
type request struct {
	ctx    context.Context
	writes bool
	do     func(*batch) error
	answer chan error
	passed error // why do was not run
}

func newRequest(ctx context.Context, writes bool, do func(*batch) error) *request {
	return &request{ctx: ctx, writes: writes, do: do, answer: make(chan error, 1)}
}

func newCommitter(ctx context.Context, connector driver.Connector, turn turn) (*committer, error) {
	conn, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	statements, err := newStatements(ctx, conn)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	c := &committer{
		queue:   make(chan *request, largestBatch), // so that a caller waits once, for its answer
		stop:    make(chan struct{}),
		stopped: make(chan struct{}),
		turn:    turn,
		conn:    conn,
		batch:   newBatch(statements),
	}
	go c.run()
	return c, nil
}

// close waits for the batch at hand. Whoever waits for the next one is told errClosed.
func (c *committer) close() error {
	close(c.stop)
	<-c.stopped
	return c.conn.Close()
}

// write has do run in the next transaction, and returns once that is committed. If ctx ends sooner write
// returns, and the transaction goes on without its caller.
func (c *committer) write(ctx context.Context, do func(*batch) error) error {
	return c.submit(newRequest(ctx, true, do))
}

// read is write for what changes nothing.
func (c *committer) read(ctx context.Context, do func(*batch) error) error {
	return c.submit(newRequest(ctx, false, do))
}

func (c *committer) submit(r *request) error {
	select {
	case c.queue <- r:
	case <-r.ctx.Done():
		return r.ctx.Err()
	case <-c.stop:
		return errClosed
	}
	select {
	case err := <-r.answer:
		return err
	case <-r.ctx.Done():
		return r.ctx.Err()
	case <-c.stopped:
		return r.late()
	}
}

// late is the answer to a request that was in the queue when the committer stopped: errClosed, unless it was in the
// last batch.
func (r *request) late() error {
	select {
	case err := <-r.answer:
		return err
	default:
		return errClosed
	}
}

func (c *committer) run() {
	defer close(c.stopped)
	for {
		select {
		case first := <-c.queue:
			c.gather(first)
			c.answer(c.commit())
		case <-c.stop:
			return
		}
	}
}

// gather takes first and whoever else is waiting already, or is about to: as long as letting others run brings
// more callers, it lets them run.
func (c *committer) gather(first *request) {
	c.waiting = append(c.waiting[:0], first)
	for before := 0; before < len(c.waiting); {
		before = len(c.waiting)
		runtime.Gosched()
		c.takeWaiting()
	}
}

func (c *committer) takeWaiting() {
	for len(c.waiting) < largestBatch {
		select {
		case r := <-c.queue:
			c.waiting = append(c.waiting, r)
		default:
			return
		}
	}
}

// answer tells everybody how the transaction ended; those who were passed over, that they were.
func (c *committer) answer(err error) {
	for i, r := range c.waiting {
		r.answer <- cmp.Or(err, r.passed)
		c.waiting[i] = nil
	}
}

// commit does what everybody waits for, or nothing of it.
func (c *committer) commit() error {
	writes := c.anyWrites()
	if writes {
		// Nobody in this process holds the turn for longer than a transaction takes.
		_ = c.turn.take(context.Background())
		defer c.turn.end()
	}
	err := c.batch.begin(writes)
	if err == nil {
		err = c.work()
	}
	if err != nil {
		c.batch.rollback()
	}
	return err
}

func (c *committer) anyWrites() bool {
	for _, r := range c.waiting {
		if r.writes {
			return true
		}
	}
	return false
}

// work runs every request whose caller still waits, and commits.
func (c *committer) work() error {
	for _, r := range c.waiting {
		if r.passed = r.ctx.Err(); r.passed != nil {
			continue
		}
		if err := r.do(c.batch); err != nil {
			return err
		}
	}
	wrote, err := c.batch.commit()
	if wrote {
		c.commits.Add(1)
	}
	return err
}

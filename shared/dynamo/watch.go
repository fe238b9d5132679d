package dynamo

import "github.com/keyward/keyward/shared/fault"

// Watcher is told what becomes of a store's requests to DynamoDB, as it happens. It is called on the hot path.
type Watcher interface {
	Requested() // a request is sent, for the first time or again
	Retried()   // the next request is one that was sent before
	Throttled() // a request was refused because too much is asked, of the table or of one item
	Failed()    // what the store was asked for is given up: whoever asked gets a fault.Unavailable
}

// giveUp is the outage of what was tried often enough.
func (s *Store) giveUp(doing string, err error) error {
	s.Watch.Failed()
	return fault.Outage(doing, err)
}

// nobody watches.
type nobody struct{}

func (nobody) Requested() {}
func (nobody) Retried()   {}
func (nobody) Throttled() {}
func (nobody) Failed()    {}

package authorize

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// remembered bounds how many keys a process remembers anything about, but for their rules.
const remembered = 10_000

// newMemory remembers so many things at most, and forgets what was least recently asked for.
func newMemory[About comparable, What any](size int) *lru.Cache[About, What] {
	memory, err := lru.New[About, What](size)
	if err != nil { // only a size below 1 fails
		panic(err)
	}
	return memory
}

// unknownTerm is how long an unknown secret is remembered as unknown.
const unknownTerm = time.Minute

// Refusals are refusals that can't turn into an allow within their time, so that whoever hammers with a revoked
// or a guessed secret costs the store nothing. Never an allow, and never a limit: a limit that was just raised
// must hold on the next request.
type Refusals struct {
	seen *lru.Cache[secretOf, refusal]
}

// secretOf is one secret of one key. Another secret of the same key is another matter.
type secretOf struct {
	id     apikey.ID
	digest apikey.Digest
}

type refusal struct {
	reason       apikey.Reason
	organization org.ID    // of a revoked key: an API that does not admit it must not learn that it exists
	until        time.Time // zero: for ever
}

// NewRefusals remembers nothing yet.
func NewRefusals() *Refusals {
	return &Refusals{newMemory[secretOf, refusal](remembered)}
}

func (r *Refusals) recall(spend apikey.Spend) (apikey.Reason, bool) {
	past, found := r.seen.Get(secretOf{spend.ID, spend.Digests[0]})
	switch {
	case !found || (!past.until.IsZero() && !spend.At.Before(past.until)):
		return "", false
	case past.reason == apikey.KeyRevoked && !spend.Admits(past.organization):
		return apikey.KeyUnknown, true
	default:
		return past.reason, true
	}
}

func (r *Refusals) remember(spend apikey.Spend, decision policy.Decision) {
	secret := secretOf{spend.ID, spend.Digests[0]}
	switch {
	case decision.Reason == apikey.KeyRevoked:
		r.seen.Add(secret, refusal{reason: apikey.KeyRevoked, organization: decision.Record.Organization})
	case decision.Reason == apikey.KeyUnknown && spend.Organizations == nil:
		r.seen.Add(secret, refusal{reason: apikey.KeyUnknown, until: spend.At.Add(unknownTerm)})
	}
}

// suspectTerm is how long a key is watched after a wrong secret.
const suspectTerm = 10 * time.Second

// Suspects are the keys that a wrong secret was shown for a moment ago: for those the next secret is looked at by a read
// before anything is written.
type Suspects struct {
	until *lru.Cache[apikey.ID, time.Time]
}

// NewSuspects watches no key yet.
func NewSuspects() *Suspects {
	return &Suspects{newMemory[apikey.ID, time.Time](remembered)}
}

func (s *Suspects) recall(spend apikey.Spend) bool {
	until, found := s.until.Get(spend.ID)
	return found && spend.At.Before(until)
}

// remember watches a key that exists and was asked for with a secret that is not its own; record is nil where there is
// no such key.
func (s *Suspects) remember(spend apikey.Spend, record *apikey.Record) {
	if record != nil && spend.Admits(record.Organization) {
		s.until.Add(spend.ID, spend.At.Add(suspectTerm))
	}
}

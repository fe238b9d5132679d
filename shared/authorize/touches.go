package authorize

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/keyward/keyward/shared/apikey"
)

// Touches are the uncounted uses of the last minute.
type Touches struct {
	mu   sync.Mutex
	last *lru.Cache[apikey.ID, time.Time]
}

// NewTouches knows of no use yet.
func NewTouches() *Touches {
	return &Touches{last: newMemory[apikey.ID, time.Time](remembered)}
}

// due reports, once a minute, that a use of the key is to be written.
func (t *Touches) due(id apikey.ID, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if last, found := t.last.Get(id); found && now.Sub(last) < time.Minute {
		return false
	}
	t.last.Add(id, now)
	return true
}

package storetest

import (
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// Store is what the suite asks of a store: all that it promises.
type Store = apikey.Store

// Database is one database, which several instances of a store may have open at once.
type Database interface {
	// Open opens one more instance, as another process would, until t ends. now is its clock, for
	// what is not told the time.
	Open(t testing.TB, now func() time.Time) Store
	// Activity is what was written into the activity of an organization, in any order.
	Activity(t testing.TB, organization org.ID) []audit.Entry
}

// guarantees are tests, by what they guarantee.
type guarantees map[string]func(*fixture)

// areas are all guarantees, by what they are about.
var areas = map[string]guarantees{
	"spend":        spending,
	"window":       windows,
	"session":      sessions,
	"create":       creating,
	"name":         naming,
	"place":        placing,
	"idempotency":  idempotency,
	"change":       changing,
	"revoke":       revoking,
	"rules":        ruling,
	"regenerate":   regenerating,
	"quota":        quotas,
	"list":         listing,
	"cleanup":      cleaning,
	"organization": organizations,
	"settings":     settings,
	"tier":         tiering,
	"member":       membering,
	"invitation":   inviting,
	"role":         roles,
	"standing":     standings,
	"stranger":     estranging,
	"public key":   publishing,
	"walk":         walking,
	"digest":       digests,
	"property":     properties,
	"fault":        faults,
	"cut off":      cuttingOff,
}

// Run runs the suite. fresh makes an empty database that lasts until t ends.
func Run(t *testing.T, fresh func(t testing.TB) Database) {
	for area, guarantees := range areas {
		t.Run(area, func(t *testing.T) { guarantees.run(t, fresh) })
	}
}

func (g guarantees) run(t *testing.T, fresh func(t testing.TB) Database) {
	for guarantee, test := range g {
		t.Run(guarantee, func(t *testing.T) { test(newFixture(t, fresh(t))) })
	}
}

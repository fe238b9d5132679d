package replay

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/changelog"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Store is what a replay changes.
type Store interface {
	apikey.Keys
	org.Store
	Withdraw(ctx context.Context, id string) error
}

// Service replays lines. It does so while nobody is let in, and only to the table that it is told to change: on a table in use it
// would end secrets that owners have, and take back what they have allowed again.
type Service struct {
	Store   Store
	Table   string // what Store is kept in
	Closed  bool   // the deployment refuses everything
	Catalog *policy.Catalog
	Now     func() time.Time
}

// ready reports why nothing may be replayed to the table of that name; nil: it may.
func (s Service) ready(table string) error {
	switch {
	case !s.Closed:
		return errors.New("nothing was done: the deployment is open, and a replay would end secrets that are in use." +
			" Deploy it with refuseAll=true and the restored table's tableName, and invoke again (docs/operations.md, Restoring the table)")
	case table != s.Table:
		return fmt.Errorf("nothing was done: table is %q, and this deployment uses %q."+
			" Give the restored table's name, and deploy with it as tableName before (docs/operations.md, Restoring the table)", table, s.Table)
	default:
		return nil
	}
}

// Did says what became of a line.
type Did string

// What becomes of lines.
const (
	Nothing     Did = "nothing"     // what is stored is within the line's bounds already, or there is nothing to replay
	Missing     Did = "missing"     // the restored table does not have it: it was made since then, or deleted before
	Narrowed    Did = "narrowed"    // what is stored has the line's bounds, or tighter ones
	Disabled    Did = "disabled"    // likewise, and it is disabled, as the line says
	Undecidable Did = "undecidable" // it is disabled: what is both within the line's bounds and those before is nothing, or can't be told exactly
	SecretLost  Did = "secret_lost" // its secret was replaced, and the new one is not known: it is disabled, and has to be regenerated
	Revoked     Did = "revoked"
	Removed     Did = "removed"
	Withdrawn   Did = "withdrawn"
)

// attempts bounds how often a line is worked out again because something moved under it.
const attempts = 8

// Apply replays a line. It may be done any number of times.
func (s Service) Apply(ctx context.Context, line changelog.Line) (did Did, err error) {
	for attempt := range attempts {
		did, err = s.attempt(ctx, line)
		if !errors.Is(err, apikey.ErrMoved) && !errors.Is(err, org.ErrMoved) {
			return did, err
		}
		if err := keys.Pause(ctx, attempt); err != nil {
			return "", err
		}
	}
	return "", err
}

func (s Service) attempt(ctx context.Context, line changelog.Line) (Did, error) {
	did, err := s.apply(ctx, line)
	if errors.Is(err, fault.NotFound) {
		return Missing, nil
	}
	return did, err
}

func (s Service) apply(ctx context.Context, line changelog.Line) (Did, error) {
	switch {
	case line.Key != nil:
		return s.key(ctx, line)
	case line.Member != nil:
		return s.members(ctx, line)
	case line.Role != nil:
		return s.role(ctx, line)
	case line.Account != nil:
		return s.account(ctx, line)
	case line.SigningKey != "":
		return Withdrawn, s.Store.Withdraw(ctx, line.SigningKey)
	default:
		return Nothing, nil
	}
}

func (s Service) entry(action audit.Action, target string) audit.Entry {
	return audit.NewEntry(s.Now(), audit.System, action, target, netip.Addr{})
}

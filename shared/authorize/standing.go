package authorize

import (
	"context"
	"sync"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// need says whose standing a key needs.
type need struct {
	organization org.ID
	owner        string // the Record.Inherits; empty: the organization's own roles alone
}

func needOf(record *apikey.Record) need { return need{record.Organization, record.Inherits} }

// standing is what was read for a need; the zero value is of none.
type standing struct {
	org.Standing
	need
	err error
}

// of reports whether s was read for that need, and could be.
func (s standing) of(wanted need) bool { return s.need == wanted && s.err == nil }

func (s *Service) readStanding(ctx context.Context, wanted need) standing {
	read, err := s.Store.Standing(ctx, wanted.organization, wanted.owner)
	return standing{read, wanted, err}
}

// beside calls do and, where this process knows whose standing the key needed when it was last seen, reads that side by
// side with it.
func (s *Service) beside(ctx context.Context, question *question, do func(context.Context) error) error {
	wanted, known := s.Known.needOf(question.spend.ID)
	if !known || question.stands.of(wanted) {
		return do(ctx)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var reading sync.WaitGroup
	var read standing // and not the question's own, which so needs no memory beyond the stack
	reading.Go(func() { read = s.readStanding(ctx, wanted) })
	err := do(ctx)
	if err != nil {
		stop() // nobody will ask for it
	}
	reading.Wait()
	question.stands = read
	return err
}

// standing is what deciding about record needs. It is read now where the record names another owner or organization
// than it was read for beside the spend.
func (s *Service) standing(ctx context.Context, question *question, record *apikey.Record) (org.Standing, error) {
	if !s.Catalog.Depends(record) {
		return org.Standing{}, nil
	}
	if wanted := needOf(record); question.stands.need != wanted {
		question.stands = s.readStanding(ctx, wanted)
	}
	if err := question.stands.err; err != nil {
		return org.Standing{}, fault.Outage("reading the standing of a key", err)
	}
	return question.stands.Standing, nil
}

package sqlite

import (
	"context"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/storetest"
)

// faulty is a store whose writes fate may spoil: here a call is one request.
type faulty struct {
	*Store
	fate *storetest.Fate
}

// OpenFaulty implements storetest.Faulty.
func (f file) OpenFaulty(t testing.TB, now func() time.Time, fate *storetest.Fate) storetest.Store {
	store := f.open(t)
	store.Now = now
	return faulty{store, fate}
}

func (f faulty) Create(ctx context.Context, creation apikey.Creation) error {
	return f.fate.Request(func() error { return f.Store.Create(ctx, creation) })
}

func (f faulty) Found(ctx context.Context, o org.Organization, first org.Member, activity audit.Entry) error {
	return f.fate.Request(func() error { return f.Store.Found(ctx, o, first, activity) })
}

func (f faulty) Change(ctx context.Context, change apikey.Change) (*apikey.Key, error) {
	return spoil(f.fate, func() (*apikey.Key, error) { return f.Store.Change(ctx, change) })
}

func (f faulty) ChangeOrganization(ctx context.Context, before, after org.Organization, activity *audit.Entry) (org.Organization, error) {
	return spoil(f.fate, func() (org.Organization, error) { return f.Store.ChangeOrganization(ctx, before, after, activity) })
}

func (f faulty) ChangeMember(ctx context.Context, change org.MemberChange) error {
	return f.fate.Request(func() error { return f.Store.ChangeMember(ctx, change) })
}

func (f faulty) ChangeRoles(ctx context.Context, change org.RolesChange) error {
	return f.fate.Request(func() error { return f.Store.ChangeRoles(ctx, change) })
}

func (f faulty) Settle(ctx context.Context, key apikey.DueKey, now time.Time) (bool, error) {
	return spoil(f.fate, func() (bool, error) { return f.Store.Settle(ctx, key, now) })
}

func (f faulty) Delete(ctx context.Context, key apikey.DueKey, endedBefore time.Time) (bool, error) {
	return spoil(f.fate, func() (bool, error) { return f.Store.Delete(ctx, key, endedBefore) })
}

func (f faulty) Spend(ctx context.Context, spend apikey.Spend) (apikey.Outcome, error) {
	return spoil(f.fate, func() (apikey.Outcome, error) { return f.Store.Spend(ctx, spend) })
}

func spoil[T any](fate *storetest.Fate, send func() (T, error)) (answer T, err error) {
	err = fate.Request(func() error {
		answer, err = send()
		return err
	})
	return answer, err
}

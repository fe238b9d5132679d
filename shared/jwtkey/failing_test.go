package jwtkey_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/jwtkey"
)

// flaky lets one of the calls of a Custodian fail: before it has done anything, or after, as when only the reply is lost.
type flaky struct {
	house *house
	fails int  // the number of the call, from 0
	after bool // it is done nevertheless
	calls int
}

func (f *flaky) call(do func() error) error {
	fails := f.calls == f.fails
	f.calls++
	if fails && !f.after {
		return errDown
	}
	err := do()
	if fails {
		return errDown
	}
	return err
}

func (f *flaky) Load(ctx context.Context) (text []byte, err error) {
	err = f.call(func() (err error) { text, err = f.house.chest.Load(ctx); return err })
	return text, err
}

func (f *flaky) Save(ctx context.Context, ring []byte) error {
	return f.call(func() error { return f.house.chest.Save(ctx, ring) })
}

func (f *flaky) PublicKeys(ctx context.Context) (keys []apikey.PublicKey, err error) {
	err = f.call(func() (err error) { keys, err = f.house.board.PublicKeys(ctx); return err })
	return keys, err
}

func (f *flaky) Publish(ctx context.Context, key apikey.PublicKey) error {
	return f.call(func() error { return f.house.board.Publish(ctx, key) })
}

func (f *flaky) Withdraw(ctx context.Context, id string) error {
	return f.call(func() error { return f.house.board.Withdraw(ctx, id) })
}

// Whatever call fails, done or not, what signs can be verified, and the same order succeeds the next time.
func TestWhateverFailsNoTokenIsSignedThatCannotBeVerified(t *testing.T) {
	orders := map[string]struct {
		begun bool // there is a ring already
		do    func(context.Context, jwtkey.Custodian) (jwtkey.Custody, error)
		calls int
	}{
		"the first start": {false, func(ctx context.Context, c jwtkey.Custodian) (jwtkey.Custody, error) { return c.Ensure(ctx) }, 4},
		"a later start":   {true, func(ctx context.Context, c jwtkey.Custodian) (jwtkey.Custody, error) { return c.Ensure(ctx) }, 3},
		"a rotation":      {true, func(ctx context.Context, c jwtkey.Custodian) (jwtkey.Custody, error) { return c.Rotate(ctx) }, 3},
		"a withdrawal":    {true, func(ctx context.Context, c jwtkey.Custodian) (jwtkey.Custody, error) { return c.Withdraw(ctx, "s1") }, 3},
	}
	for name, order := range orders {
		for number := range order.calls {
			for _, after := range []bool{false, true} {
				h := newHouse(t, jwtkey.EdDSA)
				if !order.begun {
					h.chest.text, h.board.keys = nil, nil
				}
				flaky := &flaky{house: h, fails: number, after: after}
				custodian := h.custodian
				custodian.Vault, custodian.Keys = flaky, flaky
				if _, err := order.do(t.Context(), custodian); !errors.Is(err, errDown) {
					t.Errorf("%s, call %d: error = %v, want %v", name, number, err, errDown)
				}
				if h.chest.text != nil {
					admit(t, h, h.issue(t, "0000000A"))
				}
				custody, err := order.do(t.Context(), custodian)
				if err != nil || custody.Current != h.ring().Current() || !slices.Contains(custody.Published, custody.Current) {
					t.Errorf("%s, call %d: then %v, %v", name, number, custody, err)
				}
				if extra := flaky.calls - number - 1 - order.calls; extra > 0 {
					t.Errorf("%s: %d calls more than are tried here", name, extra)
				}
			}
		}
	}
}

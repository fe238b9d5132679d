package jwtkey_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/keyring"
)

const issuer = "https://keys.example"

var (
	noon    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	errDown = errors.New("it is down")
)

// board is where public keys hang, whose health a test sets and whose reads it counts.
type board struct {
	mu    sync.Mutex
	keys  []apikey.PublicKey
	err   error
	reads int
}

func (b *board) PublicKeys(context.Context) ([]apikey.PublicKey, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reads++
	if b.err != nil {
		return nil, b.err
	}
	return slices.Clone(b.keys), nil
}

func (b *board) Publish(_ context.Context, key apikey.PublicKey) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil && !slices.ContainsFunc(b.keys, func(k apikey.PublicKey) bool { return k.ID == key.ID }) {
		b.keys = append(b.keys, key)
		slices.SortFunc(b.keys, func(a, b apikey.PublicKey) int { return strings.Compare(a.ID, b.ID) })
	}
	return b.err
}

func (b *board) Withdraw(_ context.Context, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys = slices.DeleteFunc(b.keys, func(k apikey.PublicKey) bool { return k.ID == id })
	return b.err
}

func (b *board) set(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
}

// chest is a keyring.Vault in memory.
type chest struct {
	mu   sync.Mutex
	text []byte
	err  error
}

func (c *chest) Load(context.Context) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		return nil, c.err
	case c.text == nil:
		return nil, keyring.ErrNone
	default:
		return c.text, nil
	}
}

func (c *chest) Save(_ context.Context, ring []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.text = ring
	}
	return c.err
}

// house is an issuer with a ring, and a verifier with its public keys.
type house struct {
	board     *board
	chest     *chest
	custodian jwtkey.Custodian
	issuer    jwtkey.Issuer
	verifier  *jwtkey.Verifier
	reports   []error
}

func newHouse(t testing.TB, algorithm jwtkey.Algorithm) *house {
	t.Helper()
	h := &house{board: &board{}, chest: &chest{}}
	h.custodian = jwtkey.Custodian{Vault: h.chest, Keys: h.board, Algorithm: algorithm, Now: func() time.Time { return noon }}
	h.issuer = jwtkey.Issuer{Name: issuer, Source: h.chest}
	h.verifier = jwtkey.NewVerifier(issuer, h.board, func(err error) { h.reports = append(h.reports, err) })
	must(h.custodian.Ensure(t.Context()))
	return h
}

// ring is the ring that the house signs with.
func (h *house) ring() *jwtkey.Ring {
	return must(jwtkey.ParseRing(must(h.chest.Load(context.Background()))))
}

// issue makes a token for a key of that ID.
func (h *house) issue(t testing.TB, id apikey.ID) string {
	t.Helper()
	key := &apikey.Key{Record: apikey.Record{ID: id, Environment: apikey.Staging, Roles: []string{"dns_manager"}, ExpiresAt: noon.AddDate(0, 6, 0)}}
	return must(h.issuer.Issue(t.Context(), key, noon)).Reveal()
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

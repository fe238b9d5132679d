package jwtkey_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/jwtkey"
)

func admit(t *testing.T, h *house, token string) {
	t.Helper()
	if _, err := h.verifier.Parse(t.Context(), token); err != nil {
		t.Errorf("Parse: %v", err)
	}
}

func fail(t *testing.T, h *house, token string) {
	t.Helper()
	if _, err := h.verifier.Parse(t.Context(), token); !errors.Is(err, fault.Unavailable) || errors.Is(err, apikey.ErrMalformed) {
		t.Errorf("error = %v, want fault.Unavailable", err)
	}
}

func (h *house) assertReads(t *testing.T, want int) {
	t.Helper()
	h.board.mu.Lock()
	defer h.board.mu.Unlock()
	if h.board.reads != want {
		t.Errorf("the public keys were read %d times, want %d", h.board.reads, want)
	}
}

func TestATokenSaysWhoseItIsAndWhere(t *testing.T) {
	for _, algorithm := range []jwtkey.Algorithm{jwtkey.EdDSA, jwtkey.ES256} {
		h := newHouse(t, algorithm)
		token := h.issue(t, "0000000A")
		got, err := h.verifier.Parse(t.Context(), token)
		if err != nil || got.ID != "0000000A" || got.Environment != apikey.Staging || got.Secret.Reveal() != token {
			t.Errorf("%s: Parse = %v, %v", algorithm, got, err)
		}
		if want := "jwt_0000000A..." + token[len(token)-4:]; got.Secret.Mask() != want {
			t.Errorf("%s: mask %s, want %s", algorithm, got.Secret.Mask(), want)
		}
	}
}

// The record decides on expiry, which an operator may have to tell from a token that was never good.
func TestExpiryIsNotJudgedHere(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	f := newForge(h)
	for _, exp := range []any{1, -5, 0, 1e12, 1772366400.5} {
		admit(t, h, forge{h, f.header, with(f.claims, "exp", exp)}.token())
	}
}

// Claims are for others too; one that a later version adds must not end what it issued when it is rolled back.
func TestAClaimThatIsNotKnownIsLeftAlone(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	f := newForge(h)
	admit(t, h, forge{h, f.header, with(f.claims, "sub", "ada")}.token())
}

func TestOursAreTokensThatNameTheIssuerGenuineOrNot(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	f := newForge(h)
	token := h.issue(t, "0000000A")
	for name, test := range map[string]struct {
		text string
		want bool
	}{
		"ours":                     {token, true},
		"ours, altered":            {token[:len(token)-8] + "AAAAAAAA", true},
		"ours, by its iss alone":   {forge{h, f.header, map[string]any{"iss": issuer}}.token(), true},
		"a session":                {forge{h, f.header, with(f.claims, "iss", "https://id.example")}.token(), false},
		"one that names two":       {f.signed("{}", `{"iss":"`+issuer+`","iss":"https://id.example"}`), false},
		"one that names Iss":       {f.signed("{}", `{"Iss":"`+issuer+`"}`), false},
		"no issuer":                {f.signed("{}", `{}`), false},
		"an opaque key":            {apikey.NewSecret("vg", apikey.Production, apikey.NewID(noon)).Reveal(), false},
		"nothing":                  {"", false},
		"dots":                     {"..", false},
		"a token that is too long": {newLong(h), false},
	} {
		if got := h.verifier.Ours(test.text); got != test.want {
			t.Errorf("%s: Ours = %t, want %t", name, got, test.want)
		}
	}
}

func TestPublicKeysAreReadOnceInFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, jwtkey.EdDSA)
		token := h.issue(t, "0000000A")
		h.board.reads = 0
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() { admit(t, h, token) })
		}
		all.Wait()
		h.assertReads(t, 1)
		time.Sleep(5*time.Minute - time.Nanosecond)
		admit(t, h, token)
		h.assertReads(t, 1)
		time.Sleep(time.Nanosecond)
		admit(t, h, token)
		h.assertReads(t, 2)
	})
}

// A kid comes from the caller: a flood of odd ones must not become a flood of reads.
func TestUnknownKidsReadTheKeysOnceInTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, jwtkey.EdDSA)
		f := newForge(h)
		foreign := forge{h, with(f.header, "kid", "s1"), f.claims}.token()
		h.board.reads = 0
		for range 1000 {
			refuse(t, h, foreign)
		}
		h.assertReads(t, 1)
		time.Sleep(10 * time.Second)
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() { refuse(t, h, foreign) })
		}
		all.Wait()
		h.assertReads(t, 2)
	})
}

// This is what Custodian.Notice is for: whenever a verifier last read the keys, it has the new one, or reads again.
func TestATokenOfANewKeyIsAdmittedAtOnceEverywhere(t *testing.T) {
	for _, before := range []time.Duration{0, time.Second, 9 * time.Second, 10 * time.Second, 4 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, jwtkey.EdDSA)
			admit(t, h, h.issue(t, "0000000A"))
			time.Sleep(before)
			h.custodian.Notice = jwtkey.Notice
			must(h.custodian.Rotate(t.Context()))
			admit(t, h, h.issue(t, "0000000A"))
		})
	}
}

func TestWhereTheStoreCannotBeReadTheLastGoodKeysGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, jwtkey.EdDSA)
		token := h.issue(t, "0000000A")
		admit(t, h, token)
		must(h.custodian.Rotate(t.Context()))
		later := h.issue(t, "0000000A")
		h.board.set(errDown)
		time.Sleep(5 * time.Minute)
		admit(t, h, token)
		fail(t, h, later) // its key may be published by now
		synctest.Wait()
		if len(h.reports) != 1 || !errors.Is(h.reports[0], errDown) {
			t.Errorf("reported %v, want one failure", h.reports)
		}
		h.board.set(nil)
		time.Sleep(10 * time.Second)
		admit(t, h, later)
	})
}

func TestWithoutAnyKeysNobodyCanTell(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	token := h.issue(t, "0000000A")
	h.board.set(errDown)
	fail(t, h, token)
	refuse(t, h, token[1:])
	h.board.set(nil)
	admit(t, h, token)
}

// What is published is exactly what a Custodian publishes. A private key there would be shown to everybody.
func TestAPublishedKeyThatIsNoneOfOursIsAnOutage(t *testing.T) {
	ed, es := newHouse(t, jwtkey.EdDSA), newHouse(t, jwtkey.ES256)
	good := string(ed.board.keys[0].JWK)
	private := must(newForge(ed).signingKey().MarshalJSON())
	kid := ed.board.keys[0].ID
	for name, published := range map[string]apikey.PublicKey{
		"a private key":       {ID: kid, JWK: private},
		"no JSON":             {ID: kid, JWK: []byte("x")},
		"another kid":         {ID: "s1", JWK: []byte(good)},
		"another alg":         {ID: kid, JWK: []byte(strings.Replace(good, "EdDSA", "ES256", 1))},
		"no alg":              {ID: kid, JWK: []byte(strings.Replace(good, `"alg":"EdDSA",`, "", 1))},
		"to encrypt":          {ID: kid, JWK: []byte(strings.Replace(good, `"use":"sig"`, `"use":"enc"`, 1))},
		"a secret for HS256":  {ID: kid, JWK: []byte(`{"kty":"oct","k":"AAAA","kid":"` + kid + `","alg":"HS256","use":"sig"}`)},
		"ES256's, says EdDSA": {ID: es.board.keys[0].ID, JWK: []byte(strings.Replace(string(es.board.keys[0].JWK), "ES256", "EdDSA", 1))},
	} {
		t.Run(name, func(t *testing.T) {
			board := &board{keys: []apikey.PublicKey{published}}
			h := &house{verifier: jwtkey.NewVerifier(issuer, board, nil)}
			fail(t, h, ed.issue(t, "0000000A"))
			if text, err := jwtkey.JWKS(t.Context(), board); !errors.Is(err, fault.Unavailable) || text != nil {
				t.Errorf("JWKS = %s, %v; want fault.Unavailable", text, err)
			}
		})
	}
}

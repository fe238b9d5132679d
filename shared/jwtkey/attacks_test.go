package jwtkey_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/jwtkey"
)

// Without this one the others below would prove nothing.
func TestWhatTheForgeMakesOfTheRightPartsIsAdmitted(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	token := newForge(h).token()
	got, err := h.verifier.Parse(t.Context(), token)
	if err != nil || got.ID != "0000000A" || got.Environment != apikey.Staging || got.Secret.Reveal() != token {
		t.Errorf("Parse = %v, %v", got, err)
	}
}

// A signature is worth something only by the key, and in the way, that the deployment says, not the token.
func TestATokenDoesNotChooseHowItIsVerified(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	f := newForge(h)
	kid := h.ring().Current()
	public := h.board.keys[0].JWK
	_, own, _ := ed25519.GenerateKey(rand.Reader)
	rsaKey := must(rsa.GenerateKey(rand.Reader, 2048))
	es256 := newHouse(t, jwtkey.ES256)
	tokens := map[string]string{
		"another's key under our kid":     f.by(jose.EdDSA, own, kid),
		"another's key under its own kid": f.by(jose.EdDSA, own, "s1"),
		"another's key, no kid":           f.by(jose.EdDSA, own, ""),
		"our key under a foreign kid":     forge{h, with(f.header, "kid", "s1"), f.claims}.token(),
		"our key, no kid":                 forge{h, with(f.header, "kid", nil), f.claims}.token(),
		"our key, an empty kid":           forge{h, with(f.header, "kid", ""), f.claims}.token(),
		"kid is no string":                forge{h, with(f.header, "kid", 1), f.claims}.token(),
		"HS256 with the public key":       f.by(jose.HS256, public, kid),
		"RS256":                           f.by(jose.RS256, rsaKey, kid),
		"PS256":                           f.by(jose.PS256, rsaKey, kid),
		"ES256 under the kid of an EdDSA": f.by(jose.ES256, newForge(es256).signingKey().Key, kid),
		"alg says ES256":                  forge{h, with(f.header, "alg", "ES256"), f.claims}.token(),
		"alg says HS256":                  forge{h, with(f.header, "alg", "HS256"), f.claims}.token(),
		"alg says none":                   forge{h, with(f.header, "alg", "none"), f.claims}.token(),
		"alg says eddsa":                  forge{h, with(f.header, "alg", "eddsa"), f.claims}.token(),
		"no alg":                          forge{h, with(f.header, "alg", nil), f.claims}.token(),
		"no typ":                          forge{h, with(f.header, "typ", nil), f.claims}.token(),
		"another typ":                     forge{h, with(f.header, "typ", "at+jwt"), f.claims}.token(),
		"jwk: it brings its key":          forge{h, with(f.header, "jwk", json.RawMessage(public)), f.claims}.token(),
		"jku: it says where its key is":   forge{h, with(f.header, "jku", "https://evil.example/jwks.json"), f.claims}.token(),
		"x5u":                             forge{h, with(f.header, "x5u", "https://evil.example/cert"), f.claims}.token(),
		"x5c":                             forge{h, with(f.header, "x5c", []string{"MII"}), f.claims}.token(),
		"crit: it asks for more":          forge{h, with(f.header, "crit", []string{"exp"}), f.claims}.token(),
		"b64: its payload is not base64":  forge{h, with(f.header, "b64", false), f.claims}.token(),
		"cty: a token in a token":         forge{h, with(f.header, "cty", "JWT"), f.claims}.token(),
		"a header that names alg twice":   f.signed(fmt.Sprintf(`{"alg":"none","alg":"EdDSA","kid":%q,"typ":"JWT"}`, kid), string(must(json.Marshal(f.claims)))),
		"a header that names ALG":         f.signed(fmt.Sprintf(`{"ALG":"EdDSA","kid":%q,"typ":"JWT"}`, kid), string(must(json.Marshal(f.claims)))),
		"a header that is a list":         f.signed(`[]`, string(must(json.Marshal(f.claims)))),
		"a header with text behind it":    f.signed(string(must(json.Marshal(f.header)))+" {}", string(must(json.Marshal(f.claims)))),
	}
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) { refuse(t, h, token) })
	}
	none := strings.Split(forge{h, with(f.header, "alg", "none"), f.claims}.token(), ".")
	t.Run("none, and no signature", func(t *testing.T) { refuse(t, h, none[0]+"."+none[1]+".") })
}

// A key of one algorithm is never used with the other, whichever is which.
func TestAnES256KeyVerifiesES256Alone(t *testing.T) {
	h := newHouse(t, jwtkey.ES256)
	f := newForge(h)
	key, kid := f.signingKey().Key, h.ring().Current()
	if _, err := h.verifier.Parse(t.Context(), f.by(jose.ES256, key, kid)); err != nil {
		t.Fatal(err)
	}
	_, own, _ := ed25519.GenerateKey(rand.Reader)
	refuse(t, h, f.by(jose.EdDSA, own, kid))
	refuse(t, h, f.by(jose.HS256, h.board.keys[0].JWK, kid))
}

// Each of these is signed by the house's own key: the claims alone are wrong.
func TestClaimsThatNoIssuedTokenHasAreRefused(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	f := newForge(h)
	claims := map[string]map[string]any{
		"another iss":              with(f.claims, "iss", "https://id.example"),
		"an iss in capitals":       with(f.claims, "iss", strings.ToUpper(issuer)),
		"no iss":                   with(f.claims, "iss", nil),
		"iss is a list":            with(f.claims, "iss", []string{issuer}),
		"no aud":                   with(f.claims, "aud", nil),
		"an unknown environment":   with(f.claims, "aud", "qa"),
		"an empty environment":     with(f.claims, "aud", ""),
		"two environments":         with(f.claims, "aud", []string{"staging", "production"}),
		"one environment, listed":  with(f.claims, "aud", []string{"staging"}),
		"no jti":                   with(f.claims, "jti", nil),
		"a bare id as jti":         with(f.claims, "jti", "0000000A"),
		"a long jti":               with(f.claims, "jti", "key_0000000AA"),
		"a jti with a slash":       with(f.claims, "jti", "key_0000/00A"),
		"jti is a number":          with(f.claims, "jti", 1),
		"no iat":                   with(f.claims, "iat", nil),
		"iat is text":              with(f.claims, "iat", "1772366400"),
		"iat is null":              with(f.claims, "iat", json.RawMessage("null")),
		"exp is text":              with(f.claims, "exp", "1772366400"),
		"exp is null":              with(f.claims, "exp", json.RawMessage("null")),
		"exp is true":              with(f.claims, "exp", true),
		"the issuer under Iss too": with(with(f.claims, "iss", nil), "Iss", issuer),
	}
	for name, changed := range claims {
		t.Run(name, func(t *testing.T) { refuse(t, h, forge{h, f.header, changed}.token()) })
	}
	header, text := string(must(json.Marshal(f.header))), string(must(json.Marshal(f.claims)))
	for _, name := range []string{"iss", "aud", "jti", "iat", "roles"} {
		value := string(must(json.Marshal(f.claims[name])))
		t.Run(name+" twice", func(t *testing.T) {
			refuse(t, h, f.signed(header, strings.Replace(text, "{", `{"`+name+`":`+value+`,`, 1)))
		})
	}
	t.Run("claims that are no object", func(t *testing.T) { refuse(t, h, f.signed(header, `"`+issuer+`"`)) })
}

// A token has one spelling, and any other is refused before anything is asked.
func TestATokenThatIsSpeltOtherwiseIsRefused(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	token := h.issue(t, "0000000A")
	parts := strings.Split(token, ".")
	tokens := map[string]string{
		"empty": "", "one part": parts[0], "two parts": parts[0] + "." + parts[1], "four parts": token + ".x",
		"no signature":       parts[0] + "." + parts[1] + ".",
		"cut":                token[:len(token)-1],
		"a space inside":     parts[0] + ". " + parts[1] + "." + parts[2],
		"a newline inside":   parts[0] + ".\n" + parts[1] + "." + parts[2],
		"padding":            parts[0] + "." + parts[1] + "." + parts[2] + "==",
		"spare bits are set": token[:len(token)-1] + sibling(token[len(token)-1]),
		"in JSON form":       fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, parts[0], parts[1], parts[2]),
		"too long":           newLong(h),
	}
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) { refuse(t, h, token) })
	}
}

// sibling is a character that lax base64 decodes to the same two bits at the end of 64 bytes.
func sibling(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, c)|1])
}

func newLong(h *house) string {
	f := newForge(h)
	f.claims["roles"] = []string{strings.Repeat("r", jwtkey.MaxToken)}
	return f.token()
}

// Whichever byte of a token is changed, it is refused.
func TestAnAlteredTokenIsRefused(t *testing.T) {
	for _, algorithm := range []jwtkey.Algorithm{jwtkey.EdDSA, jwtkey.ES256} {
		h := newHouse(t, algorithm)
		token := []byte(h.issue(t, "0000000A"))
		for i := range token {
			altered := append([]byte(nil), token...)
			altered[i] = 'A'
			if token[i] == 'A' {
				altered[i] = 'B'
			}
			if _, err := h.verifier.Parse(t.Context(), string(altered)); !errors.Is(err, apikey.ErrMalformed) {
				t.Errorf("%s: byte %d altered: %v", algorithm, i, err)
			}
		}
	}
}

// Claims of one token under the signature of another are nobody's.
func TestPartsOfTwoTokensMakeNone(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	one, two := strings.Split(h.issue(t, "0000000A"), "."), strings.Split(h.issue(t, "0000000B"), ".")
	refuse(t, h, one[0]+"."+one[1]+"."+two[2])
	refuse(t, h, one[0]+"."+two[1]+"."+one[2])
}

// An attacker's guesses must not become reads of the store.
func TestWhatIsNoTokenOfOursAsksTheStoreForNothing(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	f := newForge(h)
	h.board.reads = 0
	refuse(t, h, "vg_live_0000000A")
	refuse(t, h, forge{h, with(f.header, "jku", "x"), f.claims}.token())
	refuse(t, h, forge{h, f.header, with(f.claims, "iss", "x")}.token())
	if h.board.reads != 0 {
		t.Errorf("the public keys were read %d times", h.board.reads)
	}
}

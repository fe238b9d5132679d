package jwtkey_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/keyward/keyward/shared/jwtkey"
)

func TestARingIsTheSameAfterItWasKept(t *testing.T) {
	for _, algorithm := range []jwtkey.Algorithm{jwtkey.EdDSA, jwtkey.ES256} {
		ring := must(jwtkey.NewRing("s1", algorithm))
		again := must(jwtkey.ParseRing(must(ring.Reveal())))
		if again.Current() != "s1" || again.Algorithm() != algorithm {
			t.Errorf("%s: current %s, %s", algorithm, again.Current(), again.Algorithm())
		}
		if one, two := must(ring.Public()), must(again.Public()); one.ID != two.ID || !bytes.Equal(one.JWK, two.JWK) {
			t.Errorf("%s: public halves %s and %s", algorithm, one.JWK, two.JWK)
		}
	}
}

func TestTheCurrentKeyOfSeveralSigns(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(h.chest.text, &fields); err != nil {
		t.Fatal(err)
	}
	kid := h.ring().Current()
	other := must(must(jwtkey.NewRing("s1", jwtkey.ES256)).Reveal())
	if err := json.Unmarshal(other, &fields); err != nil {
		t.Fatal(err)
	}
	fields["current"] = must(json.Marshal(kid))
	h.chest.text = must(json.Marshal(fields))
	if header := part(h.issue(t, "0000000A"), 0); header["kid"] != kid || header["alg"] != "EdDSA" {
		t.Errorf("header %v, want %s's", header, kid)
	}
}

// An error names the field and the rule. What is in the wrong place may be a private key, so no value is quoted.
func TestARingThatIsWrongIsRefusedWithoutAWordOfIt(t *testing.T) {
	h := newHouse(t, jwtkey.EdDSA)
	key := newForge(h).signingKey()
	key.KeyID = "s1"
	d := part("."+encode(must(key.MarshalJSON())), 1)["d"].(string)
	jwk := func(change func(*jose.JSONWebKey)) string {
		changed := key
		change(&changed)
		return `{"current":"s1","s1":` + string(must(changed.MarshalJSON())) + `}`
	}
	whole := jwk(func(*jose.JSONWebKey) {})
	if _, err := jwtkey.ParseRing([]byte(whole)); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ text, want string }{
		"nothing":            {"", "not a JSON object"},
		"null":               {"null", "not a JSON object"},
		"a list":             {"[" + whole + "]", "not a JSON object"},
		"a field twice":      {strings.Replace(whole, "{", `{"current":"s1",`, 1), "not a JSON object"},
		"no current":         {strings.Replace(whole, `"current":"s1",`, "", 1), "current: must be there, and be a string"},
		"current is a list":  {strings.Replace(whole, `"current":"s1"`, `"current":["`+d+`"]`, 1), "current: must be there, and be a string"},
		"current is unknown": {strings.Replace(whole, `"current":"s1"`, `"current":"`+d+`"`, 1), "current: names no key of the ring"},
		"no keys":            {`{"current":"s1"}`, "current: names no key of the ring"},
		"a key as a name":    {`{"current":"s1","` + d + `":{}}`, "the name of a field, 43 bytes long, is no kid"},
		"a long name":        {`{"current":"s1","` + strings.Repeat("a", 33) + `":{}}`, "the name of a field, 33 bytes long, is no kid"},
		"a capital in it":    {`{"current":"s1","sA":{}}`, "the name of a field, 2 bytes long, is no kid"},
		"no name":            {`{"current":"s1","":{}}`, "the name of a field, 0 bytes long, is no kid"},
		"a key as text":      {`{"current":"s1","s1":"` + d + `"}`, "s1: must be a private JWK"},
		"a public key":       {jwk(func(k *jose.JSONWebKey) { *k = k.Public() }), "s1: must be a private JWK"},
		"another kid":        {jwk(func(k *jose.JSONWebKey) { k.KeyID = "s2" }), "with that kid"},
		"no kid":             {jwk(func(k *jose.JSONWebKey) { k.KeyID = "" }), "with that kid"},
		"another alg":        {jwk(func(k *jose.JSONWebKey) { k.Algorithm = "ES256" }), "an alg that it fits"},
		"HS256":              {jwk(func(k *jose.JSONWebKey) { k.Algorithm, k.Key = "HS256", []byte(d) }), "s1: must be a private JWK"},
		"to encrypt":         {jwk(func(k *jose.JSONWebKey) { k.Use = "enc" }), "use sig"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := jwtkey.ParseRing([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), d) {
				t.Errorf("error = %v, want %q and no value", err, test.want)
			}
		})
	}
}

// A signing key in a log would sign for whoever reads it.
func TestNoPrivateKeyIsEverPrintedLoggedOrMarshalled(t *testing.T) {
	for _, algorithm := range []jwtkey.Algorithm{jwtkey.EdDSA, jwtkey.ES256} {
		h := newHouse(t, algorithm)
		ring := h.ring()
		shown := show(t, ring)
		key := newForge(h).signingKey()
		d := part("."+encode(must(key.MarshalJSON())), 1)["d"].(string)
		for form, text := range map[string]string{"base64url": d, "Go's own": strings.Trim(fmt.Sprint(key.Key), "&{}[] ")} {
			if strings.Contains(shown, text) {
				t.Errorf("%s: the private key shows, as %s", algorithm, form)
			}
		}
		if !strings.Contains(shown, "[redacted]") {
			t.Errorf("%s: nothing says [redacted]", algorithm)
		}
	}
}

func show(t *testing.T, ring *jwtkey.Ring) string {
	t.Helper()
	var shown bytes.Buffer
	type hidden struct {
		ring  *jwtkey.Ring
		value jwtkey.Ring
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{ring, *ring, []*jwtkey.Ring{ring}, hidden{ring, *ring}, &hidden{ring, *ring}} {
			fmt.Fprintf(&shown, verb+"\n", value)
		}
	}
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("ring", "ring", ring, "value", *ring)
	slog.New(slog.NewTextHandler(&shown, nil)).Info("ring", "ring", ring, "value", *ring)
	for _, value := range []any{ring, *ring, map[string]any{"ring": ring}} {
		if err := json.NewEncoder(&shown).Encode(value); err != nil {
			t.Fatal(err)
		}
	}
	return shown.String()
}

func TestOnlyTwoAlgorithmsHaveNames(t *testing.T) {
	for _, name := range []string{"EdDSA", "ES256"} {
		if got, err := jwtkey.ParseAlgorithm(name); err != nil || string(got) != name {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "none", "HS256", "RS256", "eddsa", "ES384"} {
		if _, err := jwtkey.ParseAlgorithm(name); err == nil || !strings.Contains(err.Error(), "must be EdDSA or ES256") {
			t.Errorf("%q: error = %v", name, err)
		}
	}
}

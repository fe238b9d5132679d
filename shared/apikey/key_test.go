package apikey_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/ratelimit"
)

func TestADigestDependsOnPepperAndSecretAlone(t *testing.T) {
	parse := func(text string) apikey.Secret {
		t.Helper()
		credential, err := apikey.Parse("vg", text)
		if err != nil {
			t.Fatal(err)
		}
		return credential.Secret
	}
	text := newSecret()
	secret, other := parse(text), parse(newSecret())
	digest := apikey.NewDigest("k1", []byte("pepper one"), secret)
	if again := apikey.NewDigest("k1", []byte("pepper one"), parse(text)); digest != again || !digest.Equal(again) {
		t.Errorf("one secret has the digests %s and %s", digest, again)
	}
	if digest.Pepper() != "k1" || len(digest) != len("k1.")+43 {
		t.Errorf("digest %q of pepper %q, want k1. and 43 characters", digest, digest.Pepper())
	}
	if strings.Contains(string(digest), text[8:]) {
		t.Errorf("the digest %q holds the secret", digest)
	}
	for name, different := range map[string]apikey.Digest{
		"another secret":    apikey.NewDigest("k1", []byte("pepper one"), other),
		"another pepper":    apikey.NewDigest("k1", []byte("pepper two"), secret),
		"another pepper id": apikey.NewDigest("k2", []byte("pepper one"), secret),
		"nothing":           "",
	} {
		if digest.Equal(different) || different.Equal(digest) {
			t.Errorf("%s: %s equals %s", name, different, digest)
		}
	}
	if apikey.Digest("").Equal("") {
		t.Error("the empty digest equals itself, so no secret at all would match a record without one")
	}
	if got := apikey.Digest("").Pepper(); got != "" {
		t.Errorf("no digest has the pepper %q", got)
	}
}

func TestANameIsKeptTrimmedAndComposed(t *testing.T) {
	for name, want := range map[string]string{
		" CI \t": "CI", "\u00a0CI\u3000": "CI", "Cafe\u0301": "Café", "ﬁx": "ﬁx", "a  b": "a  b", " ": "", "İstanbul": "İstanbul",
	} {
		if got := apikey.NormalName(name); got != want {
			t.Errorf("NormalName(%q) = %q, want %q", name, got, want)
		}
	}
}

// Two keys whose names a person would take for one can't both be made by changing case, form or spaces.
func TestNamesThatDifferInCaseFormOrSpacesAreOne(t *testing.T) {
	for _, same := range [][]string{
		{"Deploy", "deploy", "DEPLOY", " deploy ", "dEPLOY\t"},
		{"Café", "CAFÉ", "Cafe\u0301", "cafE\u0301"},
		{"Straße", "STRASSE", "strasse", "STRAẞE"},
		{"ΣΊΣΥΦΟΣ", "σίσυφος", "σίσυφοσ"},
		{"\u212Aelvin", "kelvin", "Kelvin"},
		{"Å", "\u212B", "A\u030A", "å"},
		{"ﬁx", "FIX", "fix"},
	} {
		for _, name := range same {
			if got, want := apikey.FoldName(name), apikey.FoldName(same[0]); got != want {
				t.Errorf("%q folds to %q, but %q to %q", name, got, same[0], want)
			}
		}
	}
	for _, different := range [][2]string{{"a b", "ab"}, {"deploy", "deploy1"}, {"cafe", "café"}, {"a-b", "a_b"}, {"0", "O"}} {
		if apikey.FoldName(different[0]) == apikey.FoldName(different[1]) {
			t.Errorf("%q and %q are taken for one", different[0], different[1])
		}
	}
}

func TestFoldingTwiceIsFoldingOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		once := apikey.FoldName(name)
		if twice := apikey.FoldName(once); twice != once {
			t.Fatalf("%+q folds to %+q, and that to %+q", name, once, twice)
		}
		if kept := apikey.FoldName(apikey.NormalName(name)); kept != once {
			t.Fatalf("%+q folds to %+q, but as it is kept to %+q", name, once, kept)
		}
	})
}

func drawKey(t *rapid.T, label string) *apikey.Key {
	key := &apikey.Key{Record: apikey.Record{ID: apikey.NewID(noon.Add(time.Duration(rapid.Int64Range(0, 1e6).Draw(t, label+" made")) * time.Second))}}
	key.Name = rapid.StringMatching(`[a-zA-Z0-9 é]{1,8}`).Draw(t, label+" name")
	if rapid.Bool().Draw(t, label+" expires") {
		key.ExpiresAt = noon.Add(time.Duration(rapid.Int64Range(0, 3650*86400).Draw(t, label+" expiry")) * time.Second)
	}
	return key
}

func TestPositionsCompareAsTheirKeysDo(t *testing.T) {
	byExpiry := func(a, b *apikey.Key) int {
		switch {
		case a.ExpiresAt.IsZero() != b.ExpiresAt.IsZero():
			return map[bool]int{true: +1, false: -1}[a.ExpiresAt.IsZero()]
		default:
			return cmp.Or(a.ExpiresAt.Compare(b.ExpiresAt), cmp.Compare(a.ID, b.ID))
		}
	}
	byName := func(a, b *apikey.Key) int { return cmp.Compare(apikey.FoldName(a.Name), apikey.FoldName(b.Name)) }
	byAge := func(a, b *apikey.Key) int { return cmp.Compare(a.ID, b.ID) }
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawKey(t, "a"), drawKey(t, "b")
		for order, compare := range map[apikey.Order]func(a, b *apikey.Key) int{
			apikey.NewestFirst: byAge, apikey.OldestFirst: byAge, apikey.ByName: byName, apikey.ByNameReversed: byName,
			apikey.SoonestExpiry: byExpiry, apikey.LatestExpiry: byExpiry,
		} {
			if got, want := cmp.Compare(a.Position(order), b.Position(order)), compare(a, b); got != want {
				t.Fatalf("%s: %q against %q gives %d, want %d", order, a.Position(order), b.Position(order), got, want)
			}
		}
	})
}

func TestACloneSharesNoMemory(t *testing.T) {
	key := &apikey.Key{
		Record:  apikey.Record{Roles: []string{"admin"}, Permissions: []string{"a:b"}, Counts: ratelimit.Counts{{N: 1}}, Version: 2},
		Details: apikey.Details{Metadata: map[string]string{"a": "b"}, Revision: 3},
	}
	clone := key.Clone()
	clone.Roles[0], clone.Permissions[0], clone.Counts[0].N, clone.Metadata["a"] = "x", "x", 9, "x"
	if key.Roles[0] != "admin" || key.Permissions[0] != "a:b" || key.Counts[0].N != 1 || key.Metadata["a"] != "b" {
		t.Errorf("a change of the clone shows in the key: %+v", key)
	}
	if key.Version() != 5 || clone.Version() != 5 {
		t.Errorf("versions %d and %d, want record's and details' together, 5", key.Version(), clone.Version())
	}
}

func TestNotFoundSaysTheSameOfAStrangersKey(t *testing.T) {
	f := fault.From(apikey.NotFound())
	if f.Code != fault.KeyNotFound || f.Detail != "There is no such key in your organization. Check the key_id." {
		t.Errorf("NotFound = %v", f)
	}
}

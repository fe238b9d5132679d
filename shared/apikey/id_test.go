package apikey_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"pgregory.net/rapid"
)

func TestIDsSortByTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		milliseconds := rapid.Int64Range(0, 69*365*24*3600*1000)
		first := time.UnixMilli(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() + milliseconds.Draw(t, "first"))
		later := first.Add(time.Duration(rapid.Int64Range(1, 1_000_000).Draw(t, "milliseconds later")) * time.Millisecond)
		if a, b := apikey.NewID(first), apikey.NewID(later); a >= b {
			t.Fatalf("%s of %s is not before %s of %s", a, first, b, later)
		}
	})
}

func TestOneMillisecondHoldsNinetyNineIDs(t *testing.T) {
	seen := map[apikey.ID]bool{}
	for range 5000 {
		seen[apikey.NewID(noon)] = true
	}
	if len(seen) != 99 {
		t.Errorf("%d different ids in one millisecond, want 99", len(seen))
	}
	if _, before := seen[apikey.NewID(noon.Add(-time.Millisecond))]; before {
		t.Error("an id of the millisecond before is among them")
	}
}

func TestTheFirstIDIsThatOf2025(t *testing.T) {
	epoch := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	if id := apikey.NewID(epoch); !strings.HasPrefix(string(id), "000000") || len(id) != 8 {
		t.Errorf("the first id is %q", id)
	}
	if id := apikey.NewID(time.Date(2094, 1, 1, 0, 0, 0, 0, time.UTC)); len(id) != 8 || id < "z" {
		t.Errorf("an id of 2094 is %q, want 8 characters from the alphabet's end", id)
	}
}

func TestParseIDReadsOnlyWhatStringWrites(t *testing.T) {
	tests := map[string]struct {
		text string
		want apikey.ID
		ok   bool
	}{
		"an id":              {"key_0A1b2C3d", "0A1b2C3d", true},
		"no prefix":          {"0A1b2C3d", "", false},
		"another prefix":     {"Key_0A1b2C3d", "", false},
		"two prefixes":       {"key_key_0A1b", "", false},
		"too short":          {"key_0A1b2C3", "", false},
		"too long":           {"key_0A1b2C3d4", "", false},
		"a dash":             {"key_0A1b-C3d", "", false},
		"a space":            {"key_0A1b2C3d ", "", false},
		"outside ASCII":      {"key_0A1b2Cé", "", false},
		"nothing":            {"", "", false},
		"Veriglob's example": {"key_1a2b3c4d5e6f", "", false},
		"a wildcard":         {"key_0A1b2C3%", "", false},
		"a separator":        {"key_0A1b#C3d", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := apikey.ParseID(test.text)
			if got != test.want || ok != test.ok {
				t.Errorf("ParseID(%q) = %q, %t; want %q, %t", test.text, got, ok, test.want, test.ok)
			}
			if ok && got.String() != test.text {
				t.Errorf("%q comes back as %q", test.text, got)
			}
		})
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("key_0A1b2C3d")
	f.Add("key_")
	f.Fuzz(func(t *testing.T, text string) {
		if id, ok := apikey.ParseID(text); ok && id.String() != text || !ok && id != "" {
			t.Fatalf("ParseID(%q) = %q, %t", text, id, ok)
		}
	})
}

func TestEveryEnvironmentHasATagOfItsOwn(t *testing.T) {
	want := []apikey.Environment{"production", "staging", "development", "test"}
	if !slices.Equal(apikey.Environments, want) {
		t.Errorf("environments = %v, want %v", apikey.Environments, want)
	}
	tags := map[string]bool{}
	for _, environment := range apikey.Environments {
		tags[environment.Tag()] = true
		if !environment.Valid() {
			t.Errorf("%s is not valid", environment)
		}
	}
	if len(tags) != 4 || tags[""] {
		t.Errorf("tags = %v, want four", tags)
	}
	for _, none := range []apikey.Environment{"", "prod", "Production", "live"} {
		if none.Valid() || none.Tag() != "" {
			t.Errorf("%q passes for an environment", none)
		}
	}
}

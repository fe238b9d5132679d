package keyring_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keyring"
)

const (
	pepper1 = "first-pepper-first-pepper-first-pepper"
	pepper2 = "second-pepper-second-pepper-second-pepper"
)

var secret = apikey.NewSecret(apikey.DefaultBrand, apikey.Production, apikey.NewID(time.Now()))

func parse(t *testing.T, text string) *keyring.Ring {
	t.Helper()
	ring, err := keyring.ParseRing([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// ringText is a ring of the two peppers.
func ringText(current string) string {
	return fmt.Sprintf(`{"current":%q,"k1":%q,"k2":%q}`, current, pepper1, pepper2)
}

func TestTheCurrentPepperDigestsFirst(t *testing.T) {
	first := apikey.NewDigest("k1", []byte(pepper1), secret)
	second := apikey.NewDigest("k2", []byte(pepper2), secret)
	tests := map[string]struct {
		current string
		want    []apikey.Digest
	}{
		"k1": {"k1", []apikey.Digest{first, second}},
		"k2": {"k2", []apikey.Digest{second, first}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ring := parse(t, ringText(test.current))
			if got := ring.Digests(secret); !slices.Equal(got, test.want) {
				t.Errorf("Digests = %v, want %v", got, test.want)
			}
			if got := ring.Current(secret); got != test.want[0] {
				t.Errorf("Current = %v, want %v", got, test.want[0])
			}
		})
	}
}

func TestARingHasTheIDsOfItsPeppersAndNoOther(t *testing.T) {
	ring := parse(t, ringText("k1"))
	for id, want := range map[string]bool{"k1": true, "k2": true, "k3": false, "current": false, "": false} {
		if got := ring.Has(id); got != want {
			t.Errorf("Has(%q) = %v, want %v", id, got, want)
		}
	}
}

func TestDerivedKeysDifferByPepperPurposeAndInfo(t *testing.T) {
	ring, rotated := parse(t, ringText("k1")), parse(t, ringText("k2"))
	base := ring.Derive("seal", []byte("info"))
	if again := parse(t, ringText("k1")).Derive("seal", []byte("info")); again != base {
		t.Error("the same pepper, purpose and info gave another key")
	}
	others := map[string][32]byte{
		"another pepper":                    rotated.Derive("seal", []byte("info")),
		"another purpose":                   ring.Derive("name", []byte("info")),
		"another info":                      ring.Derive("seal", []byte("other")),
		"purpose and info divided elsewise": ring.Derive("sealin", []byte("fo")),
	}
	for name, other := range others {
		if other == base {
			t.Errorf("%s gave the same key", name)
		}
	}
}

func TestWhatAnOldPepperNamedIsFoundAfterRotation(t *testing.T) {
	before := parse(t, ringText("k1")).Derive("name", []byte("info"))
	after := parse(t, ringText("k2"))
	all := after.DeriveAll("name", []byte("info"))
	if len(all) != 2 || all[0] != after.Derive("name", []byte("info")) || all[1] != before {
		t.Errorf("DeriveAll = %x, want the current pepper's key, then %x", all, before)
	}
}

// A pepper in a log would outlive every rotation.
func TestNoPepperIsEverPrintedLoggedOrMarshalled(t *testing.T) {
	ring := parse(t, ringText("k1"))
	var shown bytes.Buffer
	type hidden struct {
		ring  *keyring.Ring
		value keyring.Ring
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{ring, *ring, []*keyring.Ring{ring}, hidden{ring, *ring}, &hidden{ring, *ring}} {
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
	for _, pepper := range []string{pepper1, pepper2} {
		for form, text := range map[string]string{"text": pepper, "hex": fmt.Sprintf("%x", pepper), "bytes": fmt.Sprint([]byte(pepper))} {
			if strings.Contains(shown.String(), strings.Trim(text, "[]")) {
				t.Errorf("a pepper shows, as %s", form)
			}
		}
	}
	if !strings.Contains(shown.String(), "[redacted]") {
		t.Error("nothing says [redacted]")
	}
}

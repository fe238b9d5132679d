package apikey_test

import (
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/apikey"
)

// noon is a time within a minute, a day and a month that have room on both sides.
var noon = time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// newSecret is a fresh production secret, as its owner sees it once.
func newSecret() string {
	return apikey.NewSecret(apikey.DefaultBrand, apikey.Production, apikey.NewID(noon)).Reveal()
}

func TestASecretHasTheFormOfItsEnvironment(t *testing.T) {
	tests := map[apikey.Environment]string{
		apikey.Production:  "vg_live_",
		apikey.Staging:     "vg_stg_",
		apikey.Development: "vg_dev_",
		apikey.Test:        "vg_test_",
	}
	if len(tests) != len(apikey.Environments) {
		t.Fatalf("%d environments, %d of them tested", len(apikey.Environments), len(tests))
	}
	for environment, prefix := range tests {
		t.Run(string(environment), func(t *testing.T) {
			id := apikey.NewID(noon)
			got := apikey.NewSecret("vg", environment, id).Reveal()
			if want := regexp.MustCompile("^" + prefix + string(id) + "[0-9A-Za-z]{24}$"); !want.MatchString(got) {
				t.Errorf("secret %q does not match %s", got, want)
			}
		})
	}
}

func TestTwoSecretsOfOneKeyDiffer(t *testing.T) {
	id := apikey.NewID(noon)
	seen := map[string]bool{}
	for range 1000 {
		seen[apikey.NewSecret("vg", apikey.Test, id).Reveal()] = true
	}
	if len(seen) != 1000 {
		t.Errorf("1,000 secrets, %d different", len(seen))
	}
}

func TestParseReadsWhatNewSecretWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		brand := rapid.StringMatching(`[a-z0-9]{1,12}`).Draw(t, "brand")
		environment := rapid.SampledFrom(apikey.Environments).Draw(t, "environment")
		id := apikey.NewID(noon.Add(time.Duration(rapid.Int64Range(0, 60*365*24*3600).Draw(t, "seconds")) * time.Second))
		secret := apikey.NewSecret(brand, environment, id)
		got, err := apikey.Parse(brand, secret.Reveal())
		if err != nil || got.ID != id || got.Environment != environment || got.Secret.Reveal() != secret.Reveal() {
			t.Fatalf("Parse(%q) = %s %s %s, %v", secret.Reveal(), got.ID, got.Environment, got.Secret.Reveal(), err)
		}
		if !apikey.ValidBrand(brand) {
			t.Fatalf("ValidBrand(%q) = false", brand)
		}
	})
}

func TestParseRefusesWhatIsNoSecret(t *testing.T) {
	good := newSecret()
	body := strings.TrimPrefix(good, "vg_live_")
	for name, text := range map[string]string{
		"nothing":                      "",
		"the brand alone":              "vg_",
		"no body":                      "vg_live_",
		"another brand":                "sk" + good[2:],
		"a longer brand":               "x" + good,
		"an upper-case brand":          "VG" + good[2:],
		"an unknown environment":       "vg_prod_" + body,
		"no environment":               "vg__" + body,
		"an environment of the wrong":  "vg_test_" + body,
		"an environment's full name":   "vg_production_" + body,
		"no underscore":                strings.ReplaceAll(good, "_", ""),
		"a space before":               " " + good,
		"a space behind":               good + " ",
		"a newline behind":             good + "\n",
		"a space inside":               good[:20] + " " + good[21:],
		"quotes":                       `"` + good + `"`,
		"one character too many":       good + "0",
		"twice":                        good + good,
		"a character outside ASCII":    good[:20] + "é" + good[22:],
		"a NUL":                        good[:20] + "\x00" + good[21:],
		"a full-width digit":           good[:20] + "０" + good[23:],
		"its mask":                     apikey.NewSecret("vg", apikey.Production, apikey.NewID(noon)).Mask(),
		"a JWT":                        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl",
		"a key id":                     apikey.NewID(noon).String(),
		"an underscore in the checkum": good[:len(good)-1] + "_",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := apikey.Parse("vg", text)
			if !errors.Is(err, apikey.ErrMalformed) || got.ID != "" || got.Secret.Reveal() != "" {
				t.Errorf("Parse(%q) = %v, %v; want nothing and ErrMalformed", text, got, err)
			}
		})
	}
}

// What the length, the alphabet or the checksum's own two characters give away is refused always, with no
// collision possible.
func TestAShortenedSecretIsAlwaysRefused(t *testing.T) {
	for range 200 {
		good := newSecret()
		for cut := range len(good) {
			for _, text := range []string{good[:cut], good[:cut] + good[cut+1:]} {
				if _, err := apikey.Parse("vg", text); err == nil {
					t.Fatalf("%q was made of %q and is accepted", text, good)
				}
			}
		}
	}
}

func TestAWrongChecksumIsAlwaysRefused(t *testing.T) {
	good := newSecret()
	for _, first := range base62 {
		for _, second := range base62 {
			text := good[:len(good)-2] + string(first) + string(second)
			if _, err := apikey.Parse("vg", text); (err == nil) != (text == good) {
				t.Errorf("Parse(%q) = %v beside the secret %q", text, err, good)
			}
		}
	}
}

// A typing error in the 30 characters before the checksum is found but for one in 62² = 3,844: CRC-32 itself
// never misses one, but two digits hold only its remainder. No more than that many may get through.
func TestTheChecksumMissesNoMoreTypingErrorsThanChanceAllows(t *testing.T) {
	tests := map[string]func(good string, try func(string)){
		"one character replaced": func(good string, try func(string)) {
			for i := len("vg_live_"); i < len(good)-2; i++ {
				for _, other := range base62 {
					try(good[:i] + string(other) + good[i+1:])
				}
			}
		},
		"two characters swapped": func(good string, try func(string)) {
			for i := len("vg_live_"); i < len(good)-2; i++ {
				for j := i + 1; j < len(good)-2; j++ {
					swapped := []byte(good)
					swapped[i], swapped[j] = good[j], good[i]
					try(string(swapped))
				}
			}
		},
	}
	for name, mistakes := range tests {
		t.Run(name, func(t *testing.T) {
			tried, missed := 0, 0
			for range 150 {
				good := newSecret()
				mistakes(good, func(text string) {
					if text == good {
						return
					}
					tried++
					if _, err := apikey.Parse("vg", text); err == nil {
						missed++
					}
				})
			}
			expected := float64(tried) / (62 * 62)
			if most := expected + 8*math.Sqrt(expected) + 5; float64(missed) > most {
				t.Errorf("%d of %d mistakes were missed, expected %.0f", missed, tried, expected)
			}
		})
	}
}

func TestAMaskShowsFourCharactersAtEachEnd(t *testing.T) {
	for environment, tag := range map[apikey.Environment]string{
		apikey.Production: "live", apikey.Staging: "stg", apikey.Development: "dev", apikey.Test: "test",
	} {
		secret := apikey.NewSecret("acme", environment, apikey.NewID(noon))
		text := secret.Reveal()
		prefix := "acme_" + tag + "_"
		want := prefix + text[len(prefix):len(prefix)+4] + "..." + text[len(text)-4:]
		if diff := cmp.Diff(want, secret.Mask()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", environment, diff)
		}
	}
	if got := (apikey.Secret{}).Mask(); got != "..." {
		t.Errorf("the mask of no secret is %q, want ...", got)
	}
}

func TestABrandIsOneToTwelveLowerCaseLettersOrDigits(t *testing.T) {
	for brand, want := range map[string]bool{
		"vg": true, "a": true, "0": true, "abcdefghijk9": true,
		"": false, "abcdefghijkl0": false, "VG": false, "v_g": false, "v g": false, "vé": false, "vg\n": false,
	} {
		if got := apikey.ValidBrand(brand); got != want {
			t.Errorf("ValidBrand(%q) = %t, want %t", brand, got, want)
		}
	}
}

// FuzzParse: no input makes the parser panic, and whatever it accepts is exactly what it says it read.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "vg", "vg_", "vg_live_", "vg_live__", "vg_test_" + strings.Repeat("0", 32), newSecret(), newSecret()[:20]} {
		f.Add("vg", seed)
	}
	f.Add("", "_live_"+strings.Repeat("a", 32))
	f.Fuzz(func(t *testing.T, brand, text string) {
		credential, err := apikey.Parse(brand, text)
		if err != nil {
			if !errors.Is(err, apikey.ErrMalformed) {
				t.Fatalf("Parse(%q) fails with %v", text, err)
			}
			return
		}
		prefix := brand + "_" + credential.Environment.Tag() + "_" + string(credential.ID)
		if credential.Secret.Reveal() != text || !strings.HasPrefix(text, prefix) || len(text) != len(prefix)+24 {
			t.Fatalf("Parse(%q) = %s %s %q", text, credential.Environment, credential.ID, credential.Secret.Reveal())
		}
		if id, ok := apikey.ParseID(credential.ID.String()); !ok || id != credential.ID {
			t.Fatalf("the id %q of %q is none", credential.ID, text)
		}
	})
}

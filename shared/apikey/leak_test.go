package apikey_test

import (
	"bytes"
	"encoding/gob"
	jsonv1 "encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/keyward/keyward/shared/apikey"
)

type holder struct {
	Secret  apikey.Secret
	Pointer *apikey.Secret
	List    []apikey.Secret
	ByName  map[string]apikey.Secret
	Any     any
}

type hidden struct {
	secret     apikey.Secret
	credential apikey.Credential
}

// holding are the ways in which a value that is printed by accident may hold a secret.
func holding(secret apikey.Secret) map[string]any {
	credential := apikey.Credential{Secret: secret, ID: "0A1b2C3d", Environment: apikey.Production}
	return map[string]any{
		"itself":                  secret,
		"a pointer":               &secret,
		"a pointer to a pointer":  new(&secret),
		"a list":                  []apikey.Secret{secret},
		"an array":                [1]apikey.Secret{secret},
		"a map":                   map[string]apikey.Secret{"key": secret},
		"a struct":                holder{secret, &secret, []apikey.Secret{secret}, map[string]apikey.Secret{"a": secret}, secret},
		"a pointer to a struct":   &holder{Secret: secret, Any: &secret},
		"a credential":            credential,
		"a pointer to credential": &credential,
		"unexported fields":       hidden{secret, credential},
		"nested unexported":       struct{ inner *hidden }{&hidden{secret, credential}},
		"an interface":            struct{ any }{secret},
		"an embedded secret":      struct{ apikey.Secret }{secret},
	}
}

// wantHidden fails where out shows more of the secret than its mask may: any 8 characters of its body in a row, plain,
// in hex, or as a list of byte values.
func wantHidden(t *testing.T, secret apikey.Secret, out string) {
	t.Helper()
	body := strings.TrimPrefix(secret.Reveal(), "vg_live_")
	for i := range len(body) - 8 {
		part := body[i : i+8]
		for _, form := range []string{part, fmt.Sprintf("%x", part), fmt.Sprintf("%X", part), strings.Trim(fmt.Sprint([]byte(part)), "[]")} {
			if strings.Contains(out, form) {
				t.Fatalf("the secret shows in %q", out)
			}
		}
	}
}

// A secret that is printed by accident, with whatever verb and wrapped in whatever, does not show.
func TestASecretNeverShowsInPrint(t *testing.T) {
	secret := apikey.NewSecret("vg", apikey.Production, apikey.NewID(noon))
	for name, value := range holding(secret) {
		t.Run(name, func(t *testing.T) {
			for _, format := range []string{
				"%v", "%+v", "%#v", "%s", "%q", "%#q", "%x", "% x", "%#x", "%X", "%d", "%c", "%U", "%b", "%e", "%t", "%p", "%T", "%w",
				"%10.3s", "%-80v", "%[2]v", "%*d", "%z", "no verb",
			} {
				wantHidden(t, secret, fmt.Sprintf(format, value))
			}
			wantHidden(t, secret, fmt.Sprint("x", value)+fmt.Sprintln(value)+string(fmt.Append(nil, value)))
		})
	}
}

func TestAPrintedSecretIsItsMask(t *testing.T) {
	secret := apikey.NewSecret("vg", apikey.Production, apikey.NewID(noon))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, secret); got != secret.Mask() {
			t.Errorf("%s prints %q, want %q", verb, got, secret.Mask())
		}
	}
	if got := secret.String(); got != secret.Mask() {
		t.Errorf("String() = %q, want %q", got, secret.Mask())
	}
	if got, want := secret.GoString(), "apikey.Secret("+secret.Mask()+")"; got != want {
		t.Errorf("GoString() = %q, want %q", got, want)
	}
}

// An error that holds a secret, rightly or wrongly wrapped, tells the log its mask alone.
func TestASecretNeverShowsInErrors(t *testing.T) {
	secret := apikey.NewSecret("vg", apikey.Production, apikey.NewID(noon))
	format := "using %w" // a variable, since vet refuses what this line tries
	_, parsing := apikey.Parse("vg", secret.Reveal()+"x")
	for name, err := range map[string]error{
		"%v":             fmt.Errorf("using %v", secret),
		"%w of a secret": fmt.Errorf(format, secret),
		"wrapped":        fmt.Errorf("outer: %w", fmt.Errorf("inner %s", secret)),
		"joined":         errors.Join(errors.New("one"), fmt.Errorf("two %+v", hidden{secret: secret})),
		"of parsing":     parsing,
	} {
		t.Run(name, func(t *testing.T) { wantHidden(t, secret, fmt.Sprintf("%v %+v %#v", err, err, err)) })
	}
}

// A secret in a log's attribute, message or group does not show.
func TestASecretNeverShowsInLogs(t *testing.T) {
	secret := apikey.NewSecret("vg", apikey.Production, apikey.NewID(noon))
	handlers := map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(out *bytes.Buffer) slog.Handler { return slog.NewTextHandler(out, nil) },
		"json": func(out *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(out, nil) },
	}
	for form, handler := range handlers {
		for name, value := range holding(secret) {
			t.Run(form+" "+name, func(t *testing.T) {
				var out bytes.Buffer
				logger := slog.New(handler(&out))
				logger.Info(fmt.Sprint(value), "value", value, slog.Group("group", "value", value))
				logger.With("value", value).WithGroup("group").Error("failed", "error", fmt.Errorf("with %v", value))
				log.New(&out, "", 0).Println(value)
				wantHidden(t, secret, out.String())
			})
		}
	}
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "value", secret)
	if !strings.Contains(out.String(), `"value":"`+secret.Mask()+`"`) {
		t.Errorf("the log is %s, and lacks the mask %s", out.String(), secret.Mask())
	}
}

// No encoder writes a secret: not even where it fails.
func TestASecretIsNeverMarshalled(t *testing.T) {
	secret := apikey.NewSecret("vg", apikey.Production, apikey.NewID(noon))
	encoders := map[string]func(any) ([]byte, error){
		"encoding/json":         jsonv1.Marshal,
		"encoding/json, indent": func(v any) ([]byte, error) { return jsonv1.MarshalIndent(v, "", " ") },
		"go-json-experiment":    func(v any) ([]byte, error) { return jsonv2.Marshal(v) },
		"gob": func(v any) ([]byte, error) {
			var out bytes.Buffer
			err := gob.NewEncoder(&out).Encode(v)
			return out.Bytes(), err
		},
	}
	for encoder, marshal := range encoders {
		for name, value := range holding(secret) {
			t.Run(encoder+" "+name, func(t *testing.T) {
				out, err := marshal(value)
				wantHidden(t, secret, string(out)+fmt.Sprint(err))
			})
		}
	}
	for _, encoder := range []string{"encoding/json", "go-json-experiment"} {
		out, err := encoders[encoder](map[string]apikey.Secret{"api_key": secret})
		if want := `{"api_key":"` + secret.Mask() + `"}`; err != nil || string(out) != want {
			t.Errorf("%s gives %s, %v; want %s", encoder, out, err, want)
		}
	}
}

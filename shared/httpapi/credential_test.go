package httpapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadCredential(t *testing.T) {
	malformed := Credential{Malformed: true}
	for name, test := range map[string]struct {
		headers http.Header
		want    Credential
	}{
		"none":                      {nil, Credential{}},
		"a bearer token":            {http.Header{"Authorization": {"Bearer a"}}, Credential{Text: "a"}},
		"in any letter case":        {http.Header{"Authorization": {"bEARER a"}}, Credential{Text: "a"}},
		"spaces around":             {http.Header{"Authorization": {"  Bearer   a  "}}, Credential{Text: "a"}},
		"an API key":                {http.Header{"X-Api-Key": {"a"}}, Credential{Text: "a", InX: true}},
		"spaces around a key":       {http.Header{"X-Api-Key": {" a\t"}}, Credential{Text: "a", InX: true}},
		"the same in both":          {http.Header{"Authorization": {"Bearer a"}, "X-Api-Key": {"a"}}, Credential{Text: "a", InX: true}},
		"the same twice":            {http.Header{"X-Api-Key": {"a", "a"}}, Credential{Text: "a", InX: true}},
		"other schemes don't count": {http.Header{"Authorization": {"Basic b", "Digest c"}, "X-Api-Key": {"a"}}, Credential{Text: "a", InX: true}},
		"no scheme":                 {http.Header{"Authorization": {"a"}}, Credential{}},
		"Bearer of nothing":         {http.Header{"Authorization": {"Bearer "}}, Credential{}},
		"an empty key":              {http.Header{"X-Api-Key": {""}}, Credential{}},
		"two keys":                  {http.Header{"X-Api-Key": {"a", "b"}}, Credential{Text: "a", InX: true, Malformed: true}},
		"two tokens":                {http.Header{"Authorization": {"Bearer a", "Bearer b"}}, Credential{Text: "a", Malformed: true}},
		"one of each":               {http.Header{"Authorization": {"Bearer a"}, "X-Api-Key": {"b"}}, Credential{Text: "a", Malformed: true}},
		"a space within":            {http.Header{"X-Api-Key": {"a b"}}, malformed},
		"a tab within":              {http.Header{"Authorization": {"Bearer a\tb"}}, malformed},
		"a list":                    {http.Header{"X-Api-Key": {"a,a"}}, malformed},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, ReadCredential(test.headers)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever comes: what is no one whole word is malformed, and two different words never pass for one.
func FuzzReadCredential(f *testing.F) {
	f.Add("Bearer a", "a")
	f.Add("bearer  a b", "")
	f.Add("Basic x", "b,c")
	f.Add(" Bearer\ta", "\xff")
	f.Fuzz(func(t *testing.T, authorization, key string) {
		found := ReadCredential(http.Header{"Authorization": {authorization}, "X-Api-Key": {key}})
		if found.Malformed {
			return
		}
		if strings.ContainsAny(found.Text, " \t\r\n,") {
			t.Errorf("the credential %q is no one word", found.Text)
		}
		if trimmed := strings.TrimSpace(key); trimmed != "" && found.Text != trimmed {
			t.Errorf("X-API-Key is %q, and the credential %q", key, found.Text)
		}
		if found.Text != "" && !strings.Contains(authorization, found.Text) && !strings.Contains(key, found.Text) {
			t.Errorf("the credential %q is in neither header", found.Text)
		}
	})
}

// API Gateway gives two maps of headers; a sample or a test may give either. Names mean the same in any letter case.
func TestHeadersOf(t *testing.T) {
	for name, test := range map[string]struct {
		single map[string]string
		multi  map[string][]string
		want   http.Header
	}{
		"both":               {map[string]string{"x-api-key": "b"}, map[string][]string{"x-api-key": {"a", "b"}}, http.Header{"X-Api-Key": {"a", "b"}}},
		"single alone":       {map[string]string{"X-API-KEY": "a"}, nil, http.Header{"X-Api-Key": {"a"}}},
		"multi alone":        {nil, map[string][]string{"aUTHORIZATION": {"a"}}, http.Header{"Authorization": {"a"}}},
		"one name two ways":  {nil, map[string][]string{"X-API-Key": {"a"}, "x-api-key": {"a"}}, http.Header{"X-Api-Key": {"a", "a"}}},
		"each has something": {map[string]string{"A": "1"}, map[string][]string{"B": {"2"}}, http.Header{"A": {"1"}, "B": {"2"}}},
		"none":               {nil, nil, http.Header{}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, headersOf(test.single, test.multi)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

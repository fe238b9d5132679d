package keyring_test

import (
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/keyring"
)

func TestARingThatBreaksARuleIsRefusedByName(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"no JSON":               {`current=k1`, "keyring: not a JSON object"},
		"nothing":               {``, "keyring: not a JSON object"},
		"null":                  {`null`, "keyring: not a JSON object"},
		"a list":                {`["k1"]`, "keyring: not a JSON object"},
		"a second value":        {ringText("k1") + `{}`, "keyring: not a JSON object"},
		"a pepper twice":        {`{"current":"k1","k1":"` + pepper1 + `","k1":"` + pepper2 + `"}`, "keyring: k1: is there twice"},
		"current twice":         {`{"current":"k1","k1":"` + pepper1 + `","current":"k2"}`, "keyring: current: is there twice"},
		"a field twice":         {`{"current":"k1","` + pepper1 + `":1,"` + pepper1 + `":2}`, "keyring: a field: is there twice"},
		"cut off":               {`{"current":"k1","k1":"` + pepper1 + `"`, "keyring: not a JSON object"},
		"no current":            {`{"k1":"` + pepper1 + `"}`, "keyring: current: must be there, and be a string"},
		"current a number":      {`{"current":1,"k1":"` + pepper1 + `"}`, "keyring: current: must be there, and be a string"},
		"current null":          {`{"current":null,"k1":"` + pepper1 + `"}`, "keyring: current: must be there, and be a string"},
		"current unknown":       {`{"current":"k9","k1":"` + pepper1 + `"}`, "keyring: current: names no pepper of the ring"},
		"current itself":        {`{"current":"current"}`, "keyring: current: names no pepper of the ring"},
		"current a pepper":      {`{"current":"` + pepper1 + `","k1":"` + pepper1 + `"}`, "keyring: current: names no pepper of the ring"},
		"pepper too short":      {`{"current":"k1","k1":"` + pepper1[:31] + `"}`, "keyring: k1: a pepper has at least 32 characters, not 31"},
		"pepper not a string":   {`{"current":"k1","k1":{"a":"` + pepper1 + `"}}`, "keyring: k1: must be there, and be a string"},
		"id in capitals":        {`{"current":"K1","K1":"` + pepper1 + `"}`, "2 bytes long, is no pepper's id"},
		"id of 17 characters":   {`{"current":"k1","k1k1k1k1k1k1k1k1k":"` + pepper1 + `"}`, "17 bytes long, is no pepper's id"},
		"empty id":              {`{"current":"","":"` + pepper1 + `"}`, "0 bytes long, is no pepper's id"},
		"id and pepper swapped": {`{"current":"k1","` + pepper1 + `":"k1"}`, "is no pepper's id"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := keyring.ParseRing([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error = %v, want it to say %q", err, test.want)
			}
			assertNoPepper(t, err)
		})
	}
}

func TestTheShortestPepperAndTheLongestIDAreAccepted(t *testing.T) {
	ring := parse(t, `{"current":"k123456789abcdef","k123456789abcdef":"`+pepper1[:32]+`"}`)
	if !ring.Has("k123456789abcdef") {
		t.Error("the pepper is missing")
	}
}

func FuzzParseRing(f *testing.F) {
	f.Add([]byte(ringText("k1")))
	f.Add([]byte(`{"current":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		ring, err := keyring.ParseRing(data)
		if (ring == nil) == (err == nil) {
			t.Fatalf("ring %v, error %v", ring, err)
		}
		if ring != nil && len(ring.Digests(secret)) == 0 {
			t.Error("a ring without a pepper")
		}
	})
}

// assertNoPepper fails when err quotes a pepper, or as much of one as would help to guess it.
func assertNoPepper(t *testing.T, err error) {
	t.Helper()
	for _, pepper := range []string{pepper1, pepper2} {
		if strings.Contains(err.Error(), pepper[:8]) {
			t.Errorf("the error quotes a pepper: %v", err)
		}
	}
}

package acceptance

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// verify asks about a key, with these questions beside it.
func (c *caller) verify(key key, asked ...fields) *answer {
	c.t.Helper()
	question := merge(append([]fields{{"api_key": key.secret}}, asked...)...)
	answer := c.do("POST", "/v1/keys/verify", question)
	answer.wantStatus(http.StatusOK)
	if got := answer.body()["message"]; got != "API key verified successfully" {
		answer.errorf("message = %q", got)
	}
	return answer
}

// wantVerdict checks what is wrong with a key.
func (a *answer) wantVerdict(code, text string) {
	a.t.Helper()
	data := a.data()
	if data["valid"] != false || data["code"] != code || data["error"] != text {
		a.errorf("valid = %v, code = %v, error = %v, want false, %s, %s", data["valid"], data["code"], data["error"], code, text)
	}
}

// wantUnknown checks that the answer tells nothing but why.
func (a *answer) wantUnknown(code, text string) {
	a.t.Helper()
	want := fields{"valid": false, "code": code, "error": text}
	for _, name := range []string{"key_id", "name", "status", "environment", "organization", "owner", "expires_at", "permissions", "scopes", "rate_limit"} {
		want[name] = nil
	}
	if diff := cmp.Diff(want, a.data()); diff != "" {
		a.errorf("data (-want +got):\n%s", diff)
	}
	a.wantHeader("X-RateLimit-Limit", "0") // they are the verified key's, and there is none
}

// What verify says of a credential that it does not know.
const (
	textUnknown     = "There is no such key. It may have been deleted or mistyped."
	textMalformed   = "This is no key. Check that it is whole, without extra spaces, and that only one is sent."
	textEnvironment = "The key belongs to another environment. Use it on its own environment's endpoint."
)

func testVerify(t *testing.T, target Target) {
	t.Run("a good key, with its limits", func(t *testing.T) { testVerifyGood(t, newMember(t, target)) })
	ann := newMember(t, target)
	key, staging := ann.create(), ann.create(fields{"environment": "staging"})
	t.Run("what nobody knows, and what is another organization's, look the same", func(t *testing.T) {
		ann := ann.in(t)
		bob := newMember(t, target)
		foreign := ann.verify(bob.create())
		foreign.wantUnknown("key_unknown", textUnknown)
		made := ann.verify(madeUp(key, "production"))
		made.wantUnknown("key_unknown", textUnknown)
		if foreign.text != made.text {
			t.Errorf("they can be told apart:\n%s\n%s", foreign.text, made.text)
		}
	})
	for name, secret := range map[string]string{
		"not a key": "nonsense", "truncated": key.secret[:39], "changed": flipped(key.secret), "two": key.secret + " " + key.secret,
		"another brand": "xx" + key.secret[2:], "a character too many": key.secret + "0",
	} {
		t.Run(name+" is malformed", func(t *testing.T) {
			in := key
			in.secret = secret
			ann.in(t).verify(in).wantUnknown("credential_malformed", textMalformed)
		})
	}
	t.Run("surrounding spaces are trimmed", func(t *testing.T) {
		in := key
		in.secret = "  " + key.secret + "\n"
		if got := ann.in(t).verify(in).data()["valid"]; got != true {
			t.Errorf("valid = %v", got)
		}
	})
	t.Run("another environment's", func(t *testing.T) {
		ann := ann.in(t)
		ann.verify(staging).wantUnknown("wrong_environment", textEnvironment)
		ann.verify(key, fields{"environment": "staging"}).wantUnknown("wrong_environment", textEnvironment)
		if got := ann.verify(staging, fields{"environment": "staging"}).data()["valid"]; got != true {
			t.Errorf("a staging key asked about in staging: valid = %v", got)
		}
	})
	for name, test := range map[string]struct {
		asked fields
		code  string
		text  any
	}{
		"a service alone":       {fields{"service": "dns"}, "allowed", nil},
		"a route":               {fields{"service": "dns", "method": "GET", "path": "/zones"}, "allowed", nil},
		"a permission":          {fields{"permission": "dns:write"}, "allowed", nil},
		"a route and more":      {fields{"service": "dns", "method": "POST", "path": "/zones", "permission": "billing:read"}, "allowed", nil},
		"an address":            {fields{"ip": "2001:db8::1"}, "allowed", nil},
		"customer and account":  {fields{"customer": "c1", "account": "a1"}, "allowed", nil},
		"no such route":         {fields{"service": "dns", "method": "GET", "path": "/nothing"}, "permission_denied", noSuchRoute},
		"no such method":        {fields{"service": "dns", "method": "PUT", "path": "/zones"}, "permission_denied", noSuchRoute},
		"an encoded slash":      {fields{"service": "dns", "method": "GET", "path": "/zones%2F"}, "permission_denied", noSuchRoute},
		"a dot segment":         {fields{"service": "dns", "method": "GET", "path": "/./zones"}, "permission_denied", noSuchRoute},
		"an encoded dot":        {fields{"service": "dns", "method": "GET", "path": "/x/%2e%2e/zones"}, "permission_denied", noSuchRoute},
		"an empty segment":      {fields{"service": "dns", "method": "GET", "path": "//zones"}, "permission_denied", noSuchRoute},
		"a control byte":        {fields{"service": "dns", "method": "GET", "path": "/zones%00"}, "permission_denied", noSuchRoute},
		"encoded but plain":     {fields{"service": "dns", "method": "GET", "path": "/%7aones"}, "allowed", nil},
		"encoded twice is once": {fields{"service": "dns", "method": "GET", "path": "/%257aones"}, "permission_denied", noSuchRoute},
	} {
		t.Run(name, func(t *testing.T) {
			data := ann.in(t).verify(key, test.asked).data()
			if data["valid"] != (test.code == "allowed") || data["code"] != test.code || data["error"] != test.text {
				t.Errorf("valid = %v, code = %v, error = %v", data["valid"], data["code"], data["error"])
			}
		})
	}
	t.Run("a key out of its limit", func(t *testing.T) { testVerifyLimited(t, ann.in(t)) })
}

const noSuchRoute = "No route of this service has this method and path. Check both."

func testVerifyGood(t *testing.T, ann *caller) {
	key := ann.create(fields{"tier": "free"})
	inOneMinute(t, func() ([]*answer, error) {
		fresh := ann.create(fields{"tier": "free"})
		said := ann.verify(fresh)
		data := said.data()
		limit, reset := 10.0, float64(said.number("X-RateLimit-Reset"))
		want := fields{
			"valid": true, "code": "allowed", "error": nil, "key_id": fresh.id, "name": fresh.name, "status": "active",
			"environment": "production", "organization": data["organization"], "owner": ann.name, "expires_at": fresh.data["expires_at"],
			"permissions": []any{"*:*"}, "scopes": fields{"services": "all", "customers": "all", "accounts": "all"},
			"rate_limit": fields{"limit": limit, "remaining": 9.0, "reset": reset},
		}
		if diff := cmp.Diff(want, data); diff != "" {
			return nil, errors.New(diff)
		}
		said.wantHeader("X-RateLimit-Limit", "10")
		said.wantHeader("X-RateLimit-Remaining", "9")
		if organization, _ := data["organization"].(string); organization == "" {
			said.errorf("there is no organization")
		}
		return []*answer{said}, nil
	})
	ann.verify(key)
	if used := ann.do("GET", key.path(), nil).data()["usage"].(fields)["requests_today"]; used != 1.0 {
		t.Errorf("a verified key has %v requests today, want 1", used)
	}
}

func testVerifyLimited(t *testing.T, ann *caller) {
	inOneMinute(t, func() ([]*answer, error) {
		key := ann.create(fields{"rate_limit": 1})
		first, second := ann.verify(key), ann.verify(key)
		answers := []*answer{first, second}
		if !sameWindow(answers) {
			return answers, nil
		}
		data := second.data()
		if first.data()["valid"] != true || data["valid"] != false || data["code"] != "rate_limited" || !isLimitText(data["error"], 1) {
			second.errorf("the second use of a limit of 1")
		}
		if got := data["rate_limit"].(fields)["remaining"]; got != 0.0 {
			second.errorf("remaining = %v", got)
		}
		return answers, nil
	})
}

// madeUp is a key that looks as like but was never made: its secret is the one of another, but for one character, with
// the checksum that belongs to it.
func madeUp(like key, environment string) key {
	like.secret = forged(like.secret[8:16], environment)
	return like
}

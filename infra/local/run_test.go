package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// made is a key as its create answered.
type made struct {
	KeyID  string `json:"key_id"`
	APIKey string `json:"api_key"`
}

// create makes a key of a name; more is what the body has beside it.
func (p *process) create(token, name, more string) made {
	p.t.Helper()
	status, body := p.do("POST", "/v1/keys", fmt.Sprintf(`{"name":%q%s}`, name, more), bearer(token))
	if status != http.StatusCreated {
		p.t.Fatalf("creating %s: %d %s", name, status, body)
	}
	var answer struct {
		Data made `json:"data"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		p.t.Fatal(err)
	}
	return answer.Data
}

func (p *process) want(status int, method, path, body string, headers map[string]string) string {
	p.t.Helper()
	got, text := p.do(method, path, body, headers)
	if got != status {
		p.t.Errorf("%s %s: %d %s, want %d", method, path, got, text, status)
	}
	return text
}

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

func holder(key made) map[string]string { return map[string]string{"X-API-Key": key.APIKey} }

// A newcomer's first minutes, on the real program: it starts, gives a token, makes a key that works, stops at Ctrl-C,
// and finds everything again.
func TestRun_asANewcomerDoes(t *testing.T) {
	data := t.TempDir() + "/kept"
	first := start(t, data)
	session := token(t, data, "dev")
	key := first.create(session, "first", "")
	first.want(http.StatusOK, "GET", "/sample/production/zones", "", holder(key))
	revoked := first.create(session, "second", "")
	first.want(http.StatusOK, "DELETE", "/v1/keys/"+revoked.KeyID, "", bearer(session))
	if lines := strings.Count(first.stdout.String(), "\n"); lines > 24 {
		t.Errorf("it says hello in %d lines, which is more than a screen", lines)
	}
	if code := first.interrupt(); code != 0 {
		t.Errorf("Ctrl-C: exit code %d\n%s", code, first.stderr.String())
	}
	if text := first.stderr.String(); text != "" {
		t.Errorf("stderr: %s", text)
	}

	second := start(t, data)
	second.want(http.StatusOK, "GET", "/sample/production/zones", "", holder(key))
	second.want(http.StatusUnauthorized, "GET", "/sample/production/zones", "", holder(revoked))
	if list := second.want(http.StatusOK, "GET", "/v1/keys?status=all", "", bearer(session)); !strings.Contains(list, key.KeyID) || !strings.Contains(list, revoked.KeyID) {
		t.Errorf("a second start does not find the keys again: %s", list) // nor the provider's key: the token is the old one
	}
}

// What was acknowledged is on the disk: kill -9 at once loses none of it.
func TestRun_kill9LosesNothingThatWasAcknowledged(t *testing.T) {
	data := t.TempDir()
	var kept, gone []made
	for round := range 5 {
		p := start(t, data)
		session := token(t, data, "dev")
		for _, key := range kept {
			p.want(http.StatusOK, "GET", "/sample/production/zones", "", holder(key))
		}
		for _, key := range gone {
			p.want(http.StatusUnauthorized, "GET", "/sample/production/zones", "", holder(key))
		}
		if round%2 == 0 {
			kept = append(kept, p.create(session, fmt.Sprint("kept ", round), ""))
		} else {
			last := kept[len(kept)-1]
			kept, gone = kept[:len(kept)-1], append(gone, last)
			p.want(http.StatusOK, "DELETE", "/v1/keys/"+last.KeyID, "", bearer(session))
		}
		p.kill()
	}
	if len(kept) == 0 || len(gone) == 0 {
		t.Fatal("nothing was tried")
	}
}

// Different members are in organizations of their own.
func TestToken_eachMemberHasAnOrganization(t *testing.T) {
	data := t.TempDir()
	dev, alice := token(t, data, "dev"), token(t, data, "alice") // before the first run, too
	p := start(t, data)
	key := p.create(dev, "dev's", "")
	p.want(http.StatusNotFound, "GET", "/v1/keys/"+key.KeyID, "", bearer(alice))
	p.create(alice, "dev's", "")
}

// A wrong setting ends the start, and its name is told.
func TestRun_saysWhatIsWrong(t *testing.T) {
	data := t.TempDir()
	for name, test := range map[string]struct {
		env  []string
		args []string
		want string
	}{
		"address":     {[]string{"KEYWARD_ADDR=nowhere"}, []string{"run"}, "KEYWARD_ADDR"},
		"store":       {[]string{"KEYWARD_STORE=postgres"}, []string{"run"}, "KEYWARD_STORE"},
		"no endpoint": {[]string{"KEYWARD_STORE=dynamodb"}, []string{"run"}, "AWS_ENDPOINT_URL_DYNAMODB"},
		"catalog":     {[]string{"KEYWARD_CATALOG=/nowhere.yaml"}, []string{"run"}, "KEYWARD_CATALOG"},
		"proxies":     {[]string{"KEYWARD_TRUSTED_PROXIES=somewhere"}, []string{"run"}, "KEYWARD_TRUSTED_PROXIES"},
		"log level":   {[]string{"KEYWARD_LOG_LEVEL=loud"}, []string{"run"}, "KEYWARD_LOG_LEVEL"},
		"sign-up":     {[]string{"KEYWARD_SIGNUP=open"}, []string{"run"}, "KEYWARD_SIGNUP"},
		"data":        {[]string{"KEYWARD_DATA=/dev/null/x"}, []string{"run"}, "KEYWARD_DATA"},
		"command":     {nil, []string{"walk"}, "walk"},
		"member":      {nil, []string{"token", "-member", "no body"}, "no body"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stderr := exitCode(t, data, test.env, test.args...)
			if code != 1 || !strings.Contains(stderr, test.want) {
				t.Errorf("exit code %d, want 1; stderr %q must name %s", code, stderr, test.want)
			}
		})
	}
}

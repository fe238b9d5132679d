package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// No secret is in any log line, whatever the level, nor in any file but the one that is made to keep it, after a run in
// which callers put their secrets everywhere that callers do: API keys, session tokens, idempotency keys, the peppers
// and the provider's signing key.
func TestRun_leavesNoSecretAnywhere(t *testing.T) {
	data := t.TempDir()
	p := start(t, data, "KEYWARD_LOG_LEVEL=debug")
	session := token(t, data, "dev")
	secrets := map[string]string{"session token": session, "its signature": session[strings.LastIndex(session, ".")+1:]}
	for name, key := range fullRun(t, p, session) {
		secrets[name] = key
	}
	for name, secret := range kept(t, data) {
		secrets[name] = secret
	}
	search := func(when string) {
		printed := map[string][]byte{"stdout": []byte(p.stdout.String()), "stderr": []byte(p.stderr.String())}
		for where, text := range merged(printed, contents(t, data)) {
			for name, secret := range secrets {
				if bytes.Contains(text, []byte(secret)) && keeper[name] != where {
					t.Errorf("%s, %s has the %s", when, where, name)
				}
			}
		}
	}
	search("while it runs") // what SQLite has not yet moved from its log to its file is there too
	if code := p.interrupt(); code != 0 {
		t.Errorf("Ctrl-C: exit code %d", code)
	}
	search("after its end")
	if !strings.Contains(p.stderr.String(), "msg=decision") {
		t.Error("the log has no decisions: nothing was searched")
	}
}

// keeper is the one file that may hold a secret.
var keeper = map[string]string{"pepper": "peppers.json", "signing key": "oidc-key.json"}

// fullRun does all that the API can do, well and badly. It gives the secrets that it used.
func fullRun(t *testing.T, p *process, session string) map[string]string {
	t.Helper()
	const idempotency = "idempotency-key-8f2c1d7a"
	secrets := map[string]string{"idempotency key": idempotency}
	as := bearer(session)
	for i, more := range []string{"", `,"tier":"free"`, `,"environment":"staging"`, `,"expires_in":"never"`} {
		key := p.create(session, fmt.Sprint("key ", i), more)
		secrets[fmt.Sprint("key ", i)], secrets[fmt.Sprint("random part of key ", i)] = key.APIKey, key.APIKey[len(key.APIKey)-24:]
		useEverywhere(p, key, as)
	}
	once := map[string]string{"Authorization": "Bearer " + session, "Idempotency-Key": idempotency}
	for _, name := range []string{"once", "once", "twice"} {
		_, body := p.do("POST", "/v1/keys/generate", fmt.Sprintf(`{"name":%q}`, name), once)
		var answer struct {
			Data made `json:"data"`
		}
		if json.Unmarshal([]byte(body), &answer) == nil && answer.Data.APIKey != "" {
			secrets["idempotent key"] = answer.Data.APIKey
		}
	}
	if secrets["idempotent key"] == "" {
		t.Error("the idempotent create made no key")
	}
	return secrets
}

// useEverywhere sends a key where it belongs and where it does not, and revokes it.
func useEverywhere(p *process, key made, as map[string]string) {
	secret, escaped := key.APIKey, url.QueryEscape(key.APIKey)
	for range 12 { // beyond the free tier's limit
		p.do("GET", "/sample/production/zones?api_key="+escaped, "", holder(key))
	}
	p.do("GET", "/sample/staging/zones", "", bearer(secret))
	p.do("GET", "/sample/production/zones/"+secret, "", bearer(secret))
	p.do("GET", "/v1/keys/"+secret, "", as)
	p.do("GET", "/v1/keys?q="+escaped+"&cursor="+escaped, "", as)
	p.do("GET", "/v1/keys?"+escaped+"=1", "", as)
	p.do("GET", "/v1/keys", "", map[string]string{"Authorization": as["Authorization"], "X-Organization": secret})
	p.do("GET", "/v1/keys", "", map[string]string{"Authorization": as["Authorization"], "X-API-Key": secret})
	p.do("PATCH", "/v1/keys/"+key.KeyID, `{"tier":"pro"}`, map[string]string{"Authorization": as["Authorization"], "If-Match": secret})
	for _, body := range []string{
		`{"api_key":%q}`, `{"api_key":%q,"service":"dns","method":"GET","path":"/zones"}`, `{"api_key":%q}{}`, `{"api_key":%q,`,
		`{"api_key":[%q]}`, `{%q:1}`, `[%q]`, `%q`, `{"api_key":"x","environment":%q}`, `{"api_key":"x","service":%q}`, `{"api_key":"x","permission":%q}`,
	} {
		p.do("POST", "/v1/keys/verify", fmt.Sprintf(body, secret), as)
		p.do("POST", "/v1/keys/verify", fmt.Sprintf(body, secret), holder(key))
	}
	for _, body := range []string{`{"name":"x","tier":%q}`, `{"name":"x","environment":%q}`, `{"name":"x","expires_in":%q}`, `{"name":"x","rate_limit":%q}`} {
		p.do("POST", "/v1/keys", fmt.Sprintf(body, secret), as)
	}
	p.do("GET", "/v1/authorize/production/dns/zones?key="+escaped, "", holder(key))
	p.do("GET", "/v1/authorize/production/"+secret+"/zones", "", holder(key))
	p.do("POST", "/v1/authorize/production/dns", "", map[string]string{"X-API-Key": secret, "X-Forwarded-Uri": "/zones?api_key=" + escaped, "X-Forwarded-Method": "GET"})
	p.want(http.StatusOK, "DELETE", "/v1/keys/"+key.KeyID, "", as)
	p.do("GET", "/sample/production/zones", "", holder(key))
}

// kept are the secrets of the data folder itself.
func kept(t *testing.T, data string) map[string]string {
	t.Helper()
	var peppers struct{ K1 string }
	var signing struct{ D string }
	for file, into := range map[string]any{"peppers.json": &peppers, "oidc-key.json": &signing} {
		text, err := os.ReadFile(filepath.Join(data, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(filepath.Join(data, file)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v, want 0600", file, info.Mode(), err)
		}
	}
	if len(peppers.K1) < 32 || len(signing.D) < 32 {
		t.Fatal("the pepper or the signing key was not found")
	}
	return map[string]string{"pepper": peppers.K1, "signing key": signing.D}
}

// contents are all files under the data folder.
func contents(t *testing.T, data string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(data), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[path], err = os.ReadFile(filepath.Join(data, path))
		return err
	})
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

func merged(a, b map[string][]byte) map[string][]byte {
	for name, text := range b {
		a[name] = text
	}
	return a
}

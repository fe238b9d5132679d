package house_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/infra/local/house"
	"github.com/keyward/keyward/infra/local/house/housetest"
	"github.com/keyward/keyward/shared/journal"
	"github.com/keyward/keyward/shared/metric"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/session/devoidc"
)

// mark is in everything that a caller of this test writes freely.
const mark = "mArKeD"

// logs is all that a house logs.
type logs struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(p)
}

func (l *logs) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.String()
}

// logged is a house with lines of JSON as on AWS, at the lowest level, and what it logs.
func logged(t *testing.T) (http.Handler, *devoidc.Provider, *logs) {
	t.Helper()
	dir, lines := t.TempDir(), new(logs)
	provider, err := devoidc.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	identities := httptest.NewServer(provider.Handler())
	t.Cleanup(identities.Close)
	parts := housetest.Parts(t, housetest.SQLite(t), dir)
	parts.Session = session.Config{JWKSURL: identities.URL + "/jwks.json"}
	parts.Log = slog.New(slog.NewJSONHandler(lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	parts.Journal = journal.Embedded(lines, "keyward", 1, new(metric.Tally))
	handler, err := house.New(parts, provider.Handler())
	if err != nil {
		t.Fatal(err)
	}
	return handler, provider, lines
}

// Whatever callers write, wherever they write it, is in no line of the log: no credential, good or bad, no path, query,
// header, name or e-mail. Each request that a function saw has its lines, and each line is JSON.
func TestLog_holdsNothingThatACallerWrote(t *testing.T) {
	handler, provider, lines := logged(t)
	token, err := provider.Token("dev", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	made := serve(handler, "POST", "/v1/keys", `{"name":"`+mark+`","tier":"pro"}`, http.Header{"Authorization": {"Bearer " + token}})
	var created struct {
		Data struct {
			APIKey string `json:"api_key"`
			KeyID  string `json:"key_id"`
		}
	}
	if err := json.Unmarshal(made.Body.Bytes(), &created); err != nil || created.Data.APIKey == "" {
		t.Fatalf("no key was made: %s", made.Body)
	}
	key := created.Data.APIKey
	asker := asker{token: token, key: key, id: created.Data.KeyID}
	asker.well(handler)
	searched := 0
	rapid.Check(t, func(t *rapid.T) {
		method, target, body, headers := asker.request(t)
		serve(handler, method, target, body, headers)
		all := lines.text()
		for line := range strings.Lines(all[searched:]) {
			if !json.Valid([]byte(line)) {
				t.Fatalf("no JSON: %s", line)
			}
			for what, secret := range map[string]string{
				"the mark": mark, "the key": key, "its random part": key[len(key)-24:], "the token": token, "its signature": token[strings.LastIndexByte(token, '.')+1:],
			} {
				if strings.Contains(line, secret) {
					t.Fatalf("%s %s: %s is in %s", method, target, what, line)
				}
			}
		}
		searched = len(all)
	})
	for _, kind := range []string{`"msg":"decision"`, `"msg":"request"`, `"surface":"forward"`, `"surface":"verify"`, `"code":"allowed"`, `"code":"credential_malformed"`, `"request_id":"chosen-`} {
		if !strings.Contains(lines.text(), kind) {
			t.Errorf("no line has %s: nothing was searched", kind)
		}
	}
}

func serve(handler http.Handler, method, target, body string, headers http.Header) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, target, strings.NewReader(body))
	request.Header = headers
	if request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/json")
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

// asker makes requests that are right in part, and marked elsewhere.
type asker struct{ token, key, id string }

// well asks for a decision of each surface, so that there are lines to search whatever is drawn.
func (a asker) well(handler http.Handler) {
	holder := func() http.Header { return http.Header{"X-Api-Key": {a.key}} }
	serve(handler, "GET", "/sample/production/zones?"+mark, "", holder())
	serve(handler, "GET", "/v1/authorize/production/dns/zones/"+mark, "", holder())
	serve(handler, "POST", "/v1/keys/verify", `{"api_key":"`+a.key+`"}`, http.Header{"Authorization": {"Bearer " + a.token}})
	serve(handler, "GET", "/sample/production/zones", "", http.Header{"X-Api-Key": {mark}, "X-Amzn-Requestid": {a.key}})
}

// request is one to any of the endpoints, with marks and secrets wherever a caller can put one.
func (a asker) request(t *rapid.T) (method, target, body string, headers http.Header) {
	draw := func(what string, options ...string) string { return rapid.SampledFrom(options).Draw(t, what) }
	free := func(what string) string { return draw(what, mark, a.key, a.token, "x"+mark+"\\n\"}{", "dns", a.id) }
	segment := func(what string) string { return draw(what, mark, a.key, "zones", a.id, "%22"+mark+"%0a") }
	target = draw("path", "/v1/keys", "/v1/keys/generate", "/v1/keys/"+segment("id"), "/v1/keys/"+a.id, "/v1/keys/"+a.id+"/explain", "/v1/keys/verify",
		"/v1/account", "/v1/members", "/v1/members/"+segment("member"), "/v1/roles/"+segment("role"), "/v1/catalog", "/.well-known/jwks.json",
		"/v1/authorize/production/dns", "/v1/authorize/production/dns/"+segment("tail"), "/v1/authorize/"+segment("environment")+"/"+segment("service"),
		"/sample/production/zones", "/sample/staging/zones", "/sample/production/"+segment("sample"), "/"+segment("nowhere"))
	target += draw("query", "", "?api_key="+mark, "?"+mark+"="+mark, "?cursor="+mark+"&q="+mark, "?limit="+mark)
	headers = http.Header{"User-Agent": {mark}, "X-Request-Id": {mark}}
	maybe := func(name string, values ...string) {
		if value := draw(name, append(values, "", "")...); value != "" {
			headers.Set(name, value)
		}
	}
	maybe("Authorization", "Bearer "+a.token, "Bearer "+a.token, "Bearer "+a.key, "Basic "+mark, "Bearer "+forged())
	maybe("X-Api-Key", a.key, a.key, mark, a.key[:len(a.key)-1]+"0", "vg_live_"+mark)
	maybe("X-Amzn-Requestid", mark, a.key)
	maybe("X-Organization", mark, "org_"+mark)
	maybe("Idempotency-Key", "0123456789"+mark, mark)
	maybe("If-Match", mark, `"`+mark+`"`)
	maybe("Content-Type", "application/json", "text/"+mark)
	maybe("X-Forwarded-Method", "GET", mark)
	maybe("X-Forwarded-Uri", "/zones/"+mark+"?"+mark, mark)
	maybe("X-Forwarded-For", mark, "203.0.113.9")
	return draw("method", "GET", "GET", "POST", "POST", "PATCH", "PUT", "DELETE", mark), target, a.body(draw, free), headers
}

func (a asker) body(draw func(string, ...string) string, free func(string) string) string {
	field := draw("field", "name", "description", "owner", "tier", "environment", "email", "expires_in", "service", "method", "path", "permission", "ip", mark)
	return draw("body", "", mark, fmt.Sprintf(`{%q:%q}`, field, free("value")), fmt.Sprintf(`{"api_key":%q,%q:%q}`, free("api_key"), field, free("value")),
		fmt.Sprintf(`{"api_key":%q,"service":"dns","method":"GET","path":"/zones/%s"}`, a.key, mark),
		fmt.Sprintf(`{"name":%q,"metadata":{%q:%q},"ip_allow":[{"cidr":%q,"note":%q}]}`, free("name"), mark, mark, free("cidr"), mark))
}

// forged is a token whose every claim is marked, and which nobody signed.
func forged() string {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	return part(`{"alg":"`+mark+`","kid":"`+mark+`"}`) + "." + part(`{"iss":"`+mark+`","sub":"`+mark+`","aud":"`+mark+`","exp":99999999999}`) + "." + part(mark)
}

package house_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/house"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/session/devoidc"
	"github.com/keyward/keyward/shared/sqlite"
	"github.com/keyward/keyward/shared/wire"
)

// BenchmarkVerify measures POST /v1/keys/verify and forward-auth by 16 callers at once, each with a key of its own or
// all with one, without the network: what the house itself costs.
func BenchmarkVerify(b *testing.B) {
	bench := newBench(b)
	for name, requestOf := range map[string]func(key string) *http.Request{"verify": bench.verify, "forward": forward} {
		for _, keys := range []int{1, len(bench.keys)} {
			b.Run(fmt.Sprintf("%s/keys=%d", name, keys), func(b *testing.B) {
				bench.measure(b, func(n int64) *http.Request { return requestOf(bench.keys[n%int64(keys)]) })
			})
		}
	}
}

// benchCallers is how many callers there are at once.
const benchCallers = 16

// benchHouse is a house with a member, a key that verifies and the keys that are verified.
type benchHouse struct {
	handler http.Handler
	token   string
	caller  string
	keys    []string
}

func newBench(b *testing.B) *benchHouse {
	dir := b.TempDir()
	provider, err := devoidc.Open(dir)
	must(b, err)
	identities := httptest.NewServer(provider.Handler())
	b.Cleanup(identities.Close)
	store, err := sqlite.Open(b.Context(), filepath.Join(dir, "keyward.db"))
	must(b, err)
	b.Cleanup(func() { must(b, store.Close()) })
	config, err := wire.ReadConfig(func(name string) string {
		return map[string]string{
			"KEYWARD_ISSUER": devoidc.Issuer, "KEYWARD_AUDIENCE": devoidc.Audience,
			"KEYWARD_SIGNUP": string(session.SignupPersonal), "KEYWARD_LOG_LEVEL": "warn",
		}[name]
	}, policy.Load)
	must(b, err)
	config.Catalog.Tiers[len(config.Catalog.Tiers)-1].RequestsPerMinute = 1 << 40 // no run comes near it
	handler, err := house.New(wire.Parts{
		Config:  config,
		Store:   store,
		Keyring: keyring.New(keyring.File{Path: filepath.Join(dir, "peppers.json")}, func(err error) { b.Error(err) }),
		Now:     time.Now,
		Log:     slog.New(slog.DiscardHandler),
		Session: session.Config{JWKSURL: identities.URL + "/jwks.json"},
	}, provider.Handler())
	must(b, err)
	bench := &benchHouse{handler: handler}
	bench.token, err = provider.Token("dev", time.Now())
	must(b, err)
	bench.caller = bench.create(b, "caller")
	for n := range 256 {
		bench.keys = append(bench.keys, bench.create(b, fmt.Sprint("key ", n)))
	}
	return bench
}

func (h *benchHouse) create(b *testing.B, name string) string {
	body := fmt.Sprintf(`{"name":%q,"tier":"enterprise"}`, name)
	recorder := h.serve(request(http.MethodPost, "/v1/keys", body, "Authorization", "Bearer "+h.token))
	var created struct {
		Data struct {
			APIKey string `json:"api_key"`
		} `json:"data"`
	}
	must(b, json.Unmarshal(recorder.Body.Bytes(), &created))
	if created.Data.APIKey == "" {
		b.Fatal(recorder.Body)
	}
	return created.Data.APIKey
}

func (h *benchHouse) verify(key string) *http.Request {
	return request(http.MethodPost, "/v1/keys/verify", `{"api_key":"`+key+`"}`, "X-Api-Key", h.caller)
}

func forward(key string) *http.Request {
	return request(http.MethodGet, "/v1/authorize/production/dns/zones", "", "X-Api-Key", key)
}

func request(method, path, body, header, value string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set(header, value)
	r.Header.Set("Content-Type", "application/json")
	return r
}

func (h *benchHouse) serve(r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	h.handler.ServeHTTP(recorder, r)
	return recorder
}

// measure serves b.N requests. Beside the time it gives the CPU time of the process, which holds the making of a
// request and of a recorder too.
func (h *benchHouse) measure(b *testing.B, requestOf func(n int64) *http.Request) {
	b.ReportAllocs()
	used := cpuTime(b)
	var next atomic.Int64
	var callers sync.WaitGroup
	for range benchCallers {
		callers.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				if recorder := h.serve(requestOf(n)); recorder.Code >= http.StatusBadRequest {
					b.Error(recorder.Code, recorder.Body)
					return
				}
			}
		})
	}
	callers.Wait()
	b.ReportMetric(float64((cpuTime(b)-used).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

package faults

import (
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/infra/local/house"
	"github.com/keyward/keyward/infra/local/house/housetest"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/session/devoidc"
	"github.com/keyward/keyward/shared/wire"
)

// TestMain runs eight tests at once, unless told otherwise: most of the time they wait for a retry.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	dynamotest.Main(m)
}

// home is a house on a table of its own, behind lines that break, with a clock that stands still until it is moved.
type home struct {
	*testing.T
	url        string
	table      string
	dynamo     *line
	identities *line
	provider   *devoidc.Provider
	parts      wire.Parts
	clock      *clock
	log        *ledger
}

// open opens a house; edits change what it is built of, before it is.
func open(t *testing.T, edits ...func(*home)) *home {
	t.Helper()
	t.Parallel()
	h := &home{T: t, table: dynamotest.NewTable(t), clock: newClock(), log: &ledger{}}
	provider, err := devoidc.Open(t.TempDir())
	h.must(err)
	h.provider = provider
	identities := httptest.NewServer(provider.Handler())
	t.Cleanup(identities.Close)
	h.dynamo, h.identities = newLine(t, *dynamotest.NewClient().Options().BaseEndpoint), newLine(t, identities.URL)
	h.parts = h.newParts(h.clock.Now)
	for _, edit := range edits {
		edit(h)
	}
	h.url = h.serve(h.parts)
	return h
}

// newParts are those of a house on the table, whose clock is now.
func (h *home) newParts(now func() time.Time) wire.Parts {
	h.Helper()
	store := dynamo.New(newClient(h.dynamo.server.URL), h.table)
	store.Now = now
	parts := housetest.Parts(h, store, h.TempDir())
	parts.Now = now
	parts.Log = slog.New(slog.NewJSONHandler(h.log, nil))
	parts.Session = session.Config{JWKSURL: h.identities.server.URL + "/jwks.json"}
	return parts
}

// serve has a house answer until the test ends.
func (h *home) serve(parts wire.Parts) (url string) {
	h.Helper()
	built, err := house.New(parts, h.provider.Handler())
	h.must(err)
	server := httptest.NewServer(built)
	h.Cleanup(server.Close)
	return server.URL
}

// newClient is a client of DynamoDB as the functions have it, but for its patience: a busy machine is none of the faults that
// are shown here.
func newClient(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamotest.NewClient().Options(), func(o *dynamodb.Options) { o.BaseEndpoint = &endpoint })
}

// another is a house as another process has it, on the same table and with the same secrets, whose clock is wrong by skew.
func (h *home) another(skew time.Duration) (url string) {
	h.Helper()
	parts := h.newParts(h.clock.skewed(skew))
	parts.Keyring, parts.Signing, parts.Vault = h.parts.Keyring, h.parts.Signing, h.parts.Vault
	return h.serve(parts)
}

// clock stands still until it is moved.
type clock struct{ at atomic.Int64 }

// newClock begins in the middle of a minute of today: session tokens and new keys are judged by it alone.
func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Now().Truncate(time.Minute).Add(30 * time.Second).UnixNano())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(0, c.at.Load()).UTC() }
func (c *clock) Advance(d time.Duration) { c.at.Add(int64(d)) }

// skewed is the same clock, wrong by d.
func (c *clock) skewed(d time.Duration) func() time.Time {
	return func() time.Time { return c.Now().Add(d) }
}

// ledger keeps what was logged.
type ledger struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *ledger) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String is all that was logged.
func (l *ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (h *home) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// token signs a member in.
func (h *home) token(member string) string {
	h.Helper()
	token, err := h.provider.Token(member, h.clock.Now())
	h.must(err)
	return token
}

// cleanUp runs cleanup until it has nothing left to do, as the schedule would: it ends a run in which something failed.
func (h *home) cleanUp() {
	h.Helper()
	for range 5 {
		done, err := h.parts.Cleanup()(h.Context(), nil)
		h.must(err)
		if done.Finished {
			return
		}
	}
	h.Error("cleanup does not come to an end")
}

// client is everybody who asks the houses. It sends nothing twice by itself.
var client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

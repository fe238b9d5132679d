package journal

import (
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// Kind says what an entry is about; it is the line's msg.
type Kind string

// The kinds.
const (
	Decision Kind = "decision" // somebody asked whether a request may go on
	Request  Kind = "request"  // an endpoint answered
	Run      Kind = "run"      // a function did what nobody waits for
)

// unnamed is the kind of a line that stands for allowed decisions and says of none whose it was.
const unnamed Kind = "decisions"

// Surface says who asked for a decision: the kind of API, or the endpoint.
type Surface string

// The surfaces.
const (
	REST      Surface = "rest"
	HTTP      Surface = "http"
	WebSocket Surface = "websocket"
	AppSync   Surface = "appsync"
	Forward   Surface = "forward"
	Verify    Surface = "verify"
)

// Done is the code of an entry that is no decision and went well.
const Done = "ok"

// Version is the version of the lines' fields. It grows when a field goes or changes its meaning, not when one comes.
const Version = 1

// Entry is what a line says. What is empty is left out. None of it may be a text that a caller can choose: names come
// from the catalog, from the table of routes, from records, and ids were found in the store.
type Entry struct {
	Kind         Kind
	RequestID    string // see RequestID
	Surface      Surface
	Code         string // a decision's reason, a fault's code, or Done
	Status       int    // of the answer that the code stands for; 0: there is none
	KeyID        string // the key that was decided about, or that made the request
	Member       string // the member who made the request: the hash of issuer and subject
	By           string // who asked for a verify: key:<key id> or member:<hash>
	Organization string
	Environment  string
	Service      string
	Method       string // see Method
	Resource     string // the route's pattern
	Address      netip.Addr
	Took         time.Duration
}

// allowed reports whether the entry is one of the many that need not all be written.
func (e Entry) allowed() bool { return e.Kind == Decision && e.Code == string(apikey.Allowed) }

// anonymous is the entry without what it says of one request.
func (e Entry) anonymous() Entry {
	return Entry{Kind: unnamed, Code: e.Code, Status: e.Status, Took: e.Took}
}

// sink is what an entry's fields are put into.
type sink interface {
	text(name, value string)
	number(name string, value int64)
	milliseconds(name string, value time.Duration)
}

// put puts the fields into the sink, in the order in which people read them.
func (e Entry) put(to sink) {
	said := func(name, value string) {
		if value != "" {
			to.text(name, value)
		}
	}
	said("request_id", e.RequestID)
	said("surface", string(e.Surface))
	said("code", e.Code)
	if e.Status != 0 {
		to.number("status", int64(e.Status))
	}
	said("key_id", e.KeyID)
	said("member", e.Member)
	said("by", e.By)
	said("organization", e.Organization)
	said("environment", e.Environment)
	said("service", e.Service)
	said("method", e.Method)
	said("resource", e.Resource)
	if e.Address.IsValid() {
		to.text("ip", e.Address.String())
	}
	to.milliseconds("duration_ms", e.Took)
}

// methods are those that a line says.
var methods = []string{
	http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions,
}

// Method is method where it is one of HTTP's usual ones, and else OTHER: it may be a text of the caller's.
func Method(method string) string {
	if method == "" || slices.Contains(methods, method) {
		return method
	}
	return "OTHER"
}

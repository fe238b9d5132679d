package httpapi

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
)

// address is the source address that API Gateway saw.
func (c call) address() netip.Addr {
	return parseAddress(c.event.RequestContext.Identity.SourceIP)
}

func (c call) caller() keys.Caller { return c.principal.caller(c.address()) }

// query are the parameters of the query string. Each has a value.
func (c call) query() map[string][]string {
	query := make(map[string][]string, len(c.event.QueryStringParameters))
	for name, value := range c.event.QueryStringParameters {
		query[name] = []string{value}
	}
	if c.event.MultiValueQueryStringParameters != nil {
		query = maps.Clone(c.event.MultiValueQueryStringParameters)
	}
	maps.DeleteFunc(query, func(_ string, values []string) bool { return len(values) == 0 })
	return query
}

// parameter is what the path says in the place of a name. API Gateway passes it on as it was written: bob%40example.com is
// bob@example.com.
func (c call) parameter(name string) string {
	written := c.event.PathParameters[name]
	text, err := url.PathUnescape(written)
	if err != nil {
		return written
	}
	return text
}

// keyID is the key that the path names. An id of any other shape is one that does not exist.
func (c call) keyID() (apikey.ID, error) {
	id, ok := apikey.ParseID(c.parameter("key_id"))
	if !ok {
		return "", apikey.NotFound()
	}
	return id, nil
}

// target is the key that a change is about, and the version that it must be at; nil: any.
func (c call) target() (id apikey.ID, version *int64, err error) {
	if id, err = c.keyID(); err == nil {
		version, err = c.ifMatch()
	}
	return id, version, err
}

// ifMatch is the version that the caller wants to change; nil where it does not say.
func (c call) ifMatch() (*int64, error) {
	value := strings.TrimSpace(c.headers.Get("If-Match"))
	if value == "" || value == "*" {
		return nil, nil
	}
	version, err := strconv.ParseInt(strings.Trim(value, `"`), 10, 64)
	if err != nil || value != fmt.Sprintf("%q", strings.Trim(value, `"`)) {
		return nil, fault.InvalidParam("If-Match", `If-Match must be an ETag that this key gave, such as "3".`)
	}
	return &version, nil
}

// etag names the state of a key.
func etag(key *apikey.Key) string { return fmt.Sprintf("%q", strconv.FormatInt(key.Version(), 10)) }

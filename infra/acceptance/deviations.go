package acceptance

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/keyward/keyward/shared/httpapi"
)

// The gaps that a target can have. Each is recognized by what its answer shows; what recognizes it stands below, or beside
// the one expectation that it changes.
const (
	// MocksFillNothingIn: a MOCK integration's answer still holds context.requestId where the request's id should be.
	MocksFillNothingIn Gap = "mocks fill nothing in"
	// DenialsFillNothingIn: a denial's answer still holds $context.authorizer.… and lacks the headers made of it.
	DenialsFillNothingIn Gap = "denials fill nothing in"
	// NoForbiddenExit: the sample API is deployed without the 403 that needs an API Gateway API key named by the authorizer,
	// and denies instead.
	NoForbiddenExit Gap = "no forbidden exit"
	// TidiesPaths: empty segments are taken out of a path, at its end too.
	TidiesPaths Gap = "tidies paths"
	// DecodesPaths: an encoded slash counts as a slash.
	DecodesPaths Gap = "decodes paths"
	// MendsUTF8: what is no UTF-8 in a body becomes U+FFFD before a function sees it.
	MendsUTF8 Gap = "mends UTF-8"
	// JoinsHeaders: a header that is sent twice arrives as one, its values joined by commas.
	JoinsHeaders Gap = "joins headers"
	// BelievesForwarded: X-Forwarded-For replaces the address that the gateway saw.
	BelievesForwarded Gap = "believes X-Forwarded-For"
)

// repair puts into a mock's answer what API Gateway would have filled in: an id, which nobody can know.
func (a *answer) repair() {
	const header, literal = "context.requestId", `"$context.requestId"`
	if a.header.Get("X-Request-Id") != header {
		return
	}
	enveloped := strings.Contains(a.text, `"request_id"`)
	if enveloped == strings.Contains(a.text, literal) && a.gaps.meet(MocksFillNothingIn) {
		a.header.Set("X-Request-Id", "unknown")
		a.text = strings.Replace(a.text, literal, `"unknown"`, 1)
	}
}

// denial is the template of the denied requests' body, which is the same for all APIs.
var denial = func() string {
	for _, response := range httpapi.ProtectedResponses() {
		if response.Type == "ACCESS_DENIED" {
			return response.Body
		}
	}
	panic("there is no gateway response ACCESS_DENIED")
}()

// conceal finds out whether the answer is a denial that does not say why: then what it should say is not expected of it.
func (a *answer) conceal() {
	id := a.header.Get("X-Request-Id")
	unfilled := a.status == http.StatusTooManyRequests && id != "" && a.text == strings.Replace(denial, "$context.requestId", id, 1)
	for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit-Policy", "RateLimit", "Retry-After"} {
		unfilled = unfilled && a.header.Get(name) == ""
	}
	a.concealed = unfilled && a.gaps.meet(DenialsFillNothingIn)
}

// is reports whether the answer has that status. A sample API that can't answer 403 denies.
func (a *answer) is(status int) bool {
	return a.status == status || status == http.StatusForbidden && a.concealed && a.ofSample && a.gaps.meet(NoForbiddenExit)
}

// anotherPath reports whether the target is known to take the request's path for another one, and has answered exactly as
// it answers that.
func (a *answer) anotherPath() bool {
	path := a.request.URL.EscapedPath()
	decoded := withSlashes(path)
	tidy := tidied(decoded)
	switch {
	case tidy == path || !a.answersAs(tidy):
		return false
	case decoded != path && !a.gaps.meet(DecodesPaths):
		return false
	default:
		return tidy == decoded || a.gaps.meet(TidiesPaths)
	}
}

// refusedPath reports whether the target is known to tidy paths, and the authorizer, which is told of the path as it came,
// has refused it where API Gateway would have found nothing.
func (a *answer) refusedPath() bool {
	path := a.request.URL.EscapedPath()
	decoded := withSlashes(path)
	if !a.is(http.StatusForbidden) || tidied(decoded) == path || decoded != path && !a.gaps.meet(DecodesPaths) {
		return false
	}
	return tidied(decoded) == decoded || a.gaps.meet(TidiesPaths)
}

// withSlashes is an escaped path with its encoded slashes decoded.
func withSlashes(path string) string {
	return strings.NewReplacer("%2F", "/", "%2f", "/").Replace(path)
}

// tidied is a path without empty segments.
func tidied(path string) string {
	segments := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	return "/" + strings.Join(segments, "/")
}

// answersAs reports whether the same request with another path, which has no body, is answered alike.
func (a *answer) answersAs(path string) bool {
	other := a.request.Clone(a.request.Context())
	other.URL.RawPath = path
	other.URL.Path, _ = url.PathUnescape(path)
	other.Body = http.NoBody
	response, err := client.Do(other)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	twin := &answer{t: a.t, request: other, status: response.StatusCode, header: response.Header, text: string(text), gaps: a.gaps}
	twin.repair()
	return err == nil && twin.status == a.status && twin.outcome() == a.outcome()
}

// outcome is what an answer says apart from what is the request's own: its id, and counts that go on.
func (a *answer) outcome() string {
	var body fields
	if json.Unmarshal([]byte(a.text), &body) != nil {
		return a.text
	}
	return a.withoutRequestID()
}

// mended reports whether the target is known to mend a body that is no UTF-8, and has taken this one for what came of it.
func (a *answer) mended(sent string) bool {
	if utf8.ValidString(sent) || a.status >= 300 {
		return false
	}
	data := a.data()
	name, _ := data["name"].(string)
	return (strings.HasSuffix(name, string(utf8.RuneError)) || data["code"] == "credential_malformed") && a.gaps.meet(MendsUTF8)
}

// joined reports whether the target is known to join headers, and has answered two of a name as it answers the one that
// would come of them.
func (a *answer) joined(one *answer) bool {
	return a.status == one.status && a.outcome() == one.outcome() && a.gaps.meet(JoinsHeaders)
}

// believed reports whether the target is known to believe X-Forwarded-For, and has taken the claim for the address of this
// request with key.
func (a *answer) believed(ann *caller, key key, claim string) bool {
	said, _, _ := strings.Cut(claim, ",")
	return ann.do("GET", key.path(), nil).data()["last_used_ip"] == said && a.gaps.meet(BelievesForwarded)
}

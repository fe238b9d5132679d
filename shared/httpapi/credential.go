package httpapi

import (
	"net/http"
	"slices"
	"strings"
)

// Credential is what a request carries to say who it comes from.
type Credential struct {
	Text      string // without surrounding spaces; empty: none
	InX       bool   // it came in X-API-Key, where only a key may stand
	Malformed bool   // two different ones came, or one that is not whole
}

// malformedCredential is no key, whatever the brand.
const malformedCredential = "?"

// Presented is the credential's text or, where it is malformed, one that no key has.
func (c Credential) Presented() string {
	if c.Malformed {
		return malformedCredential
	}
	return c.Text
}

// ReadCredential finds the credential in a request's headers, however their names are written. Schemes other
// than Bearer are ignored; the same credential in both headers is one.
func ReadCredential(headers http.Header) Credential {
	var found Credential
	take := func(text string, inX bool) {
		text = strings.TrimSpace(text)
		switch {
		case text == "":
		case strings.ContainsAny(text, " \t\r\n,"), found.Text != "" && found.Text != text:
			found.Malformed = true
		default:
			found.Text, found.InX = text, found.InX || inX
		}
	}
	for _, value := range headers["Authorization"] {
		if scheme, token, _ := strings.Cut(strings.TrimSpace(value), " "); strings.EqualFold(scheme, "Bearer") {
			take(token, false)
		}
	}
	for _, value := range headers["X-Api-Key"] {
		take(value, true)
	}
	return found
}

// headersOf merges an event's two header maps under canonical names. API Gateway gives both; a test event may give either.
func headersOf(single map[string]string, multi map[string][]string) http.Header {
	headers := make(http.Header, max(len(single), len(multi)))
	for name, values := range multi {
		name = http.CanonicalHeaderKey(name)
		if headers[name] == nil {
			headers[name] = values
			continue
		}
		headers[name] = slices.Concat(headers[name], values)
	}
	for name, value := range single {
		if canonical := http.CanonicalHeaderKey(name); headers[canonical] == nil {
			headers[canonical] = []string{value}
		}
	}
	return headers
}

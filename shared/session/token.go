package session

import "strings"

// maxToken is the length of the longest token that is looked at, in bytes. API Gateway passes on 10,240 bytes
// of headers at most.
const maxToken = 16 << 10

// LooksLikeToken reports whether text has the form of a signed JWT: three parts of base64url, none empty,
// joined by dots. It tells a session from an API key, and proves nothing.
func LooksLikeToken(text string) bool {
	parts := strings.Split(text, ".")
	if len(parts) != 3 || len(text) > maxToken {
		return false
	}
	for _, part := range parts {
		if part == "" || strings.ContainsFunc(part, notBase64URL) {
			return false
		}
	}
	return true
}

func notBase64URL(c rune) bool {
	return (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_'
}

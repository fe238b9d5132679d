package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// RequestID is a request's id as a line may say it. A caller can choose the id, by the header X-Amzn-RequestId, and so could
// write a secret into the logs: one that API Gateway would not have made becomes "chosen-" and 32 hex digits of its SHA-256,
// by which whoever knows it finds its lines all the same. No id stays none.
func RequestID(id string) string {
	if id == "" || isUUID(id) || isShort(id) {
		return id
	}
	digest := sha256.Sum256([]byte(id))
	return "chosen-" + hex.EncodeToString(digest[:16])
}

// isUUID reports whether an id is a UUID as REST APIs give one, in lower case.
func isUUID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i := range len(id) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (id[i] == '-') || !dash && !strings.Contains("0123456789abcdef", id[i:i+1]) {
			return false
		}
	}
	return true
}

// isShort reports whether an id is as the other kinds of API give one: 16 characters of Base64, the last a "=".
func isShort(id string) bool {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
	return len(id) == 16 && id[15] == '=' && strings.Trim(id[:15], digits) == ""
}

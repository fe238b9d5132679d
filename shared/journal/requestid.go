package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
)

// ownID are the forms of the ids that API Gateway makes: a UUID for REST APIs, 16 characters of Base64 for the others.
var ownID = regexp.MustCompile(`^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9+/_-]{15}=)$`)

// RequestID is a request's id as a line may say it. A caller can choose the id, by the header X-Amzn-RequestId, and so could
// write a secret into the logs: one that API Gateway would not have made becomes "chosen-" and 32 hex digits of its SHA-256,
// by which whoever knows it finds its lines all the same. No id stays none.
func RequestID(id string) string {
	if id == "" || ownID.MatchString(id) {
		return id
	}
	digest := sha256.Sum256([]byte(id))
	return "chosen-" + hex.EncodeToString(digest[:16])
}

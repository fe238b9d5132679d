package apikey

// Format is the form of a key's secret.
type Format string

// The formats.
const (
	Opaque Format = "opaque" // brand, environment, id, random characters and a checksum
	JWT    Format = "jwt"    // a signed token that others can verify too
)

// Formats are all formats.
var Formats = []Format{Opaque, JWT}

// PublicKey is the public half of a key that signs JWT-format keys.
type PublicKey struct {
	ID  string // the kid
	JWK []byte // JSON Web Key (RFC 7517), with kid and alg
}

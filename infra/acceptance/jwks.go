package acceptance

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// published is what /.well-known/jwks.json gives: no envelope, since its readers are JWT libraries.
func (c *caller) published() jose.JSONWebKeySet {
	c.t.Helper()
	answer, err := c.try("GET", c.target.URL+"/.well-known/jwks.json", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	answer.wantStatus(http.StatusOK)
	answer.wantHeader("Content-Type", "application/json")
	answer.wantHeader("Cache-Control", "public, max-age=300")
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(answer.text), &set); err != nil || len(set.Keys) == 0 || strings.Contains(answer.text, `"d"`) {
		answer.fatalf("it is no set of public keys: %v", err)
	}
	for _, key := range set.Keys {
		if !key.IsPublic() || key.Use != "sig" || key.KeyID == "" {
			answer.errorf("%s is no public key for signatures", key.KeyID)
		}
	}
	return set
}

// offline is what a backend would do with a JWT library: it gives the claims of a token that the published keys verify.
func offline(set jose.JSONWebKeySet, token string) (jwt.Claims, error) {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.EdDSA, jose.ES256})
	if err != nil {
		return jwt.Claims{}, err
	}
	var claims jwt.Claims
	if err := parsed.Claims(set, &claims); err != nil {
		return jwt.Claims{}, err
	}
	return claims, claims.Validate(jwt.Expected{AnyAudience: jwt.Audience{"production"}, Time: time.Now()})
}

func testOffline(ann *caller) {
	set := nobody(ann.t, ann.target).published()
	key := ann.createJWT()
	claims, err := offline(set, key.secret)
	if err != nil || claims.ID != key.id {
		ann.t.Errorf("jti = %s, %v; want %s", claims.ID, err, key.id)
	}
	for name, forged := range map[string]string{
		"another jti":   ann.altered(key, 1, "jti", "key_00000000").secret,
		"alg none":      ann.altered(key, 0, "alg", "none").secret,
		"a foreign kid": ann.altered(key, 0, "kid", "s-foreign").secret,
		"another's aud": ann.createJWT(fields{"environment": "staging"}).secret,
	} {
		if _, err := offline(set, forged); err == nil {
			ann.t.Errorf("%s: a backend would admit it", name)
		}
	}
	ann.do("DELETE", key.path(), nil).wantStatus(http.StatusOK)
	if _, err := offline(set, key.secret); err != nil { // what only the record knows, a backend does not see
		ann.t.Errorf("after the key was revoked: %v", err)
	}
}

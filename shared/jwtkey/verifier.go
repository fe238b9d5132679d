package jwtkey

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keyring/lastgood"
)

// Verifier reads tokens of one issuer. It is an authorize.Tokens, and safe for use by several goroutines.
//
// It keeps the public keys for five minutes, and reads them again, at most once in ten seconds, for a kid that it does
// not know. So a key that was withdrawn may verify for five minutes more; a forged token comes no further than to the
// record, which does not know it.
type Verifier struct {
	issuer string
	keys   *lastgood.Value[map[string]publicKey]
}

// NewVerifier makes the verifier of issuer's tokens. report is told why the public keys could not be read again where the
// last good ones go on; it must be safe to call at once from several goroutines.
func NewVerifier(issuer string, store apikey.PublicKeys, report func(error)) *Verifier {
	read := func(ctx context.Context) (map[string]publicKey, error) { return publicKeys(ctx, store) }
	return &Verifier{issuer, lastgood.New("the public keys", read, report)}
}

// Ours reports whether text has the form of a token and names the issuer. It proves nothing.
func (v *Verifier) Ours(text string) bool {
	_, payload, err := split(text)
	if err != nil {
		return false
	}
	claims, ok := readClaims(payload)
	return ok && claims.Issuer == v.issuer
}

// Parse verifies a token: its form, the claims that every token has, and the signature, by the published key that its kid
// names and with that key's own algorithm. Whether it has expired is not looked at: the record decides. All but a token
// that this issuer could have made is apikey.ErrMalformed; a fault.Unavailable says that nobody could tell, because the
// public keys can't be read.
func (v *Verifier) Parse(ctx context.Context, token string) (apikey.Credential, error) {
	head, payload, err := split(token)
	if err != nil {
		return apikey.Credential{}, apikey.ErrMalformed
	}
	header, formed := readHeader(head)
	claims, read := readClaims(payload)
	credential, credible := claims.credential(v.issuer, token)
	if !formed || !read || !credible {
		return apikey.Credential{}, apikey.ErrMalformed
	}
	key, found, err := v.key(ctx, header.KeyID)
	if err != nil {
		return apikey.Credential{}, err
	}
	if !found || !key.verifies(token) {
		return apikey.Credential{}, apikey.ErrMalformed
	}
	return credential, nil
}

// key is the published key of that kid.
func (v *Verifier) key(ctx context.Context, id string) (publicKey, bool, error) {
	keys, err := v.keys.Get(ctx)
	if _, known := keys[id]; err == nil && !known {
		keys, err = v.keys.Refresh(ctx, func(keys map[string]publicKey) bool {
			_, known := keys[id]
			return known
		})
	}
	key, found := keys[id]
	return key, found, err
}

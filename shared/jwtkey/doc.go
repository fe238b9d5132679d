// Package jwtkey makes and reads keys in JWT format: signed tokens, which whoever has the public keys can verify too.
//
// An [Issuer] signs a token with the current key of a signing [Ring], which is kept where only what signs can read it. A
// [Verifier] checks a token's signature with the public halves, which are kept in the store and are what [JWKS] publishes.
// A [Custodian] makes the signing keys, and changes them in an order in which no token is ever signed by a key that is
// not published yet.
//
// A signature proves nothing alone. The record of the key decides on roles, expiry and revocation, and it knows the token
// by a digest of the whole of it, in which 128 random bits are: whoever has a signing key, and nothing else, can forge no
// token that a record would know.
package jwtkey

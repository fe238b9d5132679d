// Package session says who a session token belongs to, and for which organization they act.
//
// A [Verifier] turns an OIDC ID or access token into [Claims], or refuses it. A [Service] signs its bearer in:
// verify, take one request from the session's limit, find the organization. Nothing that a token says is
// believed before its signature has been checked, and no error text ever holds a token.
package session

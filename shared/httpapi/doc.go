// Package httpapi is the only package that knows the wire: the table of routes, what API Gateway answers by
// itself, the envelope, and the endpoints that turn events into calls of the services and back.
package httpapi

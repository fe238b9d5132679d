// Package protect holds what infra/protect promises to somebody else's stack, on an AWS that we did not write. There is nothing but
// tests in it.
package protect

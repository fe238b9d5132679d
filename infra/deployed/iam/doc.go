// Package iam holds the deployed functions to their rights: with all that a function's row grants, everything works; without
// any one of its rights, what needs that one fails closed, and everything else goes on.
package iam

// Package broken holds the functions to events that are not whole: every sample with each of its fields missing, null, or of
// another type. There is nothing but tests in it.
package broken

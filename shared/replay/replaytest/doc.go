// Package replaytest holds a replay to its promise, on any store: after a restore and a replay no key admits a request that
// it would not have admitted just before the disaster.
package replaytest

// Package replay applies restrictions again to a table that was restored to an earlier time: every key that has been revoked,
// disabled or narrowed since then would be as it was before. What it reads are the lines of the change log (package
// changelog); what it promises is that no key admits a request which it would not have admitted at the last line.
//
// A line says what bounded a key, a member, a role or an account after a change. Replaying it takes away whatever goes
// beyond that, and never gives anything: so lines may come in any order, in any number of batches, and more than once. A
// key that was narrowed and widened again stays narrow, since widening is the owner's to repeat.
//
// What can't be worked out exactly has less than it had, and ends disabled. A key whose secret was replaced loses the secret that
// the restored table knows, for good, and is disabled: the new one's digest is lost, so it has to be regenerated and enabled.
// Of counters nothing is replayed: what a key has used of its quotas since the time of the restore is forgotten.
package replay

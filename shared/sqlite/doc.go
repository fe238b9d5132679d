// Package sqlite is the store on one machine: one file, in SQLite's WAL mode, pure Go.
//
// There are two ways into the file. What is asked on every request (spends, reads, what they depend on, session counters,
// touches) waits for the committer, which answers whoever waits in one transaction: sixteen callers of one key cost one
// UPDATE, and a SELECT only where another connection has written since. Such a commit survives the death of the
// process, though not always that of the machine. What administers keys is a transaction of its own, and is on disk
// before it is acknowledged.
//
// The schema is in schema.go. A key is two rows, as elsewhere: records has all that deciding needs, details what
// people wrote. No index covers a column that spending changes.
//
// Any number of stores, in any number of processes, may have the file open.
package sqlite

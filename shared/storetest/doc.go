// Package storetest holds every store to what its interfaces promise: one suite, run by each store's own tests
// over its own database.
//
// Each guarantee is a subtest with a database of its own and fixed times; nothing sleeps. The suite knows no store: what
// it can't see through the interfaces (the activity, a reply that is lost) the [Database] shows it.
package storetest

// Package changelog writes a line for every change of keys, members, roles and accounts, whoever makes it: the log archive.
// It stands between the services and the store, so that no endpoint can forget it. When the table has to be restored to an
// earlier time, the lines since then are what the package replay makes up for: docs/operations.md.
//
// A line is written before its change is committed, so that no restriction holds which the archive does not have, also
// where the process dies or the reply is lost. Where the store then says for certain that nothing has changed, a second
// line takes the first back.
//
// A line says what bounds a key after the change, whole: the ids of roles, services, customers and accounts among it, which an
// organization has chosen. It holds no key's name, description, metadata or note, no subject and no address of e-mail but as
// hashes (whoever guesses one can confirm it), and of a secret nothing: that it was replaced is all that a replay needs.
package changelog

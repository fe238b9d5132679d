// Package keyring keeps the peppers: the secret keys that secrets are hashed with.
//
// A [Ring] is what one read of the source gave: a current pepper, which new digests are made with, and the
// ones before it, whose digests still match. A [Keyring] caches the ring of a [Source] and reads it again in
// time. Package awssecrets is the source on AWS, [File] the source on one machine.
//
// A pepper alone forges nothing: secrets are random, the pepper only hashes them. It leaves this package as
// digests and derived keys, never itself, whatever prints, logs or marshals a ring.
package keyring

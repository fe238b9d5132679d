package apikey

import (
	"crypto/rand"
	"math/big"
	"strings"
	"time"
)

// ID names a key for its whole life, across regenerations. It is the 8 characters of base62
// inside the secret, so the record is found without an index; callers see it as key_ and those 8.
type ID string

const (
	idLength = 8
	idPrefix = "key_"
	// idsPerMillisecond is how many ids one millisecond holds. 99 of them let 8 characters last until 2094.
	idsPerMillisecond = 99
)

var idEpoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// NewID draws an ID for a key made at now: milliseconds since 2025 times 99 plus a random 0-98, so
// that IDs sort by time. Two keys of one millisecond may draw the same; the store refuses the second
// (ErrIDTaken) and it is drawn again.
func NewID(now time.Time) ID {
	n := now.Sub(idEpoch).Milliseconds()*idsPerMillisecond + randomBelow(idsPerMillisecond)
	return ID(encode62(big.NewInt(n), idLength))
}

// String is the ID as callers see it: key_ and 8 characters.
func (id ID) String() string { return idPrefix + string(id) }

// ParseID reads an ID as callers write it. It reports false for any other shape.
func ParseID(s string) (ID, bool) {
	bare, found := strings.CutPrefix(s, idPrefix)
	if !found || len(bare) != idLength || !isBase62(bare) {
		return "", false
	}
	return ID(bare), true
}

func randomBelow(n int64) int64 {
	r, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil { // crypto/rand never fails: it ends the program first
		panic(err)
	}
	return r.Int64()
}

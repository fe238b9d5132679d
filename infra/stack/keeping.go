package stack

import (
	"regexp"
	"slices"
)

// Keeping is how what must not be lost is kept.
type Keeping struct {
	KMS       KMS    // kms: whether a key of the customer's own encrypts the table, the peppers and the signing keys
	TableName string // a table to use instead of the deployment's own, such as one restored; empty: its own
	MaxReads  int    // tableMaxReads: the table's read units a second, as a limit on what it may cost; 0: none
	MaxWrites int    // tableMaxWrites: likewise
}

// KMS is how far a deployment is with a key of the customer's own. From one to the next that data is encrypted by, functions are
// let in first: the stack of the data is deployed before theirs, and without its right a function reads nothing.
type KMS string

// What there is of a key.
const (
	NoKey    KMS = "false"
	Prepared KMS = "prepared" // there is one and the functions may use it, but it encrypts nothing
	Encrypts KMS = "true"
)

var tablePattern = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)

func readKeeping(r *reader) Keeping {
	k := Keeping{
		KMS:       KMS(r.text("kms", string(NoKey))),
		TableName: r.text("tableName", ""),
		MaxReads:  r.number("tableMaxReads", 0),
		MaxWrites: r.number("tableMaxWrites", 0),
	}
	r.must(slices.Contains([]KMS{NoKey, Prepared, Encrypts}, k.KMS), "kms must be true, prepared or false, not %q", k.KMS)
	r.must(k.TableName == "" || tablePattern.MatchString(k.TableName), "tableName must be the name of a DynamoDB table, not %q", k.TableName)
	r.must(k.MaxReads >= 0 && k.MaxWrites >= 0, "tableMaxReads and tableMaxWrites must be 0, for no limit, or more")
	return k
}

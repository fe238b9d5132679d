package stack

import "regexp"

// Keeping is how what must not be lost is kept.
type Keeping struct {
	KMS       bool   // a key of the customer's own encrypts the table, the peppers and the signing keys
	TableName string // a table to use instead of the deployment's own, such as one restored; empty: its own
	MaxReads  int    // tableMaxReads: the table's read units a second, as a limit on what it may cost; 0: none
	MaxWrites int    // tableMaxWrites: likewise
}

var tablePattern = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)

func readKeeping(r *reader) Keeping {
	k := Keeping{
		KMS:       r.flag("kms", false),
		TableName: r.text("tableName", ""),
		MaxReads:  r.number("tableMaxReads", 0),
		MaxWrites: r.number("tableMaxWrites", 0),
	}
	r.must(k.TableName == "" || tablePattern.MatchString(k.TableName), "tableName must be the name of a DynamoDB table, not %q", k.TableName)
	r.must(k.MaxReads >= 0 && k.MaxWrites >= 0, "tableMaxReads and tableMaxWrites must be 0, for no limit, or more")
	return k
}

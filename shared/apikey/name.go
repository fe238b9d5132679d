package apikey

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// NormalName is a name as it is kept: trimmed, in Unicode's normal form C.
func NormalName(name string) string { return norm.NFC.String(strings.TrimSpace(name)) }

// FoldName is a name as it is compared: normal and case-folded. Two live keys of an organization never
// have names that fold alike.
func FoldName(name string) string { return norm.NFC.String(fold(NormalName(name))) }

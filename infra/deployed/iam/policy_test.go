package iam

import (
	"slices"
	"strings"
)

// document is a policy.
type document struct {
	Version   string
	Statement []statement
}

// statement is one statement of a function's policy.
type statement struct {
	Sid       string
	Effect    string
	Action    words
	Resource  words
	Condition map[string]map[string]words `json:",omitempty"`
}

// rights are all that the policy grants but for writing logs, which the emulator does for the function: the Sid of the statement
// and the action, sorted.
func (d document) rights() []string {
	var rights []string
	for _, s := range d.Statement {
		for _, action := range s.Action {
			if s.Sid != logs {
				rights = append(rights, right(s, action))
			}
		}
	}
	slices.Sort(rights)
	return rights
}

// logs is the Sid of the statement by which a function writes its log.
const logs = "Logs"

// right is what a statement grants with an action: "Table GetItem".
func right(s statement, action string) string {
	_, verb, _ := strings.Cut(action, ":")
	return s.Sid + " " + verb
}

// without is the policy without one right, and that right's action. Where it is the only one of its statement, the statement
// goes.
func (d document) without(taken string) (left document, action string) {
	left.Version = d.Version
	for _, s := range d.Statement {
		kept := words{}
		for _, each := range s.Action {
			if right(s, each) == taken {
				action = each
			} else {
				kept = append(kept, each)
			}
		}
		if s.Action = kept; len(kept) > 0 {
			left.Statement = append(left.Statement, s)
		}
	}
	return left, action
}

// only is the statement of that Sid alone.
func (d document) only(sid string) document {
	left := slices.DeleteFunc(slices.Clone(d.Statement), func(s statement) bool { return s.Sid != sid })
	return document{d.Version, left}
}

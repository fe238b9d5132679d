package policy

import (
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// validate checks what the form of a file can't, and builds the indexes that a catalog needs before it is used. Its error
// is an Invalid that lists every rule that is broken.
func (c *Catalog) validate() error {
	var broken Invalid
	rule := func(holds bool, at spot, format string, args ...any) {
		if !holds {
			broken = append(broken, Broken{at.pointer(), fmt.Sprintf(format, args...)})
		}
	}
	c.validateOffers(rule)
	c.validateExpiry(rule)
	c.validatePermissions(rule)
	c.validateRoles(rule)
	c.validateServices(rule)
	if len(broken) > 0 {
		return broken
	}
	return nil
}

// ruler notes a rule that does not hold at a spot.
type ruler func(holds bool, at spot, format string, args ...any)

// spot is an item of a catalog, as the names and numbers that lead to it. Only where a rule is broken it becomes a text.
type spot struct {
	steps [6]step
	depth int
}

type step struct {
	name   string // empty: the number counts
	number int
}

func at(names ...string) spot {
	var s spot
	for _, name := range names {
		s = s.in(name)
	}
	return s
}

func (s spot) in(name string) spot { return s.and(step{name: name}) }
func (s spot) nth(n int) spot      { return s.and(step{number: n}) }

func (s spot) and(next step) spot {
	s.steps[s.depth] = next
	s.depth++
	return s
}

func (s spot) pointer() jsontext.Pointer {
	var pointer jsontext.Pointer
	for _, step := range s.steps[:s.depth] {
		if step.name == "" {
			step.name = strconv.Itoa(step.number)
		}
		pointer = pointer.AppendToken(step.name)
	}
	return pointer
}

// unique checks the ids of a list: each is there, of the form, and once.
func unique[T any](rule ruler, list string, items []T, id func(T) string) {
	seen := map[string]bool{}
	for i, item := range items {
		is, here := id(item), at(list).nth(i).in("id")
		rule(is != "", here, "%s: an id is missing", list)
		rule(is == "" || ValidID(is), here, "%s: the id %q must be 1 to 64 of A-Z, a-z, 0-9, _, ., : and -", list, is)
		rule(!seen[is], here, "%s: %q is there twice", list, is)
		seen[is] = true
	}
}

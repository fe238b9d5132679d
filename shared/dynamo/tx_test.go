package dynamo

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

func someKey() *apikey.Key {
	return &apikey.Key{
		Record:  apikey.Record{ID: "0123abcd", Organization: "org_1", Environment: apikey.Test, ExpiresAt: noon, Version: 1},
		Details: apikey.Details{Name: "One", Revision: 1, CreatedAt: noon, UpdatedAt: noon},
	}
}

// someMoves are the moves of a key's cold items, each from a state that it can meet.
func someMoves() map[string][2]*details {
	held := newDetails(someKey())
	n := &intent{id: "01J", activity: item{}, base: 1, prose: item{detName: text("Two")}, revises: true, before: noon, after: noon.Add(time.Hour)}
	claimed := held.claiming(n)
	revoked := &someKey().Record
	revoked.RevokedAt, revoked.Version = noon, 2
	return map[string][2]*details{
		"claim":     {held, claimed},
		"withdraw":  {claimed, claimed.withdrawn()},
		"fulfil":    {claimed, claimed.fulfilled(&someKey().Record)},
		"revoke":    {held, held.showing(pending{version: 2}, revoked)},
		"rewrite":   {held, held.rewritten(item{detName: text("Two")}, true, noon)},
		"expire":    {held, held.expired()},
		"delete":    {held.expired(), nil},
		"tier only": {held, held.showing(pending{version: 2}, &someKey().Record)},
	}
}

// A spend and a transaction on the same item cancel each other: no move of cold items may name the hot record.
func TestNoMoveOfColdItemsNamesTheHotRecord(t *testing.T) {
	for name, move := range someMoves() {
		s := New(nil, "table")
		moving := s.newTx("org_1")
		moving.move(move[0], move[1])
		moving.count()
		for _, k := range moving.keys {
			if k.sk == sortAuth {
				t.Errorf("%s names %v", name, k)
			}
		}
	}
}

// Names, expiries and counters follow from the details alone, so a move and its reverse leave nothing behind.
func TestTheItemsOfAKeyFollowFromItsDetails(t *testing.T) {
	for name, want := range map[string]struct{ names, expiries, live, total int }{
		"claim": {2, 1, 1, 1}, "withdraw": {1, 1, 1, 1}, "fulfil": {1, 1, 1, 1}, "revoke": {0, 0, 0, 0},
		"rewrite": {1, 1, 1, 1}, "expire": {0, 0, 0, 1}, "delete": {0, 0, 0, 0}, "tier only": {1, 1, 1, 1},
	} {
		after := someMoves()[name][1]
		live, total := after.place()
		if len(after.names()) != want.names || len(after.expiries()) != want.expiries || live != int64(want.live) || total != int64(want.total) {
			t.Errorf("%s leaves %d names, %d expiries, counts %d and %d", name, len(after.names()), len(after.expiries()), live, total)
		}
	}
}

// Rules that are kept apart are there before a record may name them, and none are left behind, however a change ends.
func TestRulesKeptApartFollowFromTheDetails(t *testing.T) {
	held := newDetails(someKey())
	held.rules = apart{id: "A"}
	claiming := func(id string) *details {
		return held.claiming(&intent{id: "01J", activity: item{}, base: 1, before: noon, after: noon, rules: apart{id, item{hotRoles: texts(nil)}}})
	}
	for name, test := range map[string]struct {
		before, after *details
		puts, deletes []string
	}{
		"a key is made":           {nil, held, []string{"A"}, nil},
		"a key is deleted":        {held, nil, nil, []string{"A"}},
		"a key expires":           {held, held.expired(), nil, nil},
		"other rules are claimed": {held, claiming("B"), []string{"B"}, nil},
		"and have their way":      {claiming("B"), claiming("B").fulfilled(&someKey().Record), nil, []string{"A"}},
		"or are withdrawn":        {claiming("B"), claiming("B").withdrawn(), nil, []string{"B"}},
		"none are claimed":        {held, claiming(""), nil, nil},
		"and none are left":       {claiming(""), claiming("").fulfilled(&someKey().Record), nil, []string{"A"}},
		"the same stay claimed":   {held, claiming("A"), nil, nil},
		"and stay":                {claiming("A"), claiming("A").fulfilled(&someKey().Record), nil, nil},
	} {
		moving := New(nil, "table").newTx("org_1")
		moving.move(test.before, test.after)
		var puts, deletes []string
		for n, k := range moving.keys {
			id, kept := strings.CutPrefix(k.sk, prefixRules)
			switch {
			case !kept:
			case moving.writes[n].Put != nil:
				puts = append(puts, id)
			default:
				deletes = append(deletes, id)
			}
		}
		if !slices.Equal(puts, test.puts) || !slices.Equal(deletes, test.deletes) {
			t.Errorf("%s: puts %v, deletes %v; want %v, %v", name, puts, deletes, test.puts, test.deletes)
		}
	}
}

// A transaction names an item once: where a create takes a released key's name, the put stands in for the deletion,
// under the deletion's condition.
func TestAPutTakesOverTheConditionOfADeletion(t *testing.T) {
	s := New(nil, "table")
	moving := s.newTx("org_1")
	old := newDetails(someKey())
	heir := someKey()
	heir.ID = "4567efgh"
	moving.move(old, old.expired())
	moving.move(nil, newDetails(heir))
	seen := map[key]bool{}
	for n, k := range moving.keys {
		if seen[k] {
			t.Errorf("%v is named twice", k)
		}
		seen[k] = true
		if k != nameKey("org_1", "one") {
			continue
		}
		put := moving.writes[n].Put
		if put == nil || put.ExpressionAttributeValues[":c"].(*types.AttributeValueMemberS).Value != "0123abcd" {
			t.Errorf("the name is written as %+v", moving.writes[n])
		}
	}
}

func TestTheIndexTellsWhoIsDue(t *testing.T) {
	place := dueAt(whyEnded, noon, "org_1", "0123abcd")
	got, ok := dueKeyOf(place.sk)
	if want := (apikey.DueKey{Organization: "org_1", ID: "0123abcd"}); !ok || got != want {
		t.Errorf("%q is about %v", place.sk, got)
	}
	if place.sk >= dueTime(noon.Add(time.Second)) || place.sk < dueTime(noon) {
		t.Errorf("%q is out of order", place.sk)
	}
}

package sqlite

import (
	"database/sql/driver"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// A limit is all only where nothing is written. One without an id is a list that nothing is in.
func TestALimitThatCantBeReadHoldsNothing(t *testing.T) {
	for lines, want := range map[string][]string{
		"": nil, "c1": {"c1"}, "c1\nc2": {"c1", "c2"}, nothing: {}, "c1\n": {}, "\nc1": {}, "c1\n\nc2": {}, "null": {"null"},
	} {
		r := &row{values: []driver.Value{lines}}
		if got := r.limit(); r.err != nil || !(apikey.Scope{Services: want}).Equal(apikey.Scope{Services: got}) {
			t.Errorf("%q is read as %#v, %v; want %#v", lines, got, r.err, want)
		}
	}
	for _, list := range [][]string{nil, {}, {""}, {"c1"}, {"c1", "c2"}} {
		r := &row{values: []driver.Value{limitOf(list)}}
		if got := r.limit(); (got == nil) != (list == nil) || len(list) == 0 && len(got) > 0 {
			t.Errorf("%#v comes back as %#v", list, got)
		}
	}
}

// A column of another type is an error, whichever it is: the zero value of most means that nothing is limited.
func TestARecordWithAColumnOfAnotherTypeIsAnError(t *testing.T) {
	sound := &row{values: recordValues(&ruled(newKey(1)).Record)}
	if _, err := sound.record(); err != nil {
		t.Fatal(err)
	}
	for n := range sound.values {
		for _, value := range []driver.Value{nil, []byte("c1"), 1.5, true} {
			values := recordValues(&ruled(newKey(1)).Record)
			values[n] = value
			if record, err := (&row{values: values}).record(); err == nil || record != nil {
				t.Errorf("column %d is %v: read %+v", n+1, value, record)
			}
		}
	}
}

// recordValues are the columns of a record as SQLite gives them.
func recordValues(r *apikey.Record) []driver.Value {
	values := []driver.Value{string(r.ID), string(r.Organization), string(r.Environment)}
	for _, value := range terms(r) {
		values = append(values, value)
	}
	return append(values, r.Version, countsText(r.Counts), r.Total, secondsOf(r.LastUsedAt), addressOf(r.LastUsedIP))
}

// Networks, and the entries that they are made of again with every change, are errors where they can't be read.
func TestNetworksThatCantBeReadAreAnError(t *testing.T) {
	for _, lines := range []string{"null", "\n", " ", "192.0.2.0/24\n", "192.0.2.0", "192.0.2.0/33", "invalid Prefix", "[]"} {
		r := &row{values: []driver.Value{lines}}
		if got := r.prefixes(); r.err == nil {
			t.Errorf("%q is read as %v", lines, got)
		}
	}
	for _, text := range []string{"", "{}", "[null]", "[{}]", `[{"network":""}]`, `[{"network":"192.0.2.0","enabled":true}]`, `"192.0.2.0/24"`, "["} {
		r := &row{values: []driver.Value{text}}
		if got := r.entries(); r.err == nil {
			t.Errorf("%s is read as %v", text, got)
		}
	}
	none := &row{values: []driver.Value{"", "null"}}
	if networks, entries := none.prefixes(), none.entries(); networks != nil || entries != nil || none.err != nil {
		t.Errorf("none are read as %v and %v, %v", networks, entries, none.err)
	}
}

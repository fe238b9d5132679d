package policy_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/policy"
)

// schema is catalog.schema.json.
func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile("catalog.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("catalog.schema.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("catalog.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// conforms is the schema's opinion of a catalog.
func conforms(t testing.TB, schema *jsonschema.Schema, data []byte) error {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(document)
}

func TestTheShippedCatalogHasTheFormOfTheSchema(t *testing.T) {
	if err := conforms(t, schema(t), policy.Shipped); err != nil {
		t.Error(err)
	}
}

// Editors find the schema by the first line of the file.
func TestEditorsFindTheSchema(t *testing.T) {
	data, err := os.ReadFile("catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(string(data), "\n"); first != "# yaml-language-server: $schema=catalog.schema.json" {
		t.Errorf("the first line is %q", first)
	}
}

func TestTheSchemaRefusesWhatHasAnotherForm(t *testing.T) {
	compiled := schema(t)
	for name, edit := range map[string]func(object){
		"an unknown field":      func(c object) { c["teirs"] = []any{} },
		"an unknown one within": func(c object) { item(c, "services", 0)["route"] = []any{} },
		"a field missing":       func(c object) { delete(c, "roles") },
		"a bad id":              func(c object) { item(c, "tiers", 0)["id"] = "a b" },
		"a bad permission":      func(c object) { item(c, "roles", 0)["permissions"] = []any{"all"} },
		"a bad method":          func(c object) { item(item(c, "services", 0), "routes", 0)["method"] = "get" },
		"a place elsewhere":     func(c object) { item(c, "services", 0)["customer"] = object{"in": "body", "name": "x"} },
		"no organizations":      func(c object) { delete(item(c, "services", 0), "organizations") },
		"a lifetime too long":   func(c object) { c["max_lifetime_days"] = 3651 },
	} {
		t.Run(name, func(t *testing.T) {
			if conforms(t, compiled, edited(t, edit)) == nil {
				t.Error("the schema lets it pass")
			}
		})
	}
}

// What the schema refuses, Load refuses too: an editor never marks what would have worked.
func TestLoadRefusesWhatTheSchemaRefuses(t *testing.T) {
	compiled := schema(t)
	rapid.Check(t, func(r *rapid.T) {
		data := edited(t, func(c object) {
			c["signup"], item(c, "services", 0)["account"] = "closed", object{"in": "query", "name": "x"}
			for range rapid.IntRange(1, 2).Draw(r, "edits") {
				spoil(r, c)
			}
		})
		if refused := conforms(t, compiled, data); refused != nil {
			if _, err := policy.Load(data); err == nil {
				r.Fatalf("Load takes what the schema refuses: %v", refused)
			}
		}
	})
}

// spoil goes down to a random item of a catalog, and removes it, adds beside it, or puts something else in its place.
func spoil(t *rapid.T, parent any) {
	var name string
	var child any
	switch parent := parent.(type) {
	case object:
		name = rapid.SampledFrom(append(slices.Sorted(maps.Keys(parent)), "another")).Draw(t, "name")
		child = parent[name]
	case []any:
		n := rapid.IntRange(0, len(parent)-1).Draw(t, "n")
		name, child = strconv.Itoa(n), parent[n]
	}
	if size(child) > 0 && rapid.IntRange(0, 3).Draw(t, "stop") > 0 {
		spoil(t, child)
		return
	}
	replace(t, parent, name)
}

func size(value any) int {
	switch value := value.(type) {
	case object:
		return len(value)
	case []any:
		return len(value)
	}
	return 0
}

func replace(t *rapid.T, parent any, name string) {
	value := rapid.SampledFrom([]any{
		nil, true, false, "", "x", "a b", "*:*", "dns:read", "all", "/x", "{x}", -1, 0, 1, 1.5, 4000, []any{}, []any{""}, []any{"x"}, object{}, object{"in": "query"},
	}).Draw(t, "value")
	switch parent := parent.(type) {
	case object:
		if parent[name] != nil && rapid.Bool().Draw(t, "remove") {
			delete(parent, name)
			return
		}
		parent[name] = value
	case []any:
		n, _ := strconv.Atoi(name)
		parent[n] = value
	}
}

// A catalog that is written out is the one that was read.
func TestACatalogSurvivesBeingWrittenOut(t *testing.T) {
	catalog, err := policy.Load(edited(t, func(c object) { item(c, "services", 0)["organizations"] = []any{"org_a", "org_b"} }))
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(catalog)
	if err != nil {
		t.Fatal(err)
	}
	again, err := policy.Load(written)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := json.Marshal(again)
	if err != nil || !bytes.Equal(written, twice) {
		t.Errorf("the second time it is %s, %v", twice, err)
	}
}

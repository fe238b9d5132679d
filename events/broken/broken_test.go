package broken

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// breaks are what stands in the place of a field; missing takes it away.
var breaks = map[string]any{
	"missing": missing{}, "null": nil, "a number": 7, "a text": "x", "an object": map[string]any{},
}

type missing struct{}

// broken gives event once for each of its fields, at any depth, and each break of it: the field's path, what stands there, and
// the event.
func broken(event any, report func(path, what string, event any)) {
	breakAt(event, "", func(path, what string, part any) { report(path, what, part) })
}

// breakAt does so for a part of an event. What it reports is that part, broken.
func breakAt(part any, path string, report func(path, what string, part any)) {
	switch part := part.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(part)) {
			with := func(value any) any {
				changed := maps.Clone(part)
				changed[name] = value
				if _, gone := value.(missing); gone {
					delete(changed, name)
				}
				return changed
			}
			breakField(part[name], path+"."+name, with, report)
		}
	case []any:
		for n := range part {
			with := func(value any) any {
				if _, gone := value.(missing); gone {
					return slices.Delete(slices.Clone(part), n, n+1)
				}
				changed := slices.Clone(part)
				changed[n] = value
				return changed
			}
			breakField(part[n], fmt.Sprintf("%s[%d]", path, n), with, report)
		}
	}
}

// breakField breaks a field itself, and then what is in it.
func breakField(field any, path string, with func(any) any, report func(path, what string, part any)) {
	for _, what := range slices.Sorted(maps.Keys(breaks)) {
		report(path, what, with(breaks[what]))
	}
	breakAt(field, path, func(path, what string, inner any) { report(path, what, with(inner)) })
}

// samples are the files, by function and name.
func samples(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("../*/*.json")
	if err != nil || len(all) < 30 {
		t.Fatalf("%d samples: %v", len(all), err)
	}
	return all
}

// A function that gets an event which is not whole does not panic and lets nobody in who would not be let in otherwise. What a
// function behind the API answers is no 500; what an authorizer fails with is Unauthorized or an outage.
func TestAnEventThatIsNotWholeIsRefused(t *testing.T) {
	h := newHouse(t)
	for _, file := range samples(t) {
		function := filepath.Base(filepath.Dir(file))
		t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "../"), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for name, payload := range map[string][]byte{"as it stands": h.local(text), "with a real key": h.real(text)} {
				var event any
				if err := json.Unmarshal(payload, &event); err != nil {
					t.Fatal(err)
				}
				whole := h.invoke(t, function, payload)
				broken(event, func(path, what string, event any) {
					payload, err := json.Marshal(event)
					if err != nil {
						t.Fatal(err)
					}
					got := h.invoke(t, function, payload)
					got.check(t, fmt.Sprintf("%s, %s is %s", name, path, what), function, path, what, whole)
				})
			}
		})
	}
}

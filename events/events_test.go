package events

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keyward/keyward/events/outcomes"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/httpapi"
)

// Each sample does what it says: as it stands, and with a real key, session and organization in place of the made up
// ones.
func TestEvents_doWhatTheySay(t *testing.T) {
	tried := map[string]bool{}
	for file, want := range outcomes.All {
		t.Run(file, func(t *testing.T) {
			f := newFixture(t)
			payload := read(t, file)
			call := f.functions[filepath.Dir(file)]
			if got := call(t, payload); got != want.AsItStands {
				t.Errorf("as it stands: %s, want %s", got, want.AsItStands)
			}
			if before := outcomes.Before[file]; before != "" {
				call(t, f.actual.Into(read(t, before)))
			}
			if got := call(t, f.actual.Into(payload)); got != want.Real {
				t.Errorf("with a real key: %s, want %s", got, want.Real)
			}
			tried[file+".json"] = true
		})
	}
	for _, file := range files(t) {
		if !tried[file] {
			t.Errorf("%s is driven by no test", file)
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	payload, err := os.ReadFile(file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// files are all samples.
func files(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("*/*.json")
	if err != nil || len(all) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	return all
}

// Every function has a sample, and every folder of samples has a function.
func TestEvents_areThereForEveryFunction(t *testing.T) {
	folders := map[string]bool{}
	for _, file := range files(t) {
		folder := filepath.Dir(file)
		folders[folder] = true
		if _, err := os.Stat(filepath.Join("..", "functions", folder, "main.go")); err != nil {
			t.Errorf("%s is no function's: %v", file, err)
		}
	}
	for _, function := range httpapi.Functions {
		if !folders[function.Name] {
			t.Errorf("there is no sample for %s", function.Name)
		}
	}
}

// The made up key is one that every check but the store's takes, and no sample holds another secret.
func TestEvents_holdNoSecretOfAnybody(t *testing.T) {
	credential, err := apikey.Parse(apikey.DefaultBrand, outcomes.MadeUpSecret)
	if err != nil || credential.ID.String() != outcomes.MadeUpKeyID {
		t.Fatalf("%s: %v, %v", outcomes.MadeUpSecret, credential.ID, err)
	}
	secret := regexp.MustCompile(`vg_(live|stg|dev|test)_\w{32}`)
	for _, file := range files(t) {
		for _, found := range secret.FindAllString(string(read(t, strings.TrimSuffix(file, ".json"))), -1) {
			if !strings.Contains(found, "UnknownSampleKey") {
				t.Errorf("%s holds %s", file, found)
			}
		}
	}
}

// A sample is written as everybody writes JSON: `sam local invoke -e` and people read it.
func TestEvents_areJSONObjects(t *testing.T) {
	for _, file := range files(t) {
		var event map[string]any
		if err := json.Unmarshal(read(t, strings.TrimSuffix(file, ".json")), &event); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

package wire_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/wire"
)

// A deployment's own catalog is found beside the program, as soon as the program is there; a setting wins, and a file that
// can't be read is never taken for one that isn't there.
func TestTheCatalogBesideTheProgramIsTheDeployments(t *testing.T) {
	task, elsewhere, broken := t.TempDir(), t.TempDir(), t.TempDir()
	write := func(folder, text string) string {
		path := filepath.Join(folder, wire.CatalogFile)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write(task, strings.Replace(string(policy.Shipped), `"six_months"`, `"half_a_year"`, 1))
	set := write(elsewhere, strings.Replace(string(policy.Shipped), `"six_months"`, `"two_quarters"`, 1))
	write(broken, "{")
	for name, test := range map[string]struct {
		environment environment
		want        string // the default period's id; empty: an error
	}{
		"beside the program":                {environment{"LAMBDA_TASK_ROOT": task}, "half_a_year"},
		"none beside the program":           {environment{"LAMBDA_TASK_ROOT": t.TempDir()}, "six_months"},
		"one that is set, and one beside":   {environment{"LAMBDA_TASK_ROOT": task, "KEYWARD_CATALOG": set}, "two_quarters"},
		"a broken one beside the program":   {environment{"LAMBDA_TASK_ROOT": broken}, ""},
		"a folder that is not one, as root": {environment{"LAMBDA_TASK_ROOT": set}, ""},
	} {
		config, err := wire.ReadConfig(test.environment.get, policy.Load)
		switch {
		case test.want == "" && (err == nil || !strings.HasPrefix(err.Error(), "KEYWARD_CATALOG: ")):
			t.Errorf("%s: error = %v, want one of the catalog", name, err)
		case test.want != "" && (err != nil || config.Catalog.DefaultExpiry().ID != test.want):
			t.Errorf("%s: %v, want the default %s", name, err, test.want)
		}
	}
}

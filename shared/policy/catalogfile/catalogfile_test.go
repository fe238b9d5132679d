package catalogfile_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/policy/catalogfile"
)

func TestShippedCatalogIsTheOneThatPeopleRead(t *testing.T) {
	data, err := os.ReadFile("../catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	written, err := catalogfile.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.MarshalIndent(written, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want)+"\n", string(policy.Shipped)); diff != "" {
		t.Errorf("catalog.json is not catalog.yaml; run go generate ./shared/policy (-yaml +json):\n%s", diff)
	}
}

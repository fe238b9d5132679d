package binaries

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/events/outcomes"
	"github.com/keyward/keyward/infra/runtimeapi"
	"github.com/keyward/keyward/shared/httpapi"
)

// What is deployed does with each sample what its handler does in one process.
func TestEveryEventHasItsOutcome(t *testing.T) {
	for file, want := range outcomes.All {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			d := deploy(t)
			d.settle()
			sandbox := d.start(filepath.Dir(file))
			call := d.call
			if filepath.Dir(file) == "signingkeys" {
				call = d.callKeymaker
			}
			if got := call(sandbox, d.event(file)); got != want.AsItStands {
				t.Errorf("as it stands: %s, want %s", got, want.AsItStands)
			}
			if before := outcomes.Before[file]; before != "" {
				call(sandbox, d.real(before))
			}
			if got := call(sandbox, d.real(file)); got != want.Real {
				t.Errorf("with a real key: %s, want %s", got, want.Real)
			}
		})
	}
}

// callKeymaker tells what CloudFormation was told, or else whether the function failed, and how many keys are published then.
func (d *deployment) callKeymaker(sandbox *runtimeapi.Sandbox, event []byte) string {
	d.t.Helper()
	var told struct{ Status string }
	formation := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&told); err != nil {
			d.t.Error(err)
		}
	}))
	defer formation.Close()
	outcome := sandbox.Invoke(d.t.Context(), outcomes.AnswerTo(event, formation.URL))
	switch {
	case outcome.Error != nil:
		told.Status = outcome.Error.Message
	case told.Status == "":
		told.Status = "<nil>"
	}
	published, err := d.store.PublicKeys(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return fmt.Sprintf("%s, published %d", told.Status, len(published))
}

// API Gateway answers 401 to exactly this text, and 500 to any other.
func TestARefusalIsTheWordUnauthorizedAlone(t *testing.T) {
	d := deploy(t)
	outcome := d.start("authorizer").Invoke(t.Context(), d.event("authorizer/rest-sample-x-api-key"))
	var reported map[string]any
	if err := json.Unmarshal(outcome.Payload, &reported); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"errorMessage": "Unauthorized", "errorType": "errorString"}, reported); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A function asks Secrets Manager for what its row says, as its role's session, and for nothing else.
func TestAFunctionReadsTheSecretsOfItsRowAlone(t *testing.T) {
	for _, row := range httpapi.Functions {
		t.Run(row.Name, func(t *testing.T) {
			t.Parallel()
			d := deploy(t)
			d.settleBeside(t)
			allowed := map[string]bool{
				"GetSecretValue " + peppersARN: row.Peppers,
				"GetSecretValue " + signingARN: row.Signing || row.Keymaker,
				"PutSecretValue " + signingARN: row.Keymaker,
			}
			sandbox := d.start(row.Name)
			for _, file := range slices.Sorted(maps.Keys(outcomes.All)) {
				if filepath.Dir(file) == row.Name && row.Name != "signingkeys" {
					d.call(sandbox, d.real(file))
				}
			}
			for asked := range d.secrets.Asked() {
				if !allowed[asked] {
					t.Errorf("it asked: %s", asked)
				}
			}
			if asked := d.secrets.Asked()["GetSecretValue "+peppersARN]; row.Peppers && asked != 1 {
				t.Errorf("it read the peppers %d times, want once", asked)
			}
		})
	}
}

// settleBeside settles with another Secrets Manager's help, so that this one's has been asked nothing.
func (d *deployment) settleBeside(t *testing.T) {
	t.Helper()
	other := deploy(t)
	other.Deployment, other.actual, other.more = d.Deployment, d.actual, maps.Clone(other.more)
	other.settle()
	d.actual = other.actual
}

package binaries

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/runtimeapi"
	"github.com/keyward/keyward/infra/runtimeapi/rows"
	"github.com/keyward/keyward/shared/httpapi"
)

// configured is a function as it is deployed, whose surroundings nothing reaches: what is wrong with its settings is to be
// found before anything is asked.
func configured(t *testing.T, row httpapi.Function) runtimeapi.Function {
	t.Helper()
	deployment := rows.Deployment{
		Name: "keyward", Table: "keyward-table", Peppers: peppersARN, SigningKeys: signingARN, KeyAlgorithm: "EdDSA",
		Issuer: "https://id.example", Audience: "console", Signup: "closed",
	}
	return deployment.Function(row, bootstrap(t, row.Name))
}

// optional are the settings without which a function starts all the same: shared/wire says what empty means. Every other one
// that a deployment has is needed.
var optional = []string{
	"KEYWARD_DEPLOYMENT", "KEYWARD_SIGNUP", "KEYWARD_FIRST_ADMIN", "KEYWARD_OPERATORS", "KEYWARD_TRUSTED_PROXIES", "KEYWARD_LOG_LEVEL", "KEYWARD_KEY_ALGORITHM",
}

// Whoever deploys by hand and forgets something is told what, in the function's log.
func TestAStartWithoutASettingNamesIt(t *testing.T) {
	tried := map[string]bool{}
	for _, row := range httpapi.Functions {
		for name := range configured(t, row).Variables {
			if strings.HasPrefix(name, "KEYWARD_") && !slices.Contains(optional, name) {
				tried[name] = true
				function := configured(t, row)
				delete(function.Variables, name)
				failsToStart(t, function, name+" is not set: "+row.Name+" needs ")
			}
		}
	}
	if len(tried) < 5 {
		t.Errorf("only %v are needed", tried)
	}
}

func TestAStartWithAWrongSettingNamesIt(t *testing.T) {
	for name, value := range map[string]string{
		"KEYWARD_CATALOG":         "/no/such/file",
		"KEYWARD_SIGNUP":          "everybody",
		"KEYWARD_TRUSTED_PROXIES": "10.0.0.0/8,somewhere",
		"KEYWARD_BRAND":           "Not-A-Brand",
		"KEYWARD_KEY_ISSUER":      "has a space",
		"KEYWARD_KEY_ALGORITHM":   "none",
		"KEYWARD_APPSYNC":         `{"api": {}}`,
		"KEYWARD_LOG_LEVEL":       "loud",
		"KEYWARD_LOG_SAMPLE":      "10%",
		"KEYWARD_REFUSE_ALL":      "perhaps",
	} {
		for _, row := range httpapi.Functions {
			if name == "KEYWARD_CATALOG" && row.NoCatalog {
				continue
			}
			function := configured(t, row)
			function.Variables[name] = value
			failsToStart(t, function, name+": ")
		}
	}
}

// failsToStart holds a function to ending before its first event, with one line of JSON that says want and no secret.
func failsToStart(t *testing.T, function runtimeapi.Function, want string) {
	t.Helper()
	function.Variables = maps.Clone(function.Variables)
	sandbox, err := runtimeapi.Start(t.Context(), function)
	if err == nil {
		sandbox.Close()
		t.Errorf("%s starts without: %s", function.Name, want)
		return
	}
	failure, ok := errors.AsType[*runtimeapi.InitError](err)
	if !ok || failure.Exit != "exit status 1" || len(failure.Log) != 1 {
		t.Errorf("%s: %v; want an exit with status 1 and one line", function.Name, err)
		return
	}
	var line struct{ Level, Msg, Function, Error string }
	if err := json.Unmarshal([]byte(failure.Log[0]), &line); err != nil {
		t.Errorf("%s wrote no JSON: %s", function.Name, failure.Log[0])
	}
	if line.Level != "ERROR" || !strings.HasPrefix(line.Error, want) || "keyward-"+line.Function != function.Name {
		t.Errorf("%s wrote %s; want it to begin with %q", function.Name, failure.Log[0], want)
	}
	for _, secret := range []string{rows.Credentials.SecretAccessKey, rows.Credentials.SessionToken} {
		if strings.Contains(failure.Log[0], secret) {
			t.Errorf("%s wrote a secret: %s", function.Name, failure.Log[0])
		}
	}
}

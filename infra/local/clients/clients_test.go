package clients

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// must runs a command that prepares something.
func must(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func TestClient_Go(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "client")
	must(t, Folder(), "go", "build", "-o", binary, "./go")
	Check(t, binary)
}

// The compiler checks the document's types too. It comes from npm, where it is not there yet.
func TestClient_TypeScript(t *testing.T) {
	must(t, Folder(), "../../tools/clients/node.sh")
	compiled := t.TempDir()
	compiler := filepath.Join(Tools(), "node", "node_modules", "typescript", "bin", "tsc")
	must(t, Folder(), "node", compiler, "--project", "typescript", "--outDir", compiled)
	Check(t, "node", filepath.Join(compiled, "client.mjs"))
}

// curl prints the answers themselves.
var answered = regexp.MustCompile(`^{"status":"success","message":"API key generated successfully","data":{"key_id":"key_[0-9A-Za-z]{8}","api_key":"(` + secretForm + `)",.*}}
{"status":"success","message":"API keys retrieved successfully","data":{"keys":\[{.*"name":"Production API Key".*}\],"total":1,.*}}
{"status":"success","message":"API key retrieved successfully","data":{.*"last_used_at":null,.*"usage":{"requests_today":0,"requests_this_month":0}}}
{"status":"success","message":"API key updated successfully","data":{.*"name":"Renamed Production Key".*}}
{"status":"success","message":"API key revoked successfully","data":{"key_id":"key_[0-9A-Za-z]{8}","revoked_at":"[^"]*Z"}}
$`)

func TestClient_curl(t *testing.T) {
	Run(t, answered, filepath.Join(Folder(), "curl", "client.sh"))
}

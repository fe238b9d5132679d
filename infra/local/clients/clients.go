// Package clients holds the four clients printed in the Veriglob document, each as it stands there but for the base URL
// and the session token, and runs them against a house. They are the proof that whoever has such a client keeps it.
package clients

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/acceptance"
	"github.com/keyward/keyward/infra/local/house/housetest"
	"github.com/keyward/keyward/shared/checkout"
)

// Folder is where the clients are.
func Folder() string {
	return filepath.Join(checkout.Root(), "infra", "local", "clients")
}

// Tools is where what the clients need is installed.
func Tools() string { return filepath.Join(checkout.Root(), ".tools", "clients") }

const secretForm = `vg_live_[0-9A-Za-z]{32}`

// told is what a client prints that prints what the document's examples print.
var told = regexp.MustCompile(`^API Key: (` + secretForm + `)
Rate Limit: 100 requests/min
Total keys: 1
- Production API Key \(basic\): vg_live_[0-9A-Za-z]{4}\.\.\.[0-9A-Za-z]{4}
Key name: Production API Key
Usage today: 0
Updated at: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ
Revoked at: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ
$`)

// Check runs a client as a member of its own: it creates a key, lists, reads, renames and revokes it, and says so.
func Check(t *testing.T, command ...string) {
	t.Helper()
	Run(t, told, command...)
}

// Run runs a client as a member of its own, in a house of its own. Its output must have the form of said, whose first
// group is the secret of the key that it made and revoked.
func Run(t *testing.T, said *regexp.Regexp, command ...string) {
	t.Helper()
	target := housetest.Open(t, housetest.SQLite(t))
	client := exec.CommandContext(t.Context(), command[0], command[1:]...)
	client.Env = append(os.Environ(), "KEYWARD_URL="+target.URL, "KEYWARD_TOKEN="+target.Token(t, "veriglob"))
	var stderr bytes.Buffer
	client.Stderr = &stderr
	out, err := client.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(command, " "), err, out, stderr.String())
	}
	found := said.FindSubmatch(out)
	if found == nil {
		t.Fatalf("it printed\n%s\nwhich has not the form of\n%s", out, said)
	}
	wantRevoked(t, target, string(found[1]))
}

// wantRevoked checks that the key that a client made does not work any more.
func wantRevoked(t *testing.T, target acceptance.Target, secret string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target.Sample("production")+"/zones", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-API-Key", secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("the revoked key: status %d", response.StatusCode)
	}
}

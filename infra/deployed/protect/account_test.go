package protect

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/shared/checkout"
)

// answer is what came back.
type answer struct {
	status  int
	headers http.Header
	text    string
}

func send(t *testing.T, method, url string, headers map[string]string, body any) answer {
	t.Helper()
	var payload bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&payload).Encode(body); err != nil {
			t.Fatal(err)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), method, url, &payload)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

// admin is a member at keyward's own API.
type admin struct{ url, token string }

func (a admin) headers() map[string]string {
	return map[string]string{"Authorization": "Bearer " + a.token, "Content-Type": "application/json"}
}

// create makes a key and gives its secret and its id.
func (a admin) create(t *testing.T, fields map[string]any) (secret, id string) {
	t.Helper()
	got := send(t, http.MethodPost, a.url+"/v1/keys", a.headers(), fields)
	var made struct {
		Data struct {
			APIKey string `json:"api_key"`
			KeyID  string `json:"key_id"`
		}
	}
	if err := json.Unmarshal([]byte(got.text), &made); err != nil || got.status != http.StatusCreated {
		t.Fatalf("making a key: %d, %v", got.status, err)
	}
	return made.Data.APIKey, made.Data.KeyID
}

func (a admin) revoke(t *testing.T, id string) {
	t.Helper()
	if got := send(t, http.MethodDelete, a.url+"/v1/keys/"+id, a.headers(), nil); got.status != http.StatusOK {
		t.Fatalf("revoking: %d: %s", got.status, got.text)
	}
}

// buildExample is the customer's CDK app, a program.
func buildExample(t *testing.T) string {
	t.Helper()
	app := filepath.Join(t.TempDir(), "example")
	command := exec.CommandContext(t.Context(), "go", "build", "-o", app, "./infra/protect/example")
	command.Dir = checkout.Root()
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
	return app
}

// restURL is where the emulator answers for the stack's REST API, whose output CDK names RestEndpoint and a digest.
func restURL(t *testing.T, emulated *emulator.Emulator, outputs map[string]string) string {
	t.Helper()
	for name, url := range outputs {
		if strings.HasPrefix(name, "RestEndpoint") {
			return emulated.API(apiID(url), "prod")
		}
	}
	t.Fatalf("no output says where the REST API is: %v", outputs)
	return ""
}

func httpURL(emulated *emulator.Emulator, outputs map[string]string) string {
	return emulated.API(apiID(outputs["HttpUrl"]), "$default")
}

// apiID is that of https://<api>.execute-api.…
func apiID(url string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(url, "https://"), ".")
	return id
}

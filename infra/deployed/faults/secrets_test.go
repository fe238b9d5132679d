package faults

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keyring/awssecrets"
)

// outages are the ways in which Secrets Manager gives no secret. It answers as DynamoDB does, in AWS's JSON protocol.
var outages = map[string]mishap{
	"throttled":           refusal(http.StatusBadRequest, "ThrottlingException"),
	"no permission":       refusal(http.StatusBadRequest, "AccessDeniedException"),
	"the key is disabled": refusal(http.StatusBadRequest, "DecryptionFailure"),
	"an internal error":   refusal(http.StatusInternalServerError, "InternalServiceError"),
	"nobody there":        unavailable,
	"a proxy's 502":       gateway,
	"no connection":       cutBefore,
	"half an answer":      cutMiddle,
	"no JSON":             garbled,
}

// secrets is Secrets Manager with the secrets of a folder, each a file.
func secrets(t testing.TB, dir string) *line {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ SecretId string }
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &asked)
		text, err := os.ReadFile(filepath.Join(dir, filepath.Base(asked.SecretId)))
		if err != nil {
			refuse(w, http.StatusBadRequest, `{"__type":"ResourceNotFoundException","message":"Secrets Manager can't find it"}`)
			return
		}
		answer, _ := json.Marshal(map[string]string{"ARN": asked.SecretId, "Name": asked.SecretId, "SecretString": string(text)})
		refuse(w, http.StatusOK, string(answer))
	}))
	t.Cleanup(server.Close)
	return newLine(t, server.URL)
}

// onSecrets has the house read its peppers and signing keys from Secrets Manager. What it read before is forgotten: it starts.
func onSecrets(to **line) func(*home) {
	return func(h *home) {
		dir := h.TempDir()
		line := secrets(h, dir)
		*to = line
		h.must(copyOf(h.parts.Signing, filepath.Join(dir, "signing")))
		h.must(os.WriteFile(filepath.Join(dir, "peppers"), []byte(`{"current":"k1","k1":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}`), 0o600))
		client := secretsmanager.NewFromConfig(aws.Config{
			Region: "us-east-1", BaseEndpoint: &line.server.URL, Credentials: aws.CredentialsProviderFunc(anybody),
		})
		h.parts.Signing = awssecrets.Source{Client: client, SecretID: "signing"}
		h.parts.Keyring = keyring.New(awssecrets.Source{Client: client, SecretID: "peppers"}, func(err error) { h.Error(err) })
	}
}

func anybody(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
}

func copyOf(source keyring.Source, file string) error {
	text, err := source.Load(context.Background())
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// A function that starts while Secrets Manager gives nothing starts all the same: what needs a pepper is a 503 until there is one,
// and then works at once. What needs none goes on.
func TestAStartWithoutSecretsManagerIsAnOutageUntilItAnswers(t *testing.T) {
	for name, happens := range outages {
		t.Run(name, func(t *testing.T) {
			var manager *line
			h := open(t, onSecrets(&manager))
			token := h.token("ann")
			manager.broken(every(1, nil, happens))
			h.wantOutages(token)
			if got := h.ask("GET", "/v1/keys", token, ""); got.status != http.StatusOK {
				t.Errorf("a list: status %d %v", got.status, got.body)
			}
			manager.mend()
			w := h.newWorker("secrets", token, 1)
			w.create()
			w.recover()
			if len(w.unsure) > 0 {
				t.Error("a create failed, though nothing is broken any more")
			}
			h.wantOrder()
		})
	}
}

// wantOutages checks that whatever hashes a secret is an outage. All are asked for at once, and share one look at the peppers.
func (h *home) wantOutages(token string) {
	h.Helper()
	const unknown = "vg_live_00000000UnknownSampleKey000000gy"
	var all sync.WaitGroup
	for _, asked := range [][4]string{
		{"POST", "/v1/keys", token, `{"name":"one"}`},
		{"GET", zones, unknown, ""},
		{"POST", "/v1/keys/verify", token, `{"api_key":"` + unknown + `"}`},
		{"GET", "/v1/authorize/production/dns/zones", unknown, ""},
	} {
		all.Go(func() {
			if got := h.ask(asked[0], asked[1], asked[2], asked[3]); got.status != http.StatusServiceUnavailable {
				h.Errorf("%s %s: status %d %v", asked[0], asked[1], got.status, got.body)
			}
		})
	}
	all.Wait()
}

// Keys in JWT format need the signing keys as well. Where those can't be read none is made, and nothing is left of the attempt.
func TestAJWTKeyIsMadeWholeOrNotAtAll(t *testing.T) {
	var manager *line
	h := open(t, onSecrets(&manager))
	token := h.token("ann")
	const body = `{"name":"jwt","format":"jwt","permissions":["dns:read"]}`
	if got := h.ask("POST", "/v1/keys", token, `{"name":"the peppers are read","permissions":["dns:read"]}`); got.status != http.StatusCreated {
		t.Fatalf("status %d %v", got.status, got.body)
	}
	manager.broken(every(1, nil, unavailable))
	if got := h.ask("POST", "/v1/keys", token, body); got.status != http.StatusServiceUnavailable {
		t.Errorf("status %d %v", got.status, got.body)
	}
	manager.mend()
	made := h.ask("POST", "/v1/keys", token, body)
	if got := h.ask("GET", zones, made.text("api_key"), ""); made.status != http.StatusCreated || got.status != http.StatusOK {
		t.Errorf("made %d %v, used %d", made.status, made.body, got.status)
	}
	h.wantOrder()
}

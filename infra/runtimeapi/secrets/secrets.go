// Package secrets is as much of AWS Secrets Manager as the functions use, on this machine: it keeps secrets, checks who
// asks, and counts what is asked.
package secrets

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/keyward/keyward/infra/runtimeapi"
)

// Manager is a Secrets Manager that answers at URL. Close ends it.
type Manager struct {
	URL string

	server      *httptest.Server
	credentials runtimeapi.Credentials
	region      string

	mu      sync.Mutex
	values  map[string]string
	asked   map[string]int // "GetSecretValue <id>"
	refused []string
}

// New starts a Manager for those whose credentials these are. A secret without a value, "", has no version yet.
func New(region string, credentials runtimeapi.Credentials, values map[string]string) *Manager {
	m := &Manager{region: region, credentials: credentials, values: maps.Clone(values), asked: map[string]int{}}
	m.server = httptest.NewServer(m)
	m.URL = m.server.URL
	return m
}

// Close ends it.
func (m *Manager) Close() { m.server.Close() }

// Value is the current one of a secret.
func (m *Manager) Value(id string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[id]
}

// Asked is how often each action was asked for, by "<action> <secret>".
func (m *Manager) Asked() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.asked)
}

// Refused are the requests that nobody with these credentials could have signed, and those that it does not know.
func (m *Manager) Refused() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.refused)
}

// request is what both actions need.
type request struct{ SecretId, SecretString string }

// ServeHTTP answers GetSecretValue and PutSecretValue.
func (m *Manager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if err := m.signed(r); err != nil {
		m.refuse(w, "UnrecognizedClientException", err.Error())
		return
	}
	var asked request
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		m.refuse(w, "InvalidRequestException", err.Error())
		return
	}
	action := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager.")
	m.asked[action+" "+asked.SecretId]++
	value, exists := m.values[asked.SecretId]
	switch {
	case exists && action == "PutSecretValue":
		m.values[asked.SecretId] = asked.SecretString
		answer(w, http.StatusOK, map[string]string{"ARN": asked.SecretId})
	case action == "GetSecretValue" && value != "":
		answer(w, http.StatusOK, map[string]string{"ARN": asked.SecretId, "SecretString": value})
	case action == "GetSecretValue":
		answer(w, http.StatusBadRequest, map[string]string{"__type": "ResourceNotFoundException", "Message": "Secrets Manager can't find the specified secret."})
	default:
		m.refuse(w, "InvalidRequestException", action+" "+asked.SecretId)
	}
}

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([^/]+)/secretsmanager/aws4_request, SignedHeaders=(\S+), Signature=[0-9a-f]{64}$`)

// signed checks who signed a request, where and what for. The signature itself is not reckoned again.
func (m *Manager) signed(r *http.Request) error {
	parts := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	switch {
	case parts == nil:
		return fmt.Errorf("not signed for Secrets Manager")
	case parts[1] != m.credentials.AccessKeyID || parts[2] != m.region:
		return fmt.Errorf("signed by %s for %s", parts[1], parts[2])
	case r.Header.Get("X-Amz-Security-Token") != m.credentials.SessionToken:
		return fmt.Errorf("without the session's token")
	case !strings.Contains(parts[3], "x-amz-security-token"), !strings.Contains(parts[3], "x-amz-target"):
		return fmt.Errorf("signed are only %s", parts[3])
	default:
		return nil
	}
}

func (m *Manager) refuse(w http.ResponseWriter, kind, message string) {
	m.refused = append(m.refused, message)
	answer(w, http.StatusBadRequest, map[string]string{"__type": kind, "Message": message})
}

func answer(w http.ResponseWriter, status int, body map[string]string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

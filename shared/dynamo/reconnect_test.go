package dynamo

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// forgetful is a DynamoDB that ends connections without an answer to the requests of those numbers.
type forgetful struct {
	mu      sync.Mutex
	drops   map[int]bool
	targets []string
	keys    []string // values of the header that is not to be sent
}

func (f *forgetful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.targets = append(f.targets, r.Header.Get("X-Amz-Target"))
	f.keys = append(f.keys, r.Header[idempotent]...)
	if f.drops[len(f.targets)] {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_, _ = io.WriteString(w, "{}")
}

// seen is what has arrived: requests, and values of the header that is not to be sent.
func (f *forgetful) seen() (targets, keys []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.targets), slices.Clone(f.keys)
}

func clientOf(t *testing.T, f *forgetful) *dynamodb.Client {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
	})
	return NewClient(aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials})
}

// A function that was frozen holds connections that are closed. Whoever comes first is not to be told 503 for that.
func TestARequestOnAConnectionThatWasClosedIsSentAgain(t *testing.T) {
	f := &forgetful{drops: map[int]bool{2: true}}
	client := clientOf(t, f)
	for range 2 {
		if _, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil {
			t.Fatal(err)
		}
	}
	if targets, keys := f.seen(); len(targets) != 3 || len(keys) != 0 {
		t.Errorf("sent %v with keys %v; want three requests and no key", targets, keys)
	}
}

// What fails on a connection of its own may have been done.
func TestARequestOnAConnectionOfItsOwnIsNotSentAgain(t *testing.T) {
	f := &forgetful{drops: map[int]bool{1: true}}
	_, err := clientOf(t, f).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	if targets, _ := f.seen(); err == nil || len(targets) != 1 {
		t.Errorf("error %v after %d requests; want an error after one", err, len(targets))
	}
}

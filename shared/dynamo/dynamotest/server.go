// Package dynamotest runs tests on DynamoDB Local, through the real SDK, and makes its replies go wrong.
package dynamotest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/checkout"
	"github.com/keyward/keyward/shared/dynamo"
)

// EndpointVariable names an endpoint to use instead of a DynamoDB Local of our own.
const EndpointVariable = "KEYWARD_DYNAMODB_LOCAL"

const (
	startTimeout = 30 * time.Second
	startPoll    = 100 * time.Millisecond
)

var endpoint string

// Main is the TestMain of a package whose tests need DynamoDB: one DynamoDB Local for all of them, on a free port,
// ended when they end. That it is not installed is a failure, never a skip.
func Main(m *testing.M) {
	stop, err := start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

func start() (stop func(), err error) {
	if endpoint = os.Getenv(EndpointVariable); endpoint != "" {
		return func() {}, nil
	}
	lib := filepath.Join(checkout.Root(), ".tools", "dynamodb-local", "lib")
	if _, err := os.Stat(lib); err != nil {
		return nil, fmt.Errorf("DynamoDB Local is not installed (%w): run `make tools`, or set %s", err, EndpointVariable)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	endpoint = "http://127.0.0.1:" + port
	server := exec.Command("java", "-Xmx256m", "-XX:+UseSerialGC",
		"-Djava.library.path="+lib, "-cp", filepath.Join(lib, "*"),
		"com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
		"-inMemory", "-sharedDb", "-disableTelemetry", "-port", port)
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("starting DynamoDB Local: %w", err)
	}
	stop = func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}
	if err := answers(); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}

// answers waits until the server does, for startTimeout at most.
func answers() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	ticker := time.NewTicker(startPoll)
	defer ticker.Stop()
	for {
		_, err := NewClient().ListTables(ctx, &dynamodb.ListTablesInput{})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("DynamoDB Local does not answer: %w", err)
		case <-ticker.C:
		}
	}
}

// patience is the timeout of a request. It is far longer than in production: what tests ask is what DynamoDB answers,
// not how busy the machine is.
const patience = 20 * time.Second

// NewClient is a client as the Lambdas have it, but for its patience, for the server of this test binary.
func NewClient() *dynamodb.Client {
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
	})
	client := dynamo.NewClient(aws.Config{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials})
	return dynamodb.New(client.Options(), func(o *dynamodb.Options) {
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(patience)
	})
}

// NewTable makes an empty table for one test, removed when it ends, and gives its name.
func NewTable(t testing.TB) string {
	t.Helper()
	table := "keyward-" + strings.ToLower(rand.Text())
	if err := dynamo.CreateTable(t.Context(), NewClient(), table); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := NewClient().DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &table})
		if err != nil {
			t.Error(err)
		}
	})
	return table
}

// Package dynamolocal runs DynamoDB Local, which `make tools` installs, as a process of its own.
package dynamolocal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/infra/bench/child"
	"github.com/keyward/keyward/shared/dynamo"
)

// Server is a DynamoDB Local that keeps everything in memory.
type Server struct {
	*child.Process
	endpoint string
}

// Start starts it on a free port. End it with Stop.
func Start(ctx context.Context) (*Server, error) {
	lib := filepath.Join(".tools", "dynamodb-local", "lib")
	if _, err := os.Stat(lib); err != nil {
		return nil, fmt.Errorf("DynamoDB Local is not installed, run `make tools`: %w", err)
	}
	address, err := child.FreeAddress()
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	process, err := child.Start("java", nil, "-Xmx1g", "-XX:+UseSerialGC", "-Djava.library.path="+lib, "-cp", filepath.Join(lib, "*"),
		"com.amazonaws.services.dynamodbv2.local.main.ServerRunner", "-inMemory", "-sharedDb", "-disableTelemetry", "-port", port)
	if err != nil {
		return nil, err
	}
	if err := process.Listening(ctx, address); err != nil {
		return nil, errors.Join(err, process.Stop())
	}
	return &Server{process, "http://" + address}, nil
}

// Client is a client as the functions have it.
func (s *Server) Client() *dynamodb.Client {
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
	})
	return dynamo.NewClient(aws.Config{Region: "us-east-1", BaseEndpoint: &s.endpoint, Credentials: credentials})
}

// startPatience is how long the first answer of a server that has just started may take, on a busy machine.
const startPatience = 30 * time.Second

// Table makes an empty table of that name.
func (s *Server) Table(ctx context.Context, name string) error {
	patient := dynamodb.New(s.Client().Options(), func(o *dynamodb.Options) {
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(startPatience)
	})
	return dynamo.CreateTable(ctx, patient, name)
}

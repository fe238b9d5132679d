// Package onaws builds the parts of a function on AWS: the DynamoDB table, the peppers in Secrets Manager, logs and
// metrics on standard output. It is all that a function's main.go calls.
package onaws

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/metric"
	"github.com/keyward/keyward/shared/policy"
	"github.com/keyward/keyward/shared/wire"
)

// Part adds what a function needs to its parts. A function's program holds only the parts that its main.go names.
type Part func(*wire.Parts)

// Table adds the store on the DynamoDB table.
func Table(parts *wire.Parts) {
	parts.Store = dynamo.New(dynamo.NewClient(awsConfig("DYNAMODB"), func() { parts.Count(metric.StoreThrottled) }), parts.Config.Table)
}

// Peppers adds the keyring of the secret in Secrets Manager.
func Peppers(parts *wire.Parts) {
	client := secretsmanager.NewFromConfig(awsConfig("SECRETS_MANAGER"))
	source := keyring.SecretsManager{Client: client, SecretID: parts.Config.Peppers}
	parts.Keyring = keyring.New(source, func(err error) {
		parts.Log.Error("the peppers could not be read again; the last good ones go on", "error", err)
	})
}

// Start runs the function of that name, which build makes from its parts. A missing setting ends the start with its
// name. What the hot path calls first is called once before the first request.
func Start[Handler any](name string, build func(wire.Parts) (Handler, error), needs ...Part) {
	handler, err := prepare(name, build, needs)
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("the function can't start", "function", name, "error", err)
		os.Exit(1)
	}
	lambda.Start(handler)
}

func prepare[Handler any](name string, build func(wire.Parts) (Handler, error), needs []Part) (handler Handler, err error) {
	function, found := httpapi.FunctionOf(name)
	if !found {
		return handler, fmt.Errorf("there is no function %s in the table of functions", name)
	}
	config, err := wire.ReadConfig(wire.Env, policy.Load)
	if err != nil {
		return handler, err
	}
	if err := config.Require(function); err != nil {
		return handler, err
	}
	parts := wire.Parts{
		Config: config,
		Now:    time.Now,
		Log:    slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: config.LogLevel})),
		Count:  metric.Embedded(os.Stdout, os.Getenv("AWS_LAMBDA_FUNCTION_NAME")),
	}
	for _, add := range needs {
		add(&parts)
	}
	if handler, err = build(parts); err != nil {
		return handler, err
	}
	warmUp(parts)
	return handler, nil
}

// awsConfig is what config.LoadDefaultConfig would find in a Lambda function's environment, without the 10 ms that
// it takes to look everywhere else. service is as AWS_ENDPOINT_URL_<service> spells it.
func awsConfig(service string) aws.Config {
	config := aws.Config{
		Region:      os.Getenv("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(functionCredentials),
	}
	endpoint := os.Getenv("AWS_ENDPOINT_URL_" + service)
	if endpoint == "" {
		endpoint = os.Getenv("AWS_ENDPOINT_URL")
	}
	if endpoint != "" {
		config.BaseEndpoint = &endpoint
	}
	return config
}

// warmUpTime bounds the warm-up: a store that does not answer must not keep the function from starting, since then
// it answers 503 instead of nothing.
const warmUpTime = 2 * time.Second

// warmUp makes the hot path's first calls, the ones that open connections, before a request waits for them.
func warmUp(parts wire.Parts) {
	if parts.Keyring == nil || parts.Store == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), warmUpTime)
	defer cancel()
	if _, err := parts.Keyring.Ring(ctx); err != nil {
		parts.Log.WarnContext(ctx, "warming up: the peppers could not be read", "error", err)
	}
	if _, err := parts.Store.Read(ctx, "00000000"); err != nil {
		parts.Log.WarnContext(ctx, "warming up: the store could not be read", "error", err)
	}
}

// functionCredentials are those of the function's role, which Lambda puts into the environment for the life of the process.
func functionCredentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		Source:          "Lambda environment",
	}, nil
}

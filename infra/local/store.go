package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/sqlite"
)

// openStore opens the store that the settings name. close is to be called at the end.
func openStore(ctx context.Context, settings settings) (store apikey.Store, close func() error, err error) {
	if settings.store == storeDynamoDB {
		return openDynamo(ctx, settings.config.Table)
	}
	path, err := settings.path("keyward.db")
	if err != nil {
		return nil, nil, err
	}
	embedded, err := sqlite.Open(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	return embedded, embedded.Close, nil
}

// openDynamo opens a table of DynamoDB Local or LocalStack, and makes it where it is missing. It refuses to run
// without an endpoint, so that a laptop's credentials never make a table in an account.
func openDynamo(ctx context.Context, table string) (apikey.Store, func() error, error) {
	endpoint := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")
	if endpoint == "" {
		return nil, nil, errors.New("AWS_ENDPOINT_URL_DYNAMODB is not set: KEYWARD_STORE=dynamodb needs the address of DynamoDB Local or LocalStack")
	}
	client := dynamo.NewClient(aws.Config{
		Region:       or(os.Getenv("AWS_REGION"), "us-east-1"),
		BaseEndpoint: &endpoint,
		Credentials:  aws.CredentialsProviderFunc(localCredentials),
	})
	if err := createTable(ctx, client, table); err != nil {
		return nil, nil, fmt.Errorf("AWS_ENDPOINT_URL_DYNAMODB=%s: %w", endpoint, err)
	}
	return dynamo.New(client, table), func() error { return nil }, nil
}

// createTable makes the table where it is missing. It waits a while for an emulator that is only just starting.
func createTable(ctx context.Context, client dynamo.TableMaker, table string) error {
	for patience := 20; ; patience-- {
		err := dynamo.CreateTable(ctx, client, table)
		if err == nil || patience == 0 || !errors.Is(err, syscall.ECONNREFUSED) {
			return err
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

// localCredentials are the environment's, or made up ones: an emulator wants some, and checks none.
func localCredentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{
		AccessKeyID:     or(os.Getenv("AWS_ACCESS_KEY_ID"), "local"),
		SecretAccessKey: or(os.Getenv("AWS_SECRET_ACCESS_KEY"), "local"),
	}, nil
}

// Package table is the part of a function that uses the DynamoDB table.
package table

import (
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/metric"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws/awsenv"
)

// Part adds the store on the DynamoDB table.
func Part(parts *wire.Parts) {
	count := parts.Count
	client := dynamo.NewClient(awsenv.Config("DYNAMODB"), func() { count(metric.StoreThrottled) })
	parts.Store = dynamo.New(client, parts.Config.Table)
}

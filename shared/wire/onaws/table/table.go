// Package table is the part of a function that uses the DynamoDB table.
package table

import (
	"log/slog"
	"os"

	"github.com/keyward/keyward/shared/changelog"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws/awsenv"
)

// Part adds the store on the DynamoDB table, whose requests are counted, and whose changes are written to standard output,
// whatever the level of the function's log is: they are the log archive.
func Part(parts *wire.Parts) {
	store := dynamo.New(dynamo.NewClient(awsenv.Config("DYNAMODB")), parts.Config.Table)
	store.Watch = parts.Tally
	parts.Store = changelog.Record(store, slog.New(slog.NewJSONHandler(os.Stdout, nil)), parts.Now)
}

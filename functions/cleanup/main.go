// Command cleanup is the scheduled Lambda function: it finishes changes that were cut off, marks expired keys and
// deletes those whose retention is over.
package main

import (
	"context"
	"encoding/json"

	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("cleanup", func(parts wire.Parts) (func(context.Context, json.RawMessage) (keys.Cleaned, error), error) {
		return parts.Cleanup(), nil
	}, table.Part)
}

// Command authorizer is the Lambda function that decides for API Gateway, WebSocket and AppSync APIs whether a
// request may go on: the hot path.
package main

import (
	"context"
	"encoding/json"

	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/peppers"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("authorizer", func(parts wire.Parts) (func(context.Context, json.RawMessage) (any, error), error) {
		authorizer, err := parts.Authorizer()
		if err != nil {
			return nil, err
		}
		return authorizer.Invoke, nil
	}, table.Part, peppers.Part)
}

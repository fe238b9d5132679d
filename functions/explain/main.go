// Command explain is the Lambda function that answers POST /v1/keys/{key_id}/explain.
package main

import (
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("explain", func(parts wire.Parts) (httpapi.Handler, error) { return parts.Explain(), nil }, table.Part)
}

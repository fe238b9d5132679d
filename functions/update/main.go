// Command update is the Lambda function that answers PATCH /v1/keys/{key_id}, and POST to its disable and enable.
package main

import (
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("update", func(parts wire.Parts) (httpapi.Handler, error) { return parts.Update(), nil }, table.Part)
}

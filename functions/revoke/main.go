// Command revoke is the Lambda function that answers DELETE /v1/keys/{key_id}.
package main

import (
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("revoke", func(parts wire.Parts) (httpapi.Handler, error) { return parts.Revoke(), nil }, table.Part)
}

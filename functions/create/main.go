// Command create is the Lambda function that answers POST /v1/keys and POST /v1/keys/generate.
package main

import (
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/peppers"
	"github.com/keyward/keyward/shared/wire/onaws/signing"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("create", func(parts wire.Parts) (httpapi.Handler, error) { return parts.Create(), nil }, peppers.Part, signing.Part, table.Part)
}

// Command verify is the Lambda function that answers POST /v1/keys/verify and ANY /v1/authorize/{environment}/{service}.
package main

import (
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/peppers"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("verify", func(parts wire.Parts) (httpapi.Handler, error) { return parts.Verify(), nil }, table.Part, peppers.Part)
}

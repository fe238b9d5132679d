// Command jwks is the Lambda function that answers GET /.well-known/jwks.json.
package main

import (
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("jwks", func(parts wire.Parts) (httpapi.Handler, error) { return parts.JWKS(), nil }, table.Part)
}

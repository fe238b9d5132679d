// Command catalog is the Lambda function that answers GET /v1/catalog.
package main

import (
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("catalog", func(parts wire.Parts) (httpapi.Handler, error) { return parts.Catalog(), nil }, table.Part)
}

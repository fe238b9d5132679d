// Command roles is the Lambda function that answers GET /v1/roles, and GET, PUT and DELETE /v1/roles/{name}.
package main

import (
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("roles", func(parts wire.Parts) (httpapi.Handler, error) { return parts.Roles(), nil }, table.Part)
}

// Command members is the Lambda function that answers GET /v1/members, and GET, PUT and DELETE /v1/members/{id}.
package main

import (
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("members", func(parts wire.Parts) (httpapi.Handler, error) { return parts.Members(), nil }, table.Part)
}

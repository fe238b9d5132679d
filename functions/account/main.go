// Command account is the Lambda function that answers GET and PATCH /v1/account.
package main

import (
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("account", func(parts wire.Parts) (httpapi.Handler, error) { return parts.Account(), nil }, table.Part)
}

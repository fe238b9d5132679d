// Command retier is the Lambda function that an operator invokes after changing a tier's number in the catalog: it gives
// existing keys the number of the tier that they have, from where the last invocation stopped.
package main

import (
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("retier", func(parts wire.Parts) (httpapi.Retier, error) { return parts.Retier(), nil }, table.Part)
}

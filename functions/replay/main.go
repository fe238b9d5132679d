// Command replay is the Lambda function that an operator invokes on a table which was restored to an earlier time: it applies
// every restriction again that the change log has since then.
package main

import (
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("replay", func(parts wire.Parts) (httpapi.Replay, error) { return parts.Replay(), nil }, table.Part)
}

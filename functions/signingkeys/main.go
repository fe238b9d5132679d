// Command signingkeys is the Lambda function that makes and changes the keys which sign keys in JWT format. Each
// deployment calls it, and an operator may.
package main

import (
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
	"github.com/keyward/keyward/shared/wire/onaws/keymaker"
	"github.com/keyward/keyward/shared/wire/onaws/table"
)

func main() {
	onaws.Start("signingkeys", func(parts wire.Parts) (keymaker.Handler, error) {
		return keymaker.New(parts.SigningKeys(), parts.Log), nil
	}, keymaker.Part, table.Part)
}

// Command sample is the Lambda function that answers the sample protected API: it echoes who the authorizer says a request comes from.
package main

import (
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws"
)

func main() {
	onaws.Start("sample", func(parts wire.Parts) (httpapi.Handler, error) { return parts.Sample(), nil })
}

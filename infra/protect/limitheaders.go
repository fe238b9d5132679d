package protect

import (
	"maps"
	"slices"

	"github.com/keyward/keyward/infra/protect/ratefields"
)

// limitParameters map each rate-limit header to the value that the authorizer has given.
func limitParameters() []any {
	var parameters []any
	for _, header := range slices.Sorted(maps.Keys(ratefields.Context)) {
		parameters = append(parameters, map[string]any{
			"Destination": "overwrite:header." + header,
			"Source":      "$context.authorizer." + ratefields.Context[header],
		})
	}
	return parameters
}

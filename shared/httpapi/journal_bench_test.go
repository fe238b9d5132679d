package httpapi

import (
	"io"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/journal"
	"github.com/keyward/keyward/shared/metric"
)

// BenchmarkREST is a whole decision of the authorizer over SQLite, with its line and without. The refusal is of a
// malformed credential, which no store is asked about: it shows the line alone.
func BenchmarkREST(b *testing.B) {
	for name, j := range map[string]*journal.Journal{"silent": nil, "journal": journal.Embedded(io.Discard, "keyward", 1, new(metric.Tally))} {
		d := newDoor(b)
		d.Journal = j
		for what, credential := range map[string]string{"spent": d.secret, "malformed": "nonsense"} {
			event := events.APIGatewayCustomAuthorizerRequestTypeRequest{
				MethodArn: methodARN, HTTPMethod: "GET", Path: "/zones", Resource: "/zones", StageVariables: guardedStage, Headers: map[string]string{"X-API-Key": credential},
			}
			b.Run(what+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, _ = d.REST(b.Context(), event)
				}
			})
		}
	}
}

package ratefields_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/infra/protect/ratefields"
	"github.com/keyward/keyward/shared/httpapi"
)

// The package imports nothing, so it spells the names itself: they are those of the answers that API Gateway gives.
func TestContext_namesWhatTheAuthorizerPassesOn(t *testing.T) {
	want := map[string]string{}
	for _, row := range httpapi.ProtectedResponses() {
		if row.Type != "INVALID_API_KEY" {
			continue
		}
		for header, value := range row.Headers {
			if name, passed := strings.CutPrefix(value, "context.authorizer."); passed {
				want[header] = name
			}
		}
	}
	if diff := cmp.Diff(want, ratefields.Context); diff != "" {
		t.Errorf("(-table +ratefields):\n%s", diff)
	}
}

func TestHeaders_areThoseThatAreKnown(t *testing.T) {
	for name, test := range map[string]struct {
		authorizer map[string]any
		want       map[string]string
	}{
		"a REST API's, all text": {map[string]any{"limit": "100", "remaining": "99", "reset": "60", "key_id": "key_1"},
			map[string]string{"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "99", "X-RateLimit-Reset": "60"}},
		"a number":        {map[string]any{"limit": 100, "remaining": nil}, map[string]string{"X-RateLimit-Limit": "100"}},
		"a public method": {nil, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, ratefields.Headers(test.authorizer)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

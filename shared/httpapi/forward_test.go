package httpapi

import "testing"

// Every answer of forward-auth says why, that to a panic too, and nginx is given a status that it understands.
func TestForward_aPanicHasACodeToo(t *testing.T) {
	edge, _ := newEdge()
	for deny, status := range map[string]int{"": 500, "403": 403} {
		event := request(nil)
		event.QueryStringParameters = map[string]string{"deny": deny}
		response, err := edge.Forward(nil, nil)(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != status || response.Headers[headerCode] != "internal" {
			t.Errorf("deny=%s: status %d, %s = %q", deny, response.StatusCode, headerCode, response.Headers[headerCode])
		}
	}
}

package outcomes

import (
	"encoding/json"
	"errors"
	"fmt"
)

// answer is what any function may answer. Which one it was can be told from what there is.
type answer struct {
	StatusCode     int
	Body           string
	PolicyDocument *struct {
		Statement []struct {
			Effect   string
			Resource []string
		}
	}
	UsageIdentifierKey string
	IsAuthorized       *bool
	Context            map[string]any
	ResolverContext    map[string]any
	TTLOverride        *int
	Examined           *int
	Changed            int
	Next               string
	Finished           *bool
	Did                map[string]int
	Left               int `json:"left_out"`
}

var errUnknown = errors.New("it is no answer of a function")

// Failed tells of an error that a function gave.
func Failed(message string) string { return "error " + message }

// Tell says in a few words what a function answered.
func Tell(payload []byte) (string, error) {
	var a answer
	if err := json.Unmarshal(payload, &a); err != nil {
		return "", fmt.Errorf("%w: %s", err, payload)
	}
	switch {
	case a.PolicyDocument != nil && len(a.PolicyDocument.Statement) == 1:
		statement := a.PolicyDocument.Statement[0]
		return fmt.Sprintf("%s %s key=%q code=%v", statement.Effect, statement.Resource[0], a.UsageIdentifierKey, a.Context["code"]), nil
	case a.IsAuthorized != nil && a.TTLOverride != nil:
		return fmt.Sprintf("isAuthorized=%t ttlOverride=%d code=%v", *a.IsAuthorized, *a.TTLOverride, a.ResolverContext["code"]), nil
	case a.IsAuthorized != nil:
		return fmt.Sprintf("isAuthorized=%t code=%v", *a.IsAuthorized, a.Context["code"]), nil
	case a.Examined != nil:
		return fmt.Sprintf("examined=%d changed=%d next=%s", *a.Examined, a.Changed, a.Next), nil
	case a.Finished != nil:
		return fmt.Sprintf("finished=%t", *a.Finished), nil
	case a.Did != nil:
		return fmt.Sprintf("missing=%d revoked=%d left_out=%d", a.Did["missing"], a.Did["revoked"], a.Left), nil
	case a.StatusCode != 0:
		return tellResponse(a)
	default:
		return "", fmt.Errorf("%w: %s", errUnknown, payload)
	}
}

// tellResponse tells of a response by proxy integration.
func tellResponse(a answer) (string, error) {
	if a.Body == "" {
		return fmt.Sprint(a.StatusCode), nil
	}
	var body struct {
		Message, Code string
		Data          struct{ Valid *bool }
	}
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil {
		return "", fmt.Errorf("%w: %s", err, a.Body)
	}
	text := fmt.Sprint(a.StatusCode, " ", body.Message)
	if body.Code != "" {
		text += ": " + body.Code
	}
	if body.Data.Valid != nil {
		text += fmt.Sprintf(": valid=%t", *body.Data.Valid)
	}
	return text, nil
}

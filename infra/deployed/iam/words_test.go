package iam

import "encoding/json"

// words are strings that a policy may write as one string where there is but one.
type words []string

func (w *words) UnmarshalJSON(text []byte) error {
	var one string
	if err := json.Unmarshal(text, &one); err == nil {
		*w = words{one}
		return nil
	}
	var many []string
	err := json.Unmarshal(text, &many)
	*w = many
	return err
}

package changelog_test

import (
	"errors"
	"testing"

	"github.com/keyward/keyward/shared/changelog"
)

// Part of a line that tells of a change is no other line: what it restricted would be passed over.
func TestACutLineOfAChangeIsNotPassedOver(t *testing.T) {
	for text, other := range map[string]bool{
		`{"time":"2026-01-01T00:00:00Z","msg":"change","change":{"id":"act`: false,
		`{"msg":"change_refused","change":{`:                                false,
		`{"msg":"change","change":7}`:                                       false,
		`START RequestId: 7f1c8e0a Version: $LATEST`:                        true,
		`{"msg":"replay done"}`:                                             true,
	} {
		if _, _, err := changelog.Read([]byte(text)); err == nil || errors.Is(err, changelog.ErrOther) != other {
			t.Errorf("%s: %v", text, err)
		}
	}
}

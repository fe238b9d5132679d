package iam

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/keyward/keyward/events/outcomes"
	"github.com/keyward/keyward/shared/changelog"
	"github.com/keyward/keyward/shared/org"
)

// replaying is an event that has one line of the change log replayed.
func replaying(line changelog.Line) string {
	line.Version, line.At = changelog.Version, time.Now().UTC()
	logged := map[string]any{"msg": changelog.Message, changelog.Field: line}
	event, err := json.Marshal(map[string]any{"table": outcomes.Table, "changes": []any{logged}})
	if err != nil {
		panic(err) // ours
	}
	return string(event)
}

func revoked(organization, key string) changelog.Line {
	return changelog.Line{Organization: org.ID(organization), KeyID: key, Key: &changelog.Key{RevokedAt: time.Now().UTC()}}
}

// replayingRevocation replays that a key was revoked which was made with body, and of which nobody knows that any more.
func replayingRevocation(body fields) errand {
	return func(t testing.TB, d *deployment) func() outcome {
		c := d.newcomer(t)
		key, organization := c.create(body), c.organization()
		return invoking("replay", replaying(revoked(organization, key["key_id"].(string))), nil)(t, d)
	}
}

// replayingRemoval replays that an invitation was withdrawn.
func replayingRemoval(t testing.TB, d *deployment) func() outcome {
	c := d.newcomer(t)
	inviting(c).data(t)
	invited := &changelog.Member{Hash: org.MailHash("bob@keyward.localhost"), Removed: true}
	line := changelog.Line{Organization: org.ID(c.organization()), Member: invited}
	return invoking("replay", replaying(line), nil)(t, d)
}

package keys

import (
	"maps"
	"reflect"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
)

// described are the fields of a key that changes are told by, under their names in the contract.
func described(key *apikey.Key) map[string]any {
	return map[string]any{
		"name":        key.Name,
		"description": key.Description,
		"metadata":    maps.Clone(key.Metadata),
		"environment": string(key.Environment),
		"active":      !key.Disabled,
		"tier":        key.Tier,
		"rate_limit":  key.Limits.PerMinute,
		"expires_at":  timeOrNil(key.ExpiresAt),
		"revoked_at":  timeOrNil(key.RevokedAt),

		"tier_inherited": key.TierInherited,
		"own_limit":      key.OwnLimit,
	}
}

// differ reports whether a change turned before into something else.
func differ(before, after *apikey.Key) bool {
	return len(changed(described(before), described(after))) > 0
}

// changed are the fields of now that differ from those of then.
func changed(then, now map[string]any) map[string]any {
	fields := map[string]any{}
	for name, value := range now {
		if !reflect.DeepEqual(then[name], value) && !(isEmptyMap(then[name]) && isEmptyMap(value)) {
			fields[name] = value
		}
	}
	return fields
}

func isEmptyMap(value any) bool {
	pairs, ok := value.(map[string]string)
	return ok && len(pairs) == 0
}

func changeEntry(caller Caller, action audit.Action, before, after *apikey.Key, now time.Time) audit.Entry {
	entry := audit.NewEntry(now, caller.Actor, action, before.ID.String(), caller.Address)
	then := described(before)
	entry.After = changed(then, described(after))
	entry.Before = map[string]any{}
	for name := range entry.After {
		entry.Before[name] = then[name]
	}
	return entry
}

func timeOrNil(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format(time.RFC3339)
}

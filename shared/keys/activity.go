package keys

import (
	"maps"
	"reflect"
	"slices"
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
		"owner":       key.Owner,
		"inherit":     key.Inherits != "",
		"roles":       append([]string{}, key.Roles...),
		"permissions": append([]string{}, key.OwnPermissions()...),
		"services":    allOr(key.Scope.Services),
		"customers":   allOr(key.Scope.Customers),
		"accounts":    allOr(key.Scope.Accounts),
		"ip_allow":    describedEntries(key.IPAllow),
		"ip_deny":     describedEntries(key.IPDeny),
		"format":      string(key.Format),
		"locked":      key.Locked,
		"successor":   idOrNil(key.Successor),
		"key_prefix":  key.Mask,
		"active":      !key.Disabled,
		"tier":        key.Tier,
		"rate_limit":  key.Limits.PerMinute,
		"expires_at":  timeOrNil(key.ExpiresAt),
		"revoked_at":  timeOrNil(key.RevokedAt),

		"tier_inherited":  key.TierInherited,
		"own_limit":       key.OwnLimit,
		"quota_per_day":   quotaOrNil(key.Limits.PerDay),
		"quota_per_month": quotaOrNil(key.Limits.PerMonth),

		"previous_secret_expires_at": timeOrNil(key.GraceUntil),
	}
}

func describedEntries(entries []apikey.IPEntry) []map[string]any {
	described := make([]map[string]any, len(entries))
	for i, entry := range entries {
		described[i] = map[string]any{"cidr": entry.Network.String(), "enabled": entry.Enabled, "note": entry.Note}
	}
	return described
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

func changeEntry(errand errand, before, after *apikey.Key, now time.Time) audit.Entry {
	entry := audit.NewEntry(now, errand.actor, errand.action, before.ID.String(), errand.address)
	then := described(before)
	entry.After = changed(then, described(after))
	entry.Before = map[string]any{}
	for name := range entry.After {
		entry.Before[name] = then[name]
	}
	return entry
}

// allOr is a list of a scope, where nil is everything.
func allOr(ids []string) any {
	if ids == nil {
		return "all"
	}
	return slices.Clone(ids)
}

func idOrNil(id apikey.ID) any {
	if id == "" {
		return nil
	}
	return id.String()
}

func quotaOrNil(quota int64) any {
	if quota == 0 {
		return nil
	}
	return quota
}

func timeOrNil(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format(time.RFC3339)
}

package httpapi

import (
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/ratelimit"
)

// keyJSON is a key as callers see it.
type keyJSON struct {
	KeyID         string            `json:"key_id"`
	APIKey        string            `json:"api_key,omitzero"` // in the answer to a create or a regenerate, and nowhere else
	Name          string            `json:"name"`
	Description   string            `json:"description"`
	Metadata      map[string]string `json:"metadata"`
	KeyPrefix     string            `json:"key_prefix"`
	Environment   string            `json:"environment"`
	Status        string            `json:"status"`
	Active        bool              `json:"active"`
	Tier          string            `json:"tier"`
	TierInherited bool              `json:"tier_inherited"`
	RateLimit     int64             `json:"rate_limit"`
	QuotaPerDay   *int64            `json:"quota_per_day"`
	QuotaPerMonth *int64            `json:"quota_per_month"`
	Owner         string            `json:"owner"`
	Inherit       bool              `json:"inherit"`
	Roles         []string          `json:"roles"`
	Permissions   []string          `json:"permissions"`
	Services      selectionJSON     `json:"services"`
	Customers     selectionJSON     `json:"customers"`
	Accounts      selectionJSON     `json:"accounts"`
	IPAllow       []ipEntryJSON     `json:"ip_allow"`
	IPDeny        []ipEntryJSON     `json:"ip_deny"`
	Format        string            `json:"format"`
	Locked        bool              `json:"locked"`
	Successor     *string           `json:"successor"`
	CreatedAt     string            `json:"created_at"`
	CreatedBy     string            `json:"created_by"`
	UpdatedAt     string            `json:"updated_at"`
	ExpiresAt     *string           `json:"expires_at"`
	RevokedAt     *string           `json:"revoked_at"`
	LastUsedAt    *string           `json:"last_used_at"`
	LastUsedIP    *string           `json:"last_used_ip"`
	Version       int64             `json:"version"`
	Usage         *usageJSON        `json:"usage,omitzero"`
	Warnings      []string          `json:"warnings,omitzero"`
}

// usageJSON is what a key was admitted for in the windows that now falls in.
type usageJSON struct {
	RequestsToday     int64 `json:"requests_today"`
	RequestsThisMonth int64 `json:"requests_this_month"`
}

func keyOf(key *apikey.Key, now time.Time) keyJSON {
	metadata := key.Metadata
	if metadata == nil {
		metadata = map[string]string{}
	}
	status := key.StatusAt(now)
	return keyJSON{
		KeyID:         key.ID.String(),
		Name:          key.Name,
		Description:   key.Description,
		Metadata:      metadata,
		KeyPrefix:     key.Mask,
		Environment:   string(key.Environment),
		Status:        string(status),
		Active:        status == apikey.Active,
		Tier:          key.Tier,
		TierInherited: key.TierInherited,
		RateLimit:     key.Limits.PerMinute,
		QuotaPerDay:   numberOrNull(key.Limits.PerDay),
		QuotaPerMonth: numberOrNull(key.Limits.PerMonth),
		Owner:         key.Owner,
		Inherit:       key.Inherits != "",
		Roles:         append([]string{}, key.Roles...),
		Permissions:   append([]string{}, key.OwnPermissions()...),
		Services:      selectionJSON(key.Scope.Services),
		Customers:     selectionJSON(key.Scope.Customers),
		Accounts:      selectionJSON(key.Scope.Accounts),
		IPAllow:       ipEntriesOf(key.IPAllow),
		IPDeny:        ipEntriesOf(key.IPDeny),
		Format:        string(key.Format),
		Locked:        key.Locked,
		Successor:     idOrNull(key.Successor),
		CreatedAt:     timestamp(key.CreatedAt),
		CreatedBy:     key.CreatedBy,
		UpdatedAt:     timestamp(key.UpdatedAt),
		ExpiresAt:     timestampOrNull(key.ExpiresAt),
		RevokedAt:     timestampOrNull(key.RevokedAt),
		LastUsedAt:    timestampOrNull(key.LastUsedAt),
		LastUsedIP:    addressOrNull(key.LastUsedIP),
		Version:       key.Version(),
	}
}

func usageOf(key *apikey.Key, now time.Time) *usageJSON {
	return &usageJSON{
		RequestsToday:     key.Counts.Of(ratelimit.At(ratelimit.Day, now)),
		RequestsThisMonth: key.Counts.Of(ratelimit.At(ratelimit.Month, now)),
	}
}

func timestamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func timestampOrNull(at time.Time) *string {
	if at.IsZero() {
		return nil
	}
	text := timestamp(at)
	return &text
}

// numberOrNull is a quota; 0 is none.
func numberOrNull(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}

func idOrNull(id apikey.ID) *string {
	if id == "" {
		return nil
	}
	text := id.String()
	return &text
}

func addressOrNull(address netip.Addr) *string {
	if !address.IsValid() {
		return nil
	}
	text := address.String()
	return &text
}

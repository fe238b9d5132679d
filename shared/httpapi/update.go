package httpapi

import (
	"context"
	"net/http"

	"github.com/keyward/keyward/shared/keys"
)

// updateJSON is the body of a PATCH: what is absent stays.
type updateJSON struct {
	Name          optional[string]            `json:"name"`
	Description   optional[string]            `json:"description"`
	Metadata      optional[map[string]string] `json:"metadata"`
	Tier          optional[string]            `json:"tier"`
	RateLimit     optional[int64]             `json:"rate_limit"`
	ExpiresAt     optional[string]            `json:"expires_at"`
	ExpiresInDays optional[int64]             `json:"expires_in_days"`
	ExpiresIn     optional[string]            `json:"expires_in"`
	Active        optional[bool]              `json:"active"`
	policyJSON    `json:",inline"`
}

func (u updateJSON) patch() keys.Patch {
	return keys.Patch{
		Name:          u.Name.Optional,
		Description:   u.Description.Optional,
		Metadata:      u.Metadata.Optional,
		Tier:          u.Tier.Optional,
		RateLimit:     u.RateLimit.Optional,
		QuotaPerDay:   u.QuotaPerDay.Optional,
		QuotaPerMonth: u.QuotaPerMonth.Optional,
		Expiry:        expiryOf(u.ExpiresAt, u.ExpiresInDays, u.ExpiresIn),
		Active:        u.Active.Optional,
		Inherit:       u.Inherit.Optional,
		Roles:         u.Roles.Optional,
		Permissions:   u.Permissions.Optional,
		Scope:         u.scope(),
		IPAllow:       ipRulesOf(u.IPAllow),
		IPDeny:        ipRulesOf(u.IPDeny),
		Successor:     u.Successor.Optional,
	}
}

// Update is PATCH /v1/keys/{key_id}.
func (e Edge) Update(service *keys.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		id, version, err := call.target()
		if err != nil {
			return reply{}, err
		}
		body, err := call.rawBody()
		if err != nil {
			return reply{}, err
		}
		in, err := decode[updateJSON](body)
		if err != nil {
			return reply{}, err
		}
		updated, err := service.Update(ctx, call.caller(), id, in.patch(), version)
		if err != nil {
			return reply{}, err
		}
		return e.changed("API key updated successfully", updated), nil
	})
}

// changed is the answer that shows a key after a change.
func (e Edge) changed(message string, updated keys.Updated) reply {
	out := keyOf(updated.Key, e.Now())
	out.Warnings = updated.Warnings
	return reply{status: http.StatusOK, message: message, data: out, headers: map[string]string{"ETag": etag(updated.Key)}}
}

// UpdateOrSwitch is the function of PATCH, disable and enable: they are the same change.
func (e Edge) UpdateOrSwitch(service *keys.Service) Handler {
	return e.routed(map[string]Handler{
		"PATCH /v1/keys/{key_id}":        e.Update(service),
		"POST /v1/keys/{key_id}/disable": e.setActive(service, false, "API key disabled successfully"),
		"POST /v1/keys/{key_id}/enable":  e.setActive(service, true, "API key enabled successfully"),
	})
}

// setActive is POST /v1/keys/{key_id}/disable or enable.
func (e Edge) setActive(service *keys.Service, active bool, message string) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		id, err := call.keyID()
		if err != nil {
			return reply{}, err
		}
		if _, err := optionalBody[struct{}](call); err != nil {
			return reply{}, err
		}
		updated, err := service.SetActive(ctx, call.caller(), id, active)
		if err != nil {
			return reply{}, err
		}
		return e.changed(message, updated), nil
	})
}

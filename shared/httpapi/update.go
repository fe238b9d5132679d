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
}

func (u updateJSON) patch() keys.Patch {
	return keys.Patch{
		Name:        u.Name.Optional,
		Description: u.Description.Optional,
		Metadata:    u.Metadata.Optional,
		Tier:        u.Tier.Optional,
		RateLimit:   u.RateLimit.Optional,
		Expiry:      expiryOf(u.ExpiresAt, u.ExpiresInDays, u.ExpiresIn),
		Active:      u.Active.Optional,
	}
}

// Update is PATCH /v1/keys/{key_id}.
func (e Edge) Update(service *keys.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		id, err := call.keyID()
		if err != nil {
			return reply{}, err
		}
		version, err := call.ifMatch()
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
		out := keyOf(updated.Key, e.Now())
		out.Warnings = updated.Warnings
		return reply{status: http.StatusOK, message: "API key updated successfully", data: out, headers: map[string]string{"ETag": etag(updated.Key)}}, nil
	})
}

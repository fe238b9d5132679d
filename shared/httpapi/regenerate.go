package httpapi

import (
	"context"
	"net/http"

	"github.com/keyward/keyward/shared/keys"
)

// regenerateJSON is the body of a regenerate; it may be left out.
type regenerateJSON struct {
	GracePeriodSeconds int64            `json:"grace_period_seconds"`
	Compromised        bool             `json:"compromised"`
	ExpiresAt          optional[string] `json:"expires_at"`
	ExpiresInDays      optional[int64]  `json:"expires_in_days"`
	ExpiresIn          optional[string] `json:"expires_in"`
}

// regeneratedJSON is a key with its new secret.
type regeneratedJSON struct {
	keyJSON                 `json:",inline"`
	PreviousSecretExpiresAt *string `json:"previous_secret_expires_at"` // null: it is dead
}

// Regenerate is POST /v1/keys/{key_id}/regenerate. The new secret is in its response and nowhere else, ever.
func (e Edge) Regenerate(service *keys.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		id, version, err := call.target()
		if err != nil {
			return reply{}, err
		}
		in, err := optionalBody[regenerateJSON](call)
		if err != nil {
			return reply{}, err
		}
		how := keys.Regeneration{
			GraceSeconds: in.GracePeriodSeconds, Compromised: in.Compromised,
			Expiry: expiryOf(in.ExpiresAt, in.ExpiresInDays, in.ExpiresIn),
		}
		made, err := service.Regenerate(ctx, call.caller(), id, how, version)
		if err != nil {
			return reply{}, err
		}
		out := regeneratedJSON{keyOf(made.Key, e.Now()), timestampOrNull(made.PreviousUntil)}
		out.APIKey, out.Warnings = made.Secret.Reveal(), made.Warnings
		return reply{
			status: http.StatusOK, message: "API key regenerated successfully", data: out,
			headers: map[string]string{"ETag": etag(made.Key)},
		}, nil
	})
}

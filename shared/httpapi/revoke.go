package httpapi

import (
	"context"
	"net/http"

	"github.com/keyward/keyward/shared/keys"
)

// revokedJSON is the answer to a revocation: exactly these two.
type revokedJSON struct {
	KeyID     string `json:"key_id"`
	RevokedAt string `json:"revoked_at"`
}

// Revoke is DELETE /v1/keys/{key_id}.
func (e Edge) Revoke(service *keys.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		id, version, err := call.target()
		if err != nil {
			return reply{}, err
		}
		key, err := service.Revoke(ctx, call.caller(), id, version)
		if err != nil {
			return reply{}, err
		}
		return reply{status: http.StatusOK, message: "API key revoked successfully",
			data: revokedJSON{key.ID.String(), timestamp(key.RevokedAt)}}, nil
	})
}

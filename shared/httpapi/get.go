package httpapi

import (
	"context"
	"net/http"

	"github.com/keyward/keyward/shared/keys"
)

// Get is GET /v1/keys/{key_id}.
func (e Edge) Get(service *keys.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		id, err := call.keyID()
		if err != nil {
			return reply{}, err
		}
		key, err := service.Get(ctx, call.caller(), id)
		if err != nil {
			return reply{}, err
		}
		now := e.Now()
		out := keyOf(key, now)
		out.Usage = usageOf(key, now)
		return reply{status: http.StatusOK, message: "API key retrieved successfully", data: out, headers: map[string]string{"ETag": etag(key)}}, nil
	})
}

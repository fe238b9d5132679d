package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/journal"
	"github.com/keyward/keyward/shared/jwtkey"
)

// JWKS is GET /.well-known/jwks.json: the public keys that verify keys in JWT format, without an envelope, since its
// readers are JWT libraries.
func (e Edge) JWKS(keys apikey.PublicKeys) Handler {
	return func(ctx context.Context, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		call, start := newCall(event), time.Now()
		document, err := jwtkey.JWKS(ctx, keys)
		if err != nil {
			response := e.failed(ctx, call, nil, fault.Outage("reading the public keys", err))
			e.write(ctx, call, nil, string(fault.Unavailable), response.StatusCode, time.Since(start))
			return response, nil
		}
		response := e.respond(call, http.StatusOK, map[string]string{"Cache-Control": "public, max-age=300"}, nil)
		response.Body = string(document)
		e.write(ctx, call, nil, journal.Done, response.StatusCode, time.Since(start))
		return response, nil
	}
}

package httpapi

import (
	"context"
	"net/http"
	"strings"
)

// principalJSON is who the authorizer says a request comes from.
type principalJSON struct {
	KeyID        string   `json:"key_id"`
	Organization string   `json:"organization"`
	Owner        string   `json:"owner"`
	Environment  string   `json:"environment"`
	Permissions  []string `json:"permissions"`
}

// Sample is the function behind the sample protected API: it echoes the principal that the authorizer passed on.
func (e Edge) Sample() Handler {
	return e.guardedEndpoint(func(_ context.Context, call call) (reply, error) {
		status := http.StatusOK
		if call.event.HTTPMethod == http.MethodPost {
			status = http.StatusCreated
		}
		principal := call.principal
		return reply{status: status, message: "Sample answered successfully", data: principalJSON{
			KeyID:        principal.value(ContextKeyID),
			Organization: string(principal.organization()),
			Owner:        principal.value(ContextOwner),
			Environment:  string(principal.environment()),
			Permissions:  strings.Fields(principal.value(ContextPermissions)),
		}}, nil
	})
}

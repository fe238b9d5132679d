package httpapi

import (
	"context"
	"net/http"

	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/team"
)

// roleJSON is a role: the catalog's or, where own is true, the organization's.
type roleJSON struct {
	ID               string   `json:"id"`
	Title            string   `json:"title"`
	Description      string   `json:"description"`
	Permissions      []string `json:"permissions"`
	AccountsRequired bool     `json:"accounts_required"`
	Own              bool     `json:"own"`
}

func ownRoleOf(role org.Role) roleJSON {
	title := role.Title
	if title == "" {
		title = role.Name
	}
	return roleJSON{
		ID: role.Name, Title: title, Description: role.Description, Permissions: append([]string{}, role.Permissions...), Own: true,
	}
}

type rolesJSON struct {
	Roles []roleJSON `json:"roles"`
}

// Roles is the function of GET /v1/roles, and of GET, PUT and DELETE /v1/roles/{name}: the organization's own roles.
func (e Edge) Roles(service *team.Service) Handler {
	return e.routed(map[string]Handler{
		"GET /v1/roles":           e.listRoles(service),
		"GET /v1/roles/{name}":    e.getRole(service),
		"PUT /v1/roles/{name}":    e.putRole(service),
		"DELETE /v1/roles/{name}": e.removeRole(service),
	})
}

func (e Edge) listRoles(service *team.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		roles, err := service.Roles(ctx, call.caller())
		if err != nil {
			return reply{}, err
		}
		out := rolesJSON{make([]roleJSON, len(roles.List))}
		for i, role := range roles.List {
			out.Roles[i] = ownRoleOf(role)
		}
		return reply{status: http.StatusOK, message: "Roles retrieved successfully", data: out}, nil
	})
}

func (e Edge) getRole(service *team.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		role, err := service.Role(ctx, call.caller(), call.parameter("name"))
		if err != nil {
			return reply{}, err
		}
		return reply{status: http.StatusOK, message: "Role retrieved successfully", data: ownRoleOf(role)}, nil
	})
}

// rolePutJSON is the body of PUT /v1/roles/{name}: the whole role.
type rolePutJSON struct {
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Permissions []string `json:"permissions"`
}

func (e Edge) putRole(service *team.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		body, err := call.rawBody()
		if err != nil {
			return reply{}, err
		}
		in, err := decode[rolePutJSON](body)
		if err != nil {
			return reply{}, err
		}
		role, created, err := service.PutRole(ctx, call.caller(), call.parameter("name"), team.RolePatch(in))
		if err != nil {
			return reply{}, err
		}
		return reply{status: putStatus(created), message: "Role updated successfully", data: ownRoleOf(role)}, nil
	})
}

func (e Edge) removeRole(service *team.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		role, err := service.RemoveRole(ctx, call.caller(), call.parameter("name"))
		if err != nil {
			return reply{}, err
		}
		return reply{status: http.StatusOK, message: "Role removed successfully", data: ownRoleOf(role)}, nil
	})
}

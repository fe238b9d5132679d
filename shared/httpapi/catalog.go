package httpapi

import (
	"cmp"
	"context"
	"net/http"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// catalogJSON is all that a form needs to offer.
type catalogJSON struct {
	Environments    []policy.Environment    `json:"environments"`
	Tiers           []policy.Tier           `json:"tiers"`
	Roles           []roleJSON              `json:"roles"` // the catalog's, then the organization's own
	Permissions     []policy.PermissionInfo `json:"permissions"`
	Services        []serviceJSON           `json:"services"`
	ExpiryPeriods   []periodJSON            `json:"expiry_periods"`
	MaxLifetimeDays int                     `json:"max_lifetime_days"`
	NeverAllowed    bool                    `json:"never_allowed"`
	Formats         []apikey.Format         `json:"formats"`
	DefaultFormat   apikey.Format           `json:"default_format"`
	Flags           policy.Flags            `json:"flags"`
}

type serviceJSON struct {
	ID     string      `json:"id"`
	Title  string      `json:"title"`
	Routes []routeJSON `json:"routes"`
}

type routeJSON struct {
	Method     string            `json:"method"`
	Path       string            `json:"path"`
	Permission policy.Permission `json:"permission"`
	Customer   *policy.Place     `json:"customer"` // where the customer of a request is looked for; null: nowhere
	Account    *policy.Place     `json:"account"`
	Neutral    bool              `json:"neutral"` // keys limited to customers or accounts may use it, whoever it is about
}

type periodJSON struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Default bool   `json:"default"`
}

// Catalog is GET /v1/catalog.
func (e Edge) Catalog(catalog *policy.Catalog, organizations org.Store) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		own, err := organizations.Roles(ctx, call.principal.organization())
		if err != nil {
			return reply{}, err
		}
		return reply{status: http.StatusOK, message: "Catalog retrieved successfully", data: catalogOf(catalog, own)}, nil
	})
}

func catalogOf(catalog *policy.Catalog, own org.Roles) catalogJSON {
	out := catalogJSON{
		Environments:    catalog.Environments,
		Tiers:           catalog.Tiers,
		Permissions:     catalog.PermissionList,
		MaxLifetimeDays: cmp.Or(catalog.MaxLifetimeDays, policy.MaxLifetimeDays),
		NeverAllowed:    catalog.NeverAllowed,
		Formats:         apikey.Formats,
		DefaultFormat:   catalog.DefaultFormat,
		Flags:           catalog.Flags,
	}
	for _, role := range catalog.Roles {
		out.Roles = append(out.Roles, roleJSON{
			ID: role.ID, Title: role.Title, Description: role.Description,
			Permissions: namesOf(role.Permissions), AccountsRequired: role.AccountsRequired,
		})
	}
	for _, role := range own.List {
		out.Roles = append(out.Roles, ownRoleOf(role))
	}
	for _, period := range catalog.ExpiryPeriods {
		out.ExpiryPeriods = append(out.ExpiryPeriods, periodJSON{period.ID, period.Title, period.Default})
	}
	for i := range catalog.Services {
		out.Services = append(out.Services, serviceOf(&catalog.Services[i]))
	}
	return out
}

// serviceOf is a service with its routes; keyward's own are the table of routes.
func serviceOf(service *policy.Service) serviceJSON {
	out := serviceJSON{service.ID, service.Title, []routeJSON{}}
	for _, route := range service.Routes {
		out.Routes = append(out.Routes, routeJSON{
			route.Method, route.Path, route.Permission, cmp.Or(route.Customer, service.Customer), cmp.Or(route.Account, service.Account),
			route.Neutral || service.Neutral,
		})
	}
	if service.ID != AdminService {
		return out
	}
	for _, route := range Routes {
		if route.Permission != "" {
			out.Routes = append(out.Routes, routeJSON{Method: route.Method, Path: route.Path, Permission: route.Permission, Neutral: true})
		}
	}
	return out
}

func namesOf(permissions []policy.Permission) []string {
	names := make([]string, len(permissions))
	for i, permission := range permissions {
		names[i] = string(permission)
	}
	return names
}

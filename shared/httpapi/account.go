package httpapi

import (
	"context"
	"net/http"

	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/team"
)

// accountJSON is an organization as its members and keys see it.
type accountJSON struct {
	OrganizationID string           `json:"organization_id"`
	Name           string           `json:"name"`
	Tier           string           `json:"tier"`
	MaxTier        string           `json:"max_tier"`
	KeyLimit       int64            `json:"key_limit"`
	LiveKeys       int64            `json:"live_keys"`
	LockedKeys     bool             `json:"locked_keys"`
	ImmutableNames bool             `json:"immutable_names"`
	Organizations  []membershipJSON `json:"organizations,omitzero"` // of the member who asks: what X-Organization may name
}

type membershipJSON struct {
	OrganizationID string `json:"organization_id"`
	Name           string `json:"name"`
	Status         string `json:"status"`
}

func accountOf(organization org.Organization) accountJSON {
	return accountJSON{
		OrganizationID: string(organization.ID),
		Name:           organization.Name,
		Tier:           organization.Tier,
		MaxTier:        organization.MaxTier,
		KeyLimit:       organization.KeyLimit,
		LiveKeys:       organization.LiveKeys,
		LockedKeys:     organization.LockedKeys,
		ImmutableNames: organization.ImmutableNames,
	}
}

// Account is the function of GET and PATCH /v1/account.
func (e Edge) Account(service *team.Service) Handler {
	return e.routed(map[string]Handler{
		"GET /v1/account":   e.getAccount(service),
		"PATCH /v1/account": e.patchAccount(service),
	})
}

func (e Edge) getAccount(service *team.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		organization, err := service.Account(ctx, call.caller())
		if err != nil {
			return reply{}, err
		}
		memberships, err := service.Memberships(ctx, call.caller())
		if err != nil {
			return reply{}, err
		}
		out := accountOf(organization)
		for _, membership := range memberships {
			out.Organizations = append(out.Organizations,
				membershipJSON{string(membership.Organization.ID), membership.Organization.Name, string(membership.Status)})
		}
		return reply{status: http.StatusOK, message: "Account retrieved successfully", data: out}, nil
	})
}

// accountPatchJSON is the body of PATCH /v1/account: what is absent stays.
type accountPatchJSON struct {
	Name           optional[string] `json:"name"`
	Tier           optional[string] `json:"tier"`
	LockedKeys     optional[bool]   `json:"locked_keys"`
	ImmutableNames optional[bool]   `json:"immutable_names"`
	MaxTier        optional[string] `json:"max_tier"`
	KeyLimit       optional[int64]  `json:"key_limit"`
}

func (e Edge) patchAccount(service *team.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		body, err := call.rawBody()
		if err != nil {
			return reply{}, err
		}
		in, err := decode[accountPatchJSON](body)
		if err != nil {
			return reply{}, err
		}
		organization, followed, err := service.PatchAccount(ctx, call.caller(), team.AccountPatch{
			Name: in.Name.Optional, Tier: in.Tier.Optional, LockedKeys: in.LockedKeys.Optional,
			ImmutableNames: in.ImmutableNames.Optional, MaxTier: in.MaxTier.Optional, KeyLimit: in.KeyLimit.Optional,
		})
		if err != nil {
			return reply{}, err
		}
		status := http.StatusOK
		if !followed { // more keys follow the account's tier than one request can rewrite
			status = http.StatusAccepted
		}
		return reply{status: status, message: "Account updated successfully", data: accountOf(organization)}, nil
	})
}

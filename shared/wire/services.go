package wire

import (
	"fmt"

	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/grant"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/jwtkey"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/team"
)

func (p Parts) sessions() (*session.Service, error) {
	config := p.Session
	config.Issuer, config.Audience, config.Now = p.Config.Issuer, p.Config.Audience, p.Now
	verifier, err := session.NewVerifier(config)
	if err != nil {
		return nil, fmt.Errorf("KEYWARD_ISSUER and KEYWARD_AUDIENCE: %w", err)
	}
	return &session.Service{
		Verifier:         verifier,
		Organizations:    p.Store,
		Spender:          p.Store,
		Catalog:          p.Config.Catalog,
		Signup:           p.Config.Signup,
		FirstAdmin:       p.Config.FirstAdmin,
		OrganizationName: p.Config.Organization,
		Operators:        p.Config.Operators,
		Closed:           p.Config.RefuseAll,
		Now:              p.Now,
	}, nil
}

func (p Parts) keys() *keys.Service {
	return &keys.Service{
		Store:         p.Store,
		Organizations: p.Store,
		Desk:          p.desk(),
		Catalog:       p.Config.Catalog,
		Keyring:       p.Keyring,
		Tokens:        p.issuer(),
		Brand:         p.Config.Brand,
		Now:           p.Now,
	}
}

// issuer signs keys in JWT format, where this function has the signing keys.
func (p Parts) issuer() keys.Tokens {
	if p.Signing == nil {
		return nil
	}
	return jwtkey.Issuer{Name: p.Config.KeyIssuer, Source: p.Signing}
}

func (p Parts) desk() grant.Desk {
	return grant.Desk{Records: p.Store, Organizations: p.Store, Catalog: p.Config.Catalog, Now: p.Now}
}

// Follower lets keys follow their tiers.
func (p Parts) Follower() keys.Follower {
	return keys.Follower{Store: p.Store, Walker: p.Store, Organizations: p.Store, Catalog: p.Config.Catalog, Now: p.Now}
}

func (p Parts) explainer(service *authorize.Service) httpapi.Explainer {
	return httpapi.Explainer{Keys: service, Desk: p.desk(), Sessions: p.Store, Names: p.Store, Catalog: p.Config.Catalog}
}

func (p Parts) team() *team.Service {
	return &team.Service{
		Organizations: p.Store,
		Keys:          p.Store,
		Desk:          p.desk(),
		Follower:      p.Follower(),
		Catalog:       p.Config.Catalog,
		Issuer:        p.Config.Issuer,
		Now:           p.Now,
	}
}

func (p Parts) authorize() *authorize.Service {
	return &authorize.Service{
		Store:    p.Store,
		Keyring:  p.Keyring,
		Tokens:   p.tokens(),
		Catalog:  p.Config.Catalog,
		Brand:    p.Config.Brand,
		Closed:   p.Config.RefuseAll,
		Now:      p.Now,
		Log:      p.Log,
		Known:    authorize.NewKnown(),
		Refusals: authorize.NewRefusals(),
		Suspects: authorize.NewSuspects(),
		Touches:  authorize.NewTouches(),
	}
}

// tokens reads keys in JWT format.
func (p Parts) tokens() authorize.Tokens {
	return jwtkey.NewVerifier(p.Config.KeyIssuer, p.Store, func(err error) {
		p.Log.Error("the public keys of JWT-format keys could not be read again; the last good ones go on", "error", err)
	})
}

func (p Parts) edge() httpapi.Edge { return httpapi.Edge{Now: p.Now, Log: p.Log, Journal: p.Journal} }

package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	// keysTerm is how long a key that the provider has withdrawn may still be believed, while no unknown
	// one makes us ask before.
	keysTerm = time.Hour
	// providerTimeout bounds one request to the provider.
	providerTimeout = 3 * time.Second
)

// provider is the identity provider: where its keys are and which they are. go-oidc's RemoteKeySet
// keeps the keys and fetches them again for an unknown kid; answers makes it ask seldom.
type provider struct {
	issuer  string
	jwksURL string // empty: discovered
	client  *http.Client
	now     func() time.Time

	mu    sync.Mutex
	set   *oidc.RemoteKeySet
	since time.Time // when set was begun
}

func newProvider(config Config) *provider {
	return &provider{
		issuer:  config.Issuer,
		jwksURL: config.JWKSURL,
		client:  &http.Client{Transport: newAnswers(config.HTTP, config.Now), Timeout: providerTimeout},
		now:     config.Now,
	}
}

// keys is the provider's key set, begun anew every hour. An error means that discovery has never succeeded.
func (p *provider) keys(ctx context.Context) (oidc.KeySet, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.set != nil && p.now().Sub(p.since) < keysTerm {
		return p.set, nil
	}
	// What is fetched is everybody's: it must not end with the request that happened to need it first.
	ctx = oidc.ClientContext(context.WithoutCancel(ctx), p.client)
	location, err := p.locate(ctx)
	if err != nil {
		return nil, fmt.Errorf("discovering %s: %w", p.issuer, err)
	}
	p.set, p.since = oidc.NewRemoteKeySet(ctx, location), p.now()
	return p.set, nil
}

// locate is the URL of the provider's keys.
func (p *provider) locate(ctx context.Context) (string, error) {
	if p.jwksURL != "" {
		return p.jwksURL, nil
	}
	discovered, err := oidc.NewProvider(ctx, p.issuer)
	if err != nil {
		return "", err
	}
	var metadata struct {
		JWKSURL string `json:"jwks_uri"`
	}
	if err := discovered.Claims(&metadata); err != nil {
		return "", err
	}
	return metadata.JWKSURL, checkURL("jwks_uri", metadata.JWKSURL)
}

// unreachable reports whether err, of a key set, means that the provider gave no answer, nor ever had one
// that answers could give in its stead.
func unreachable(err error) bool {
	_, failed := errors.AsType[*url.Error](err)
	return failed
}

package session

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Config says whose tokens a Verifier accepts.
type Config struct {
	Issuer     string            // the provider's `iss`, exactly; needed
	Audience   string            // the client that tokens must be for; needed
	JWKSURL    string            // where the provider's keys are; empty: found by OIDC discovery at the issuer
	Algorithms []string          // allowed to sign, of RS256, ES256 and EdDSA; empty: RS256 and ES256
	Leeway     time.Duration     // how far clocks may differ on exp, nbf and iat; 0: DefaultLeeway
	Now        func() time.Time  // nil: time.Now
	HTTP       http.RoundTripper // how the provider is reached; nil: http.DefaultTransport
}

// DefaultLeeway is by how much the provider's clock and ours may differ: a token is accepted until so long
// after its exp, and from so long before its nbf and iat.
const DefaultLeeway = 60 * time.Second

// algorithms are those that may be configured. All are asymmetric: nobody who can only verify can sign.
var algorithms = []string{oidc.RS256, oidc.ES256, oidc.EdDSA}

func (c Config) withDefaults() Config {
	if len(c.Algorithms) == 0 {
		c.Algorithms = []string{oidc.RS256, oidc.ES256}
	}
	if c.Leeway == 0 {
		c.Leeway = DefaultLeeway
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.HTTP == nil {
		c.HTTP = http.DefaultTransport
	}
	return c
}

// validate lists every rule that c breaks.
func (c Config) validate() error {
	broken := []error{checkURL("session.Config.Issuer", c.Issuer)}
	if c.JWKSURL != "" {
		broken = append(broken, checkURL("session.Config.JWKSURL", c.JWKSURL))
	}
	if c.Audience == "" {
		broken = append(broken, errors.New("session.Config.Audience: the client that tokens are for is needed"))
	}
	if c.Leeway < 0 {
		broken = append(broken, fmt.Errorf("session.Config.Leeway: %s is negative", c.Leeway))
	}
	for _, algorithm := range c.Algorithms {
		if !slices.Contains(algorithms, algorithm) {
			broken = append(broken, fmt.Errorf("session.Config.Algorithms: %q is not one of %s", algorithm, strings.Join(algorithms, ", ")))
		}
	}
	return errors.Join(broken...)
}

// checkURL refuses what keys can't safely be fetched from: whoever can change them on the way signs in as anybody.
func checkURL(field, text string) error {
	parsed, err := url.Parse(text)
	switch {
	case err != nil || parsed.Hostname() == "":
		return fmt.Errorf("%s: %q is not a URL", field, text)
	case parsed.Scheme == "https", parsed.Scheme == "http" && isLocal(parsed.Hostname()):
		return nil
	default:
		return fmt.Errorf("%s: %q must be https; http is for this machine alone (localhost, 127.0.0.1)", field, text)
	}
}

func isLocal(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && address.IsLoopback()
}

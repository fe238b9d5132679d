package authorize_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

// tokens is a reader of keys in JWT format, which look like "jwt" and the environment and id of the key, dotted.
type tokens struct {
	parsed int
	err    error
}

func (*tokens) Ours(text string) bool { return strings.HasPrefix(text, "jwt.") }

func (k *tokens) Parse(_ context.Context, token string) (apikey.Credential, error) {
	k.parsed++
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return apikey.Credential{}, apikey.ErrMalformed
	}
	id := apikey.ID(parts[2])
	return apikey.Credential{Secret: apikey.TokenSecret(token, id), ID: id, Environment: apikey.Environment(parts[1])}, k.err
}

// enterToken makes a key in JWT format.
func (b *books) enterToken() string {
	id, _ := b.enter()
	token := "jwt.production." + string(id)
	ring, err := b.keyring().Ring(b.Context())
	b.must(err)
	b.records[id].Digest = ring.Current(apikey.TokenSecret(token, id))
	return token
}

// A key in JWT format is verified by its signature and against its record, in the same single spend.
func TestAKeyInJWTFormatIsOneSpend(t *testing.T) {
	b := newBooks(t)
	reader := &tokens{}
	b.Tokens = reader
	token := b.enterToken()
	b.want(asking(token), apikey.Allowed, calls{Spends: 1})
	b.wantOf(b.Check, asking(token), apikey.Allowed, calls{Reads: 1, Touches: 1})
	_, secret := b.enter()
	b.want(asking(secret.Reveal()), apikey.Allowed, calls{Spends: 1})
	if reader.parsed != 2 {
		t.Errorf("%d texts were read as tokens, want 2", reader.parsed)
	}
	b.Tokens = nil
	b.want(asking(token), apikey.CredentialMalformed, calls{})
}

// A token that is forged, or of another environment, never reaches the store.
func TestABadTokenNeverReachesTheStore(t *testing.T) {
	b := newBooks(t)
	b.Tokens = &tokens{}
	token := b.enterToken()
	for text, want := range map[string]apikey.Reason{
		"jwt.forged": apikey.CredentialMalformed,
		strings.Replace(token, "production", "staging", 1):   apikey.WrongEnvironment,
		strings.Replace(token, "jwt.", "another-issuer.", 1): apikey.CredentialMalformed,
	} {
		b.want(asking(text), want, calls{})
	}
	altered := asking(token + "0")
	b.want(altered, apikey.KeyUnknown, calls{Spends: 1})
}

// Where nobody can tell whether a token is genuine, nothing is allowed.
func TestATokenThatCannotBeVerifiedIsUnavailable(t *testing.T) {
	b := newBooks(t)
	b.Tokens = &tokens{err: errReadOnly}
	token := b.enterToken()
	for _, decide := range []decider{b.Authorize, b.Check} {
		decision, err := decide(t.Context(), asking(token))
		if !errors.Is(err, fault.Unavailable) || decision.Allowed() || b.store.calls != (calls{}) {
			t.Errorf("decision = %+v, %v after %+v", decision, err, b.store.calls)
		}
	}
}

// keyward's own API admits keys of every environment.
func TestAnAPIOfEveryEnvironmentAdmitsThemAll(t *testing.T) {
	f := newFixture(t)
	for _, environment := range apikey.Environments {
		_, secret := f.create(func(k *apikey.Key) { k.Environment = environment })
		request := asking(secret.Reveal())
		request.Environment, request.AnyEnvironment = "", true
		f.wantOf(f.Check, request, apikey.Allowed, calls{Reads: 1, Touches: 1})
	}
}

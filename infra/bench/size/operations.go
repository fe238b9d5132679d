package size

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// operations are what is called on each file, in this order: requests to the API, without the network, and below
// them what they ask of the store.
var operations = []struct {
	name string
	call func(ctx context.Context, f *file, n int) error
}{
	{"list, `limit=100`", func(ctx context.Context, f *file, _ int) error {
		return f.expect(ctx, fmt.Sprintf(`"total":%d,`, f.keys), http.MethodGet, "/v1/keys?limit=100", "", "Authorization: Bearer "+f.token)
	}},
	{"get", func(ctx context.Context, f *file, n int) error {
		return f.expect(ctx, f.idOf(n).String(), http.MethodGet, "/v1/keys/"+f.idOf(n).String(), "", "Authorization: Bearer "+f.token)
	}},
	{"verify", func(ctx context.Context, f *file, n int) error {
		body := `{"api_key":"` + f.secrets[n%len(f.secrets)].Reveal() + `"}`
		return f.expect(ctx, `"valid":true`, http.MethodPost, "/v1/keys/verify", body, "X-API-Key: "+f.made.caller)
	}},
	{"get, the store alone", func(ctx context.Context, f *file, n int) error {
		_, err := f.store.Key(ctx, f.made.organization, f.idOf(n))
		return err
	}},
	{"verify, the store alone", func(ctx context.Context, f *file, n int) error {
		id, digests := f.idOf(n), f.made.ring.Digests(f.secrets[n%len(f.secrets)])
		outcome, err := f.store.Spend(ctx, apikey.Spend{ID: id, Digests: digests, Environment: apikey.Production, At: time.Now()})
		if err == nil && !outcome.Spent {
			err = fmt.Errorf("%s was refused", id)
		}
		return err
	}},
}

// expect makes a request whose answer must contain text.
func (f *file) expect(ctx context.Context, text, method, path, body, header string) error {
	answer, err := f.ask(ctx, method, path, body, header)
	if err == nil && !strings.Contains(answer, text) {
		err = fmt.Errorf("%s %s: there is no %s in %s", method, path, text, answer)
	}
	return err
}

// idOf is one of the copies with secrets.
func (f *file) idOf(n int) apikey.ID {
	return spreadID(n%len(f.secrets), len(f.secrets), f.keys-2)
}

// stride leads from a key to one on another page of the file.
const stride = 617

// measure makes so many calls of an operation, and keeps what each of them took where that counts.
func (f *file) measure(ctx context.Context, operation, calls int, counts bool) error {
	o := operations[operation]
	for range calls {
		f.turn++
		start := time.Now()
		if err := o.call(ctx, f, f.turn*stride); err != nil {
			return fmt.Errorf("%s with %d keys: %w", o.name, f.keys, err)
		}
		if counts {
			f.took[o.name] = append(f.took[o.name], time.Since(start))
		}
	}
	return nil
}

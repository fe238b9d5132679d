package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
)

// createJSON is the body of a create.
type createJSON struct {
	Name          string             `json:"name"`
	Description   string             `json:"description"`
	Metadata      map[string]string  `json:"metadata"`
	Environment   apikey.Environment `json:"environment"`
	Tier          string             `json:"tier"`
	RateLimit     *int64             `json:"rate_limit"`
	ExpiresAt     optional[string]   `json:"expires_at"`
	ExpiresInDays optional[int64]    `json:"expires_in_days"`
	ExpiresIn     optional[string]   `json:"expires_in"`
	Owner         string             `json:"owner"`
	Format        apikey.Format      `json:"format"`
	Locked        bool               `json:"locked"`
	policyJSON    `json:",inline"`
}

func (c createJSON) draft() keys.Draft {
	return keys.Draft{
		Name:          c.Name,
		Description:   c.Description,
		Metadata:      c.Metadata,
		Environment:   c.Environment,
		Tier:          c.Tier,
		RateLimit:     c.RateLimit,
		QuotaPerDay:   pointerOf(c.QuotaPerDay),
		QuotaPerMonth: pointerOf(c.QuotaPerMonth),
		Expiry:        expiryOf(c.ExpiresAt, c.ExpiresInDays, c.ExpiresIn),
		Inherit:       c.Inherit.Value,
		Roles:         c.Roles.Optional,
		Permissions:   c.Permissions.Optional,
		Scope:         c.scope(),
		IPAllow:       ipRulesOf(c.IPAllow),
		IPDeny:        ipRulesOf(c.IPDeny),
		Owner:         c.Owner,
		Format:        c.Format,
		Locked:        c.Locked,
		Successor:     c.Successor.Value,
	}
}

// pointerOf is the value of a field that is there and not null.
func pointerOf[T any](field optional[T]) *T {
	if !field.Set || field.Null {
		return nil
	}
	return &field.Value
}

func expiryOf(at optional[string], days optional[int64], period optional[string]) keys.Expiry {
	return keys.Expiry{At: at.Optional, Days: days.Optional, Period: period.Optional}
}

// Create is POST /v1/keys and POST /v1/keys/generate. The secret is in its response and nowhere else, ever.
func (e Edge) Create(service *keys.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		body, err := call.rawBody()
		if err != nil {
			return reply{}, err
		}
		in, err := decode[createJSON](body)
		if err != nil {
			return reply{}, err
		}
		once, err := call.once(body)
		if err != nil {
			return reply{}, err
		}
		created, err := service.Create(ctx, call.caller(), in.draft(), once)
		if err != nil {
			return reply{}, err
		}
		return e.created(created), nil
	})
}

func (e Edge) created(created keys.Created) reply {
	out := keyOf(created.Key, e.Now())
	out.APIKey, out.Warnings = created.Secret.Reveal(), created.Warnings
	answer := reply{status: http.StatusCreated, message: "API key generated successfully", data: out}
	answer.headers = map[string]string{"ETag": etag(created.Key)}
	if created.Replayed {
		answer.headers["Idempotent-Replayed"] = "true"
	}
	return answer
}

// once is the Idempotency-Key of the request; nil where there is none.
func (c call) once(body []byte) (*keys.Once, error) {
	values := c.headers["Idempotency-Key"]
	if len(values) == 0 {
		return nil, nil
	}
	key := values[0]
	printable := !strings.ContainsFunc(key, func(r rune) bool { return r < 0x20 || r > 0x7e })
	if len(values) > 1 || len(key) < 16 || len(key) > 255 || !printable {
		return nil, fault.InvalidParam("Idempotency-Key", "Idempotency-Key must have 16 to 255 printable ASCII characters. A UUID will do.")
	}
	return &keys.Once{Key: key, Body: body}, nil
}

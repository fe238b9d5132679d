package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/journal"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// verifyJSON is the body of a verify: a backend asks about a key that it was shown. All but the key may be absent.
type verifyJSON struct {
	APIKey    string `json:"api_key"`
	askedJSON `json:",inline"`
	Explain   bool `json:"explain"`
}

// verifiedJSON is the answer. For a key that is not known, or not one of the caller's organization, all but the
// first three are null.
type verifiedJSON struct {
	Valid        bool           `json:"valid"`
	Code         string         `json:"code"`
	Error        *string        `json:"error"`
	KeyID        *string        `json:"key_id"`
	Name         *string        `json:"name"`
	Status       *string        `json:"status"`
	Environment  *string        `json:"environment"`
	Organization *string        `json:"organization"`
	Owner        *string        `json:"owner"`
	ExpiresAt    *string        `json:"expires_at"`
	Permissions  *[]string      `json:"permissions"`
	Scopes       *scopesJSON    `json:"scopes"`
	RateLimit    *rateLimitJSON `json:"rate_limit"`
}

// scopesJSON says where the permissions hold.
type scopesJSON struct {
	Services  selectionJSON `json:"services"`
	Customers selectionJSON `json:"customers"`
	Accounts  selectionJSON `json:"accounts"`
}

type rateLimitJSON struct {
	Limit     int64 `json:"limit"`
	Remaining int64 `json:"remaining"`
	Reset     int64 `json:"reset"`
}

// Verify is POST /v1/keys/verify. It counts the key that it verifies.
func (e Edge) Verify(service *authorize.Service, names apikey.Namer, explainer Explainer) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		body, err := call.rawBody()
		if err != nil {
			return reply{}, err
		}
		in, err := decode[verifyJSON](body)
		if err != nil {
			return reply{}, err
		}
		request, err := in.request(call, service)
		if err != nil {
			return reply{}, err
		}
		if in.Explain {
			return e.explainVerify(ctx, explainer, call, request)
		}
		return e.verifyOnce(ctx, service, names, call, request)
	})
}

const verifiedMessage = "API key verified successfully"

func (e Edge) verifyOnce(ctx context.Context, service *authorize.Service, names apikey.Namer, call call, request authorize.Request) (reply, error) {
	name := e.nameOf(ctx, names, service.Brand, call.principal.organization(), request.Credential)
	entry := asked(journal.Verify, request)
	decision, err := e.verified(ctx, service, call, request)
	if err != nil {
		return reply{decided: entry}, err
	}
	now := e.Now()
	out := verifiedOf(decision, request, now)
	if decision.Record != nil {
		out.Name = name(decision.Record.ID)
	}
	return reply{status: http.StatusOK, message: verifiedMessage, data: out, headers: limitHeaders(decision.States(), now), decided: cameTo(entry, decision)}, nil
}

// nameOf reads what the key is called while it is verified, since a record does not say; where the key's text does not
// tell which one it is, it is read when asked for. A name that can't be read is null: it decides nothing.
func (e Edge) nameOf(ctx context.Context, names apikey.Namer, brand string, organization org.ID, text string) func(apikey.ID) *string {
	read := func(id apikey.ID) *string { return e.readName(ctx, names, organization, id) }
	credential, err := apikey.Parse(brand, text)
	if err != nil {
		return read
	}
	answer := make(chan *string, 1)
	go func() { answer <- read(credential.ID) }()
	return func(apikey.ID) *string { return <-answer }
}

// readName is what the key is called; nil where that can't be read, which an operator is told.
func (e Edge) readName(ctx context.Context, names apikey.Namer, organization org.ID, id apikey.ID) *string {
	name, err := names.Name(ctx, organization, id)
	if err != nil {
		e.Log.WarnContext(ctx, "a key is verified without its name", "key_id", id, "error", err)
	}
	if name == "" {
		return nil
	}
	return &name
}

// verified authorizes, but where a key asks about another environment than its own, which it may not see into.
func (e Edge) verified(ctx context.Context, service *authorize.Service, call call, request authorize.Request) (policy.Decision, error) {
	if call.principal.isKey() && request.Environment != call.principal.environment() {
		return policy.Decision{Reason: apikey.WrongEnvironment}, nil
	}
	return service.Authorize(ctx, request)
}

// request is what in asks about.
func (in verifyJSON) request(call call, service *authorize.Service) (authorize.Request, error) {
	if in.APIKey == "" {
		return authorize.Request{}, fault.InvalidField("api_key", "api_key is needed: the key to verify.")
	}
	request, err := in.askedJSON.request(call, service.Catalog)
	request.Credential = ReadCredential(http.Header{"X-Api-Key": {in.APIKey}}).Presented()
	return request, err
}

func verifiedOf(decision policy.Decision, request authorize.Request, now time.Time) verifiedJSON {
	out := verifiedJSON{Valid: decision.Allowed(), Code: string(decision.Reason)}
	if text := decisionText(decision, request.Address, now); text != "" {
		out.Error = &text
	}
	record := decision.Record
	if record == nil {
		return out
	}
	id, status := record.ID.String(), string(record.StatusAt(now))
	environment, organization := string(record.Environment), string(record.Organization)
	out.KeyID, out.Status, out.Environment, out.Organization = &id, &status, &environment, &organization
	out.Owner, out.ExpiresAt = &record.Owner, timestampOrNull(record.ExpiresAt)
	permissions := permissionsOf(decision)
	out.Permissions = &permissions
	out.Scopes = &scopesJSON{record.Scope.Services, record.Scope.Customers, record.Scope.Accounts}
	minute := decision.States()[0]
	out.RateLimit = &rateLimitJSON{minute.Limit, minute.Remaining, minute.Reset.Unix()}
	return out
}

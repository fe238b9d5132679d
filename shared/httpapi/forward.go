package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/authorize"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/journal"
	"github.com/keyward/keyward/shared/policy"
)

// Proxies are the networks of the reverse proxies that are trusted to say where a request came from.
type Proxies []netip.Prefix

// ParseProxies reads addresses and CIDRs, separated by commas or spaces. Everybody is nobody's proxy: a network of all addresses
// would let each caller say where they come from.
func ParseProxies(list string) (Proxies, error) {
	var proxies Proxies
	for entry := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		network, err := netip.ParsePrefix(entry)
		if err != nil {
			address, err := netip.ParseAddr(entry)
			if err != nil {
				return nil, fmt.Errorf("%q is neither an address nor a CIDR", entry)
			}
			network = netip.PrefixFrom(address, address.BitLen())
		}
		if network.Bits() == 0 {
			return nil, fmt.Errorf("%q is every address: name the proxies, or whoever sends X-Forwarded-For is believed", entry)
		}
		proxies = append(proxies, network)
	}
	return proxies, nil
}

func (p Proxies) trust(address netip.Addr) bool {
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(address) })
}

// client is the address that a request came from: the rightmost of X-Forwarded-For that is no trusted proxy.
func (p Proxies) client(peer netip.Addr, forwarded []string) netip.Addr {
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for _, hop := range slices.Backward(hops) {
		address := parseAddress(strings.TrimSpace(hop))
		if !address.IsValid() {
			break
		}
		if peer = address; !p.trust(address) {
			break
		}
	}
	return peer
}

// VerifyOrForward is the function of both verify and forward-auth: they answer the same question.
func (e Edge) VerifyOrForward(service *authorize.Service, names apikey.Namer, explainer Explainer, proxies Proxies) Handler {
	verify, forward := e.Verify(service, names, explainer), e.Forward(service, proxies)
	return func(ctx context.Context, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		if strings.HasPrefix(event.Resource, anyForward) {
			return forward(ctx, event)
		}
		return verify(ctx, event)
	}
}

const anyForward = "/v1/authorize/{environment}/{service}"

// Forward is ANY /v1/authorize/{environment}/{service}: forward-auth for nginx, Caddy and Envoy, whose configuration
// chooses the path. It answers 204, or 401, 403, 429 or 503, and X-Keyward-Code says why.
func (e Edge) Forward(service *authorize.Service, proxies Proxies) Handler {
	return e.endpoint(func(ctx context.Context, call call) (reply, error) {
		request, err := call.forwarded(service.Catalog, proxies)
		entry := asked(journal.Forward, request)
		if err != nil {
			return undecidedReply(err, entry)
		}
		decision, err := service.Authorize(ctx, request)
		if err != nil {
			return undecidedReply(err, entry)
		}
		reply, err := e.forwardReply(decision, request)
		reply.decided = cameTo(entry, decision)
		return reply, err
	}).forNginx()
}

// undecidedReply is a fault with the code in the header where every answer of forward-auth has it.
func undecidedReply(err error, entry *journal.Entry) (reply, error) {
	return reply{headers: map[string]string{headerCode: string(fault.From(err).Code)}, decided: entry}, err
}

// headerCode says why, on every answer of forward-auth.
const headerCode = "X-Keyward-Code"

// forwarded is the request that a proxy asks about.
func (c call) forwarded(catalog *policy.Catalog, proxies Proxies) (authorize.Request, error) {
	environment := apikey.Environment(c.event.PathParameters["environment"])
	service := catalog.Service(c.event.PathParameters["service"])
	if service == nil || service.ID == AdminService || !environment.Valid() {
		return authorize.Request{Address: c.address()}, noSuchForward()
	}
	tail, err := c.tail()
	if err != nil {
		return authorize.Request{Address: c.address()}, err
	}
	request := authorize.Request{
		Credential:    ReadCredential(c.headers).Presented(),
		Environment:   environment,
		Organizations: service.Organizations.Admitted(),
		Service:       service,
		Method:        c.event.HTTPMethod,
		Path:          tail,
		Query:         valuesOf(c.event.QueryStringParameters, c.event.MultiValueQueryStringParameters),
		Header:        policy.Values(c.headers),
		Address:       c.address(),
	}
	trusted := proxies.trust(c.address())
	if trusted {
		request.Address = proxies.client(c.address(), c.headers["X-Forwarded-For"])
	}
	if request.Path != "" {
		return request, nil
	}
	if !trusted {
		return request, fault.New(fault.ProxyUntrusted,
			"Requests from this address may not say what they forward. Add the proxy to KEYWARD_TRUSTED_PROXIES, or append the path to the URL.")
	}
	var query string
	request.Method, request.Path, query, err = c.original()
	request.Query = queryValues(query)
	return request, err
}

// tail is what follows /v1/authorize/{environment}/{service} in the path, where Envoy appends the original one; empty
// where the route has none. The route says whether there is one: what stands before it, such as a custom domain's base
// path, does not count.
func (c call) tail() (string, error) {
	if c.event.Resource == anyForward {
		return "", nil
	}
	stem := "/v1/authorize/" + c.event.PathParameters["environment"] + "/" + c.event.PathParameters["service"]
	_, tail, found := strings.Cut(c.event.Path, stem+"/")
	if !found {
		return "", noSuchForward()
	}
	return "/" + tail, nil
}

func noSuchForward() error {
	return fault.New(fault.ThingNotFound,
		"There is no such environment and service. The path is /v1/authorize/{environment}/{service}, both as in the catalog.")
}

// original is the request as nginx or Caddy describes it: in one family of headers, each of them once. A second value or
// family would be the caller's, passed on by a proxy that sets only its own.
func (c call) original() (method, path, query string, err error) {
	for _, family := range []string{"X-Forwarded-", "X-Original-"} {
		methods, uris := c.headers[family+"Method"], c.headers[family+"Uri"]
		if len(methods) == 0 && len(uris) == 0 {
			continue
		}
		if path != "" || len(methods) != 1 || len(uris) != 1 {
			return "", "", "", errOriginal("The original request is described more than once, or in part.")
		}
		uri, err := url.ParseRequestURI(uris[0])
		if err != nil || methods[0] == "" || uri.Path == "" {
			return "", "", "", errOriginal("The original request can't be read.")
		}
		method, path, query = methods[0], uri.EscapedPath(), uri.RawQuery
	}
	if path == "" {
		return "", "", "", errOriginal("The original request is not described.")
	}
	return method, path, query, nil
}

func errOriginal(what string) error {
	return fault.InvalidParam("X-Forwarded-Uri", "%s Send X-Forwarded-Method and X-Forwarded-Uri, or X-Original-Method and X-Original-URI,"+
		" and clear the other two, so that callers can't send them.", what)
}

// forwardReply tells a proxy what it needs: on an allow who it is, otherwise the contract's error.
func (e Edge) forwardReply(decision policy.Decision, request authorize.Request) (reply, error) {
	now := e.Now()
	headers := limitHeaders(decision.States(), now)
	headers[headerCode] = string(decision.Reason)
	if decision.Allowed() {
		record := decision.Record
		headers["X-Keyward-Key-Id"] = record.ID.String()
		headers["X-Keyward-Organization"] = string(record.Organization)
		headers["X-Keyward-Owner"] = record.Owner
		headers["X-Keyward-Environment"] = string(record.Environment)
		headers["X-Keyward-Permissions"] = strings.Join(permissionsOf(decision), " ")
		return reply{status: http.StatusNoContent, headers: headers}, nil
	}
	status := statusOf(decision.Reason)
	if status == http.StatusTooManyRequests {
		headers[headerRetry] = strconv.FormatInt(decision.Full.SecondsLeft(now), 10)
	}
	return reply{status: status, headers: headers, refusal: &errorEnvelope{
		Message: forwardTitle(status),
		Error:   decisionText(decision, request.Address, now),
		Code:    string(decision.Reason),
	}}, nil
}

func forwardTitle(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return protectedTitle
	case http.StatusTooManyRequests:
		return fault.RateLimited.Title()
	default:
		return fault.PermissionDenied.Title()
	}
}

// forNginx answers with 403 what nginx's auth_request would turn into a 500, where the URL asks for it by ?deny=403.
// X-Keyward-Status then has the status.
func (h Handler) forNginx() Handler {
	return func(ctx context.Context, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		response, err := h(ctx, event)
		if response.Headers[headerCode] == "" { // it panicked
			response.Headers[headerCode] = string(fault.InternalError)
		}
		understood := response.StatusCode < 300 || response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden
		if event.QueryStringParameters["deny"] == "403" && !understood {
			response.Headers["X-Keyward-Status"] = strconv.Itoa(response.StatusCode)
			response.StatusCode = http.StatusForbidden
		}
		return response, err
	}
}

package gateway

import (
	"strings"

	"github.com/keyward/keyward/shared/httpapi"
)

// method is what answers a method of a resource: a route's function or a mock.
type method struct {
	route *httpapi.Route
	mock  *httpapi.MockResponse
}

// resource is a node of the tree of path segments. As in API Gateway a literal segment is preferred to {one}, and
// that to {the rest+}.
type resource struct {
	path     string // as the table writes it
	literal  map[string]*resource
	one      *resource
	rest     *resource
	name     string // of the parameter, for one and rest
	byMethod map[string]method
}

func (r *resource) add(path, verb string, answer method) {
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if segment != "" {
			r = r.child(segment)
		}
	}
	r.path = path
	if r.byMethod == nil {
		r.byMethod = map[string]method{}
	}
	if _, taken := r.byMethod[verb]; !taken {
		r.byMethod[verb] = answer
	}
}

func (r *resource) child(segment string) *resource {
	name, parameter := strings.CutPrefix(segment, "{")
	name = strings.TrimSuffix(name, "}")
	switch {
	case parameter && strings.HasSuffix(name, "+"):
		if r.rest == nil {
			r.rest = &resource{name: strings.TrimSuffix(name, "+")}
		}
		return r.rest
	case parameter:
		if r.one == nil {
			r.one = &resource{name: name}
		}
		return r.one
	default:
		if r.literal == nil {
			r.literal = map[string]*resource{}
		}
		if r.literal[segment] == nil {
			r.literal[segment] = &resource{}
		}
		return r.literal[segment]
	}
}

// find is the method that answers the exchange, whose resource and parameters it sets.
func (r *resource) find(exchange *exchange) (method, bool) {
	exchange.parameters = map[string]string{}
	var segments []string
	if trimmed := strings.TrimPrefix(exchange.path, "/"); trimmed != "" {
		segments = strings.Split(trimmed, "/")
	}
	found := r.walk(segments, exchange.parameters)
	if found == nil {
		return method{}, false
	}
	exchange.resource = found.path
	if answer, ok := found.byMethod[exchange.request.Method]; ok {
		return answer, true
	}
	answer, ok := found.byMethod["ANY"]
	return answer, ok
}

// walk finds the resource behind the segments, and what its parameters are: as they stand in the path, since API Gateway
// decodes none of a REST API either.
func (r *resource) walk(segments []string, parameters map[string]string) *resource {
	if len(segments) == 0 {
		if r.byMethod == nil {
			return nil
		}
		return r
	}
	if next := r.literal[segments[0]]; next != nil {
		if found := next.walk(segments[1:], parameters); found != nil {
			return found
		}
	}
	if r.one != nil && segments[0] != "" {
		if found := r.one.walk(segments[1:], parameters); found != nil {
			parameters[r.one.name] = segments[0]
			return found
		}
	}
	if r.rest != nil {
		parameters[r.rest.name] = strings.Join(segments, "/")
		return r.rest
	}
	return nil
}

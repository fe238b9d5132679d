package policy

import (
	"net/textproto"
	"slices"
)

// Place says where the customer or the account that a request is about is found: in a segment {name} of the path, in a
// parameter of the query string, or in a header field.
type Place struct {
	In   string `json:"in"` // InPath, InQuery or InHeader
	Name string `json:"name"`
}

// The values of Place.In.
const (
	InPath   = "path"
	InQuery  = "query"
	InHeader = "header"
)

// finder finds in a request what a place says. The zero finder finds nothing.
type finder struct {
	in      string
	name    string
	like    spelling // of name, however it may be written
	segment int      // of the path, counted from 0
	neutral bool     // there is nothing to find, and no limit to hold
}

// finderOf is what to look by: the nearest of a route and its service that says anything.
func finderOf(route Route, own, service *Place, serviceNeutral bool) finder {
	switch {
	case own != nil:
		return own.finder(route.Path)
	case route.Neutral:
		return finder{neutral: true}
	case service != nil:
		return service.finder(route.Path)
	default:
		return finder{neutral: serviceNeutral}
	}
}

func (p *Place) finder(pattern string) finder {
	switch p.In {
	case InQuery:
		return finder{in: InQuery, name: p.Name, like: spellingOf(p.Name)}
	case InHeader:
		return finder{in: InHeader, name: textproto.CanonicalMIMEHeaderKey(p.Name), like: spellingOf(p.Name)}
	}
	segment := captureAt(pattern, p.Name)
	if segment < 0 {
		return finder{}
	}
	return finder{in: InPath, segment: segment}
}

// find is the id that request names at the place; empty where it names none, or several, or something that is no id: a
// text of the caller's own goes nowhere from here. It is empty too where another reader may find another id there, under a
// name that it takes for the same.
func (f finder) find(request *Request) string {
	switch {
	case f.in == InPath:
		return idOf(segmentAt(request.Path, f.segment))
	case f.in == InQuery && !f.like.inQuery(f.name, request.Query):
		return onlyID(request.Query[f.name])
	case f.in == InHeader && !f.like.inNames(f.name, request.Header):
		return onlyID(request.Header[f.name])
	default:
		return ""
	}
}

func onlyID(values []string) string {
	if len(values) == 0 || slices.ContainsFunc(values, func(value string) bool { return value != values[0] }) {
		return ""
	}
	return idOf(values[0])
}

// idOf is text where it is an id, otherwise empty.
func idOf(text string) string {
	if !ValidID(text) {
		return ""
	}
	return text
}

// ValidID reports whether id is one as the catalog and scopes write them: 1 to 64 of A-Z, a-z, 0-9, _, ., : and -. Lists
// of them travel separated by spaces and lines.
func ValidID(id string) bool {
	for i := range len(id) {
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '.', c == ':', c == '-':
		default:
			return false
		}
	}
	return id != "" && len(id) <= 64
}

package policy

import (
	"net/url"
	"strings"
)

// Permission is what a request of that method and path needs. The path is decoded once, as it stood in the
// request line. It reports false for a path without a route, and for one that two readers might read
// differently: encoded slashes, empty or dot segments, control bytes, the parameters that some readers find behind a ;,
// and what is still encoded after decoding.
func (s *Service) Permission(method, path string) (Permission, bool) {
	if route := s.route(method, path); route != nil {
		return route.Permission, true
	}
	return "", false
}

// Pattern is the path of the route of that method and path, as the catalog writes it; empty where there is none.
func (s *Service) Pattern(method, path string) string {
	if route := s.route(method, path); route != nil {
		return route.Path
	}
	return ""
}

// route is the route of that method and path; nil where there is none. It allocates nothing unless the path is encoded.
func (s *Service) route(method, path string) *Route {
	rest, rooted := strings.CutPrefix(path, "/")
	if !rooted {
		return nil
	}
	node := s.routes // settled, so that each segment is one step
	for more := rest != ""; more && node != nil; {
		var segment string
		segment, rest, more = strings.Cut(rest, "/")
		decoded, ok := decode(segment)
		if !ok {
			return nil
		}
		node = node.step(decoded)
	}
	if node == nil {
		return nil
	}
	return node.byMethod[method]
}

// segmentAt is the nth segment of path, decoded; empty where there is none.
func segmentAt(path string, n int) string {
	rest := strings.TrimPrefix(path, "/")
	for ; n > 0; n-- {
		_, rest, _ = strings.Cut(rest, "/")
	}
	segment, _, _ := strings.Cut(rest, "/")
	decoded, _ := decode(segment)
	return decoded
}

// decode reads a segment as every reader does. It reports false for one that two of them might read differently.
func decode(segment string) (string, bool) {
	if strings.IndexByte(segment, '%') >= 0 {
		decoded, err := url.PathUnescape(segment)
		if err != nil {
			return "", false
		}
		segment = decoded
	}
	return segment, plain(segment)
}

func plain(segment string) bool {
	for i := range len(segment) {
		switch c := segment[i]; {
		case c < 0x20, c == 0x7f, c == '/', c == '\\', c == ';', c == '%':
			return false
		}
	}
	return segment != "" && segment != "." && segment != ".."
}

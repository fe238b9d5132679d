package policy

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// routeNode is a tree of path segments: finding a route costs one step a segment, however many routes there are.
type routeNode struct {
	literal  map[string]*routeNode
	any      *routeNode
	byMethod map[string]Permission
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

func (n *routeNode) add(route Route) error {
	if !slices.Contains(methods, route.Method) {
		return fmt.Errorf("%s %s: the method must be one of %s", route.Method, route.Path, strings.Join(methods, ", "))
	}
	segments, ok := split(route.Path)
	if !ok {
		return fmt.Errorf("%s %s: the path must begin with / and have no empty or dot segments", route.Method, route.Path)
	}
	for _, segment := range segments {
		n = n.child(segment)
	}
	if n.byMethod == nil {
		n.byMethod = map[string]Permission{}
	}
	if _, twice := n.byMethod[route.Method]; twice {
		return fmt.Errorf("%s %s: another route has the same method and pattern", route.Method, route.Path)
	}
	n.byMethod[route.Method] = route.Permission
	return nil
}

func (n *routeNode) child(segment string) *routeNode {
	if strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}") {
		if n.any == nil {
			n.any = &routeNode{}
		}
		return n.any
	}
	if n.literal == nil {
		n.literal = map[string]*routeNode{}
	}
	if n.literal[segment] == nil {
		n.literal[segment] = &routeNode{}
	}
	return n.literal[segment]
}

// find follows path; a literal segment is preferred to {any}, as API Gateway prefers it.
func (n *routeNode) find(method string, segments []string) (Permission, bool) {
	if len(segments) == 0 {
		permission, ok := n.byMethod[method]
		return permission, ok
	}
	if next := n.literal[segments[0]]; next != nil {
		if permission, ok := next.find(method, segments[1:]); ok {
			return permission, true
		}
	}
	if n.any != nil {
		return n.any.find(method, segments[1:])
	}
	return "", false
}

// Permission is what a request of that method and path needs. The path is decoded once, as it stood in the
// request line. It reports false for a path without a route, and for one that two readers might read
// differently: encoded slashes, empty or dot segments, control bytes, the parameters that some readers find behind a ;,
// and what is still encoded after decoding.
func (s *Service) Permission(method, path string) (Permission, bool) {
	segments, ok := split(path)
	if !ok {
		return "", false
	}
	return s.routes.find(method, segments)
}

func split(path string) ([]string, bool) {
	rest, rooted := strings.CutPrefix(path, "/")
	if !rooted {
		return nil, false
	}
	if rest == "" {
		return nil, true
	}
	segments := strings.Split(rest, "/")
	for i, segment := range segments {
		decoded, err := url.PathUnescape(segment)
		if err != nil || !plain(decoded) {
			return nil, false
		}
		segments[i] = decoded
	}
	return segments, true
}

func plain(segment string) bool {
	if segment == "" || segment == "." || segment == ".." {
		return false
	}
	return !strings.ContainsFunc(segment, func(r rune) bool {
		return strings.ContainsRune(`/\;%`, r) || r < 0x20 || r == 0x7f
	})
}

package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// routeNode is a tree of path segments.
type routeNode struct {
	literal  map[string]*routeNode
	any      *routeNode // what follows a segment {name}
	name     string     // of that segment
	byMethod map[string]*Route
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// add puts route into the tree. Its error says what is wrong with the route.
func (n *routeNode) add(route *Route) error {
	if !slices.Contains(methods, route.Method) {
		return fmt.Errorf("the method must be one of %s", strings.Join(methods, ", "))
	}
	segments, err := segmentsOf(route.Path)
	if err != nil {
		return err
	}
	for _, segment := range segments {
		if n, err = n.child(segment); err != nil {
			return err
		}
	}
	if n.byMethod == nil {
		n.byMethod = map[string]*Route{}
	}
	if n.byMethod[route.Method] != nil {
		return errors.New("another route has the same method and pattern")
	}
	n.byMethod[route.Method] = route
	return nil
}

func (n *routeNode) child(segment string) (*routeNode, error) {
	if name, capture := captured(segment); capture {
		if n.any == nil {
			n.any, n.name = &routeNode{}, name
		}
		if n.name != name {
			return nil, fmt.Errorf("another route has {%s} where this one has {%s}; they must be called alike", n.name, name)
		}
		return n.any, nil
	}
	literal, _ := decode(segment)
	if n.literal == nil {
		n.literal = map[string]*routeNode{}
	}
	if n.literal[literal] == nil {
		n.literal[literal] = &routeNode{}
	}
	return n.literal[literal], nil
}

// step is what follows segment; a literal one is preferred to {name}, as API Gateway prefers it.
func (n *routeNode) step(segment string) *routeNode {
	if next := n.literal[segment]; next != nil {
		return next
	}
	return n.any
}

// settle gives the tree in which step never leads astray: what follows a literal segment is there with what follows
// {name} beside it, so that finding a route never has to go back.
func (n *routeNode) settle() *routeNode {
	if n == nil {
		return nil
	}
	settled := &routeNode{byMethod: n.byMethod, any: n.any.settle(), literal: map[string]*routeNode{}}
	for segment, next := range n.literal {
		settled.literal[segment] = overlay(next.settle(), settled.any)
	}
	return settled
}

// overlay is the settled tree of all routes of narrow and wide, narrow's where both have one.
func overlay(narrow, wide *routeNode) *routeNode {
	switch {
	case narrow == nil:
		return wide
	case wide == nil:
		return narrow
	}
	both := &routeNode{byMethod: map[string]*Route{}, any: overlay(narrow.any, wide.any), literal: map[string]*routeNode{}}
	maps.Copy(both.byMethod, wide.byMethod)
	maps.Copy(both.byMethod, narrow.byMethod)
	for _, side := range []*routeNode{narrow, wide} {
		for segment := range side.literal {
			both.literal[segment] = overlay(narrow.step(segment), wide.step(segment))
		}
	}
	return both
}

// ambiguous reports each two patterns that both match some path, and of which neither is the more particular one: each
// has a literal segment where the other has a {name}. a and b are nodes that one path leads to. aNarrower says that a has
// been literal where b was not, bNarrower the other way round.
func ambiguous(a, b *routeNode, aNarrower, bNarrower bool, report func(one, other *Route)) {
	if aNarrower && bNarrower && len(a.byMethod) > 0 && len(b.byMethod) > 0 {
		report(oneOf(a.byMethod), oneOf(b.byMethod))
	}
	for _, segment := range slices.Sorted(maps.Keys(a.literal)) {
		next := a.literal[segment]
		if same := b.literal[segment]; same != nil {
			ambiguous(next, same, aNarrower, bNarrower, report)
		}
		if b.any != nil {
			ambiguous(next, b.any, true, bNarrower, report)
		}
	}
	if a.any == nil {
		return
	}
	if b.any != nil {
		ambiguous(a.any, b.any, aNarrower, bNarrower, report)
	}
	if a == b {
		return // the pairs of a {name} and a literal are seen above
	}
	for _, segment := range slices.Sorted(maps.Keys(b.literal)) {
		ambiguous(a.any, b.literal[segment], aNarrower, true, report)
	}
}

// oneOf is one of routes with the same pattern, always the same one.
func oneOf(routes map[string]*Route) *Route {
	return routes[slices.Min(slices.Collect(maps.Keys(routes)))]
}

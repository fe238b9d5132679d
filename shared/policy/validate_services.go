package policy

import (
	"fmt"
	"slices"
)

// maxOrganizations is how many values DynamoDB compares one with in a condition.
const maxOrganizations = 100

func (c *Catalog) validateServices(rule ruler) {
	unique(rule, "services", c.Services, func(s Service) string { return s.ID })
	rule(slices.ContainsFunc(c.Services, func(s Service) bool { return s.ID == OwnService }),
		at("services"), "services: %s is needed: it is keyward's own API", OwnService)
	c.services = make(map[string]*Service, len(c.Services))
	for i := range c.Services {
		service, here := &c.Services[i], at("services").nth(i)
		c.services[service.ID] = service
		c.validateService(rule, here, service)
		c.validateRoutes(rule, here, service)
		service.index()
	}
}

func (c *Catalog) validateService(rule ruler, here spot, service *Service) {
	name := "services: " + service.ID
	rule(service.Title != "", here, "%s: a title is missing", name)
	rule(service.Organizations.All || len(service.Organizations.IDs) > 0, here.in("organizations"),
		"%s: organizations must be all or a list of ids", name)
	rule(len(service.Organizations.IDs) <= maxOrganizations, here.in("organizations"),
		"%s: organizations lists %d ids; at most %d can be checked in one write", name, len(service.Organizations.IDs), maxOrganizations)
	rule(!slices.Contains(service.Organizations.IDs, ""), here.in("organizations"), "%s: organizations: an id is empty", name)
	for n, permission := range service.Permissions {
		c.known(rule, here.in("permissions").nth(n), name, permission, permission.single())
	}
	service.Customer.validate(rule, here.in("customer"), name+": customer")
	service.Account.validate(rule, here.in("account"), name+": account")
	rule(service.ID != OwnService || service.Neutral, here, "%s: must be neutral: keys limited to customers may manage keys too", name)
	rule(service.ID != OwnService || len(service.Routes) == 0, here.in("routes"), "%s: must have no routes: they are keyward's own", name)
}

func (c *Catalog) validateRoutes(rule ruler, here spot, service *Service) {
	tree := &routeNode{}
	for n := range service.Routes {
		route, here := &service.Routes[n], here.in("routes").nth(n)
		name := routeName(service, route)
		c.known(rule, here.in("permission"), name, route.Permission, route.Permission.single())
		err := tree.add(route)
		rule(err == nil, here, "%s: %v", name, err)
		route.validatePlaces(rule, here, name, service)
	}
	ambiguous(tree, tree, false, false, func(one, other *Route) {
		n, m := service.position(one), service.position(other)
		if n < m {
			n, one, other = m, other, one
		}
		rule(false, here.in("routes").nth(n), "%s: ambiguous: some paths match %s too, and neither is the more particular",
			routeName(service, one), other.Path)
	})
	service.routes = tree.settle()
}

func routeName(service *Service, route *Route) string {
	return fmt.Sprintf("services: %s: %s %s", service.ID, route.Method, route.Path)
}

// position is where route, which is one of them, stands among the service's routes.
func (s *Service) position(route *Route) int {
	n := 0
	for &s.Routes[n] != route {
		n++
	}
	return n
}

func (p *Place) validate(rule ruler, here spot, name string) {
	if p == nil {
		return
	}
	rule(slices.Contains([]string{InPath, InQuery, InHeader}, p.In), here.in("in"), "%s: in must be path, query or header, not %q", name, p.In)
	rule(ValidID(p.Name), here.in("name"), "%s: name %q must be 1 to 64 of A-Z, a-z, 0-9, _, ., : and -", name, p.Name)
}

// validatePlaces checks a route's own places, and those of its service that hold for it.
func (r *Route) validatePlaces(rule ruler, here spot, name string, service *Service) {
	for _, place := range []struct {
		kind         string
		own, service *Place
	}{{"customer", r.Customer, service.Customer}, {"account", r.Account, service.Account}} {
		place.own.validate(rule, here.in(place.kind), name+": "+place.kind)
		holds, where := place.own, here.in(place.kind)
		if holds == nil && !r.Neutral {
			holds, where = place.service, here
		}
		if holds != nil && holds.In == InPath {
			rule(captureAt(r.Path, holds.Name) >= 0, where, "%s: %s: the path has no segment {%s}", name, place.kind, holds.Name)
		}
	}
}

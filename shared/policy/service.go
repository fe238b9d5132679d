package policy

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/keyward/keyward/shared/org"
)

// OwnService is the service that keyward's own API is.
const OwnService = "keyward"

// Service is an API that keyward protects. Its places hold for each of its routes that does not say otherwise.
type Service struct {
	ID            string        `json:"id"`
	Title         string        `json:"title"`
	Organizations Organizations `json:"organizations"`
	Customer      *Place        `json:"customer,omitzero"`    // where the customer of a request is found
	Account       *Place        `json:"account,omitzero"`     // where the account of a request is found
	Neutral       bool          `json:"neutral,omitzero"`     // keys limited to customers or accounts may use it all the same
	Permissions   []Permission  `json:"permissions,omitzero"` // that it asks for beside its routes
	Routes        []Route       `json:"routes,omitzero"`
	routes        *routeNode
	needs         []Permission // of its routes and beside them, each once
	customer      finder       // of a request whose route is not known
	account       finder
}

// Route is a method and path pattern of a service, and the permission that it needs. A segment {name} of the
// pattern stands for any one segment. What it says of customers and accounts goes before what its service says.
type Route struct {
	Method     string     `json:"method"`
	Path       string     `json:"path"`
	Permission Permission `json:"permission"`
	Customer   *Place     `json:"customer,omitzero"`
	Account    *Place     `json:"account,omitzero"`
	Neutral    bool       `json:"neutral,omitzero"`
	customer   finder
	account    finder
}

// Service is the service of that id; nil where the catalog has none.
func (c *Catalog) Service(id string) *Service { return c.services[id] }

// index prepares what decisions look up.
func (s *Service) index() {
	s.needs = slices.Clone(s.Permissions)
	s.customer = finderOf(Route{}, nil, s.Customer, s.Neutral)
	s.account = finderOf(Route{}, nil, s.Account, s.Neutral)
	for i := range s.Routes {
		route := &s.Routes[i]
		route.customer = finderOf(*route, route.Customer, s.Customer, s.Neutral)
		route.account = finderOf(*route, route.Account, s.Account, s.Neutral)
		if !slices.Contains(s.needs, route.Permission) {
			s.needs = append(s.needs, route.Permission)
		}
	}
}

// Organizations are the organizations that a service admits. The zero value admits none, and is refused
// by Load: a service must say.
type Organizations struct {
	All bool
	IDs []org.ID
}

// Admitted is what a store is asked for: nil for all.
func (o Organizations) Admitted() []org.ID {
	if o.All {
		return nil
	}
	return o.IDs
}

var errOrganizations = errors.New("must be all or a list of ids")

// UnmarshalJSON reads "all" or a list of ids.
func (o *Organizations) UnmarshalJSON(data []byte) error {
	*o = Organizations{}
	if string(data) == `"all"` {
		o.All = true
		return nil
	}
	if json.Unmarshal(data, &o.IDs) != nil {
		return errOrganizations
	}
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (o Organizations) MarshalJSON() ([]byte, error) {
	if o.All {
		return []byte(`"all"`), nil
	}
	return json.Marshal(o.IDs)
}

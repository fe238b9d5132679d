package team_test

import (
	"fmt"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// The small world in which reaches are compared. What is called other stands for everything that nobody names: what
// is held there is held by a pattern, or by a scope without limits.
var (
	worldPermissions  = []policy.Permission{"dns:read", "dns:write", "dns:other", "billing:read", "members:write", "keys:write", "other:read", "other:other"}
	worldEnvironments = []apikey.Environment{apikey.Production, apikey.Staging}
	worldServices     = []string{"dns", "billing", "other"}
	worldCustomers    = []string{"c1", "c2", "other"}
	worldAccounts     = []string{"a1", "other"}
)

// things are all that somebody may be able to do: a permission, in an environment, on a service, for a customer, in an
// account.
var things = everyThing()

type thing struct {
	permission                 policy.Permission
	environment                apikey.Environment
	service, customer, account string
}

func everyThing() (all []thing) {
	for _, permission := range worldPermissions {
		for _, environment := range worldEnvironments {
			for _, service := range worldServices {
				for _, customer := range worldCustomers {
					for _, account := range worldAccounts {
						all = append(all, thing{permission, environment, service, customer, account})
					}
				}
			}
		}
	}
	return all
}

// reach says of each of the things whether somebody can do it. It knows nothing of patterns and of what covers what,
// which is the code under test.
type reach [8 * 2 * 3 * 3 * 2]bool

func reachOf(holding policy.Holding) (reach reach) {
	granted := map[policy.Permission]bool{}
	for _, permission := range worldPermissions {
		granted[permission] = holding.Grants(permission)
	}
	for i, thing := range things {
		reach[i] = granted[thing.permission] &&
			(holding.Environment == "" || holding.Environment == thing.environment) &&
			isIn(holding.Scope.Services, thing.service) &&
			isIn(holding.Scope.Customers, thing.customer) &&
			isIn(holding.Scope.Accounts, thing.account)
	}
	return reach
}

func isIn(list []string, id string) bool { return list == nil || slices.Contains(list, id) }

// beyond is the first thing of r that none of others has; "" where there is none.
func (r reach) beyond(others ...reach) string {
	for i, can := range r {
		if can && !slices.ContainsFunc(others, func(other reach) bool { return other[i] }) {
			return fmt.Sprintf("%+v", things[i])
		}
	}
	return ""
}

// census is an organization as it is stored.
type census struct {
	roster org.Roster
	roles  org.Roles
	keys   map[apikey.ID]*apikey.Key
}

// reaches is what every principal can do, or will without anybody's doing: a pending member by joining. Who is
// disabled, expired or revoked can do nothing.
func (w *world) reaches(c census) map[string]reach {
	all := map[string]reach{}
	for _, member := range c.roster.Members {
		all[member.Hash()] = w.memberReach(c, &member)
	}
	for id, key := range c.keys {
		all[id.String()] = reach{}
		if key.StatusAt(w.now) == apikey.Active {
			all[id.String()] = w.keyReach(c, key, w.ownerNow)
		}
	}
	return all
}

func (w *world) memberReach(c census, member *org.Member) reach {
	if member == nil || member.Status == org.MemberDisabled || member.Subject == "" && !member.Open(w.now) {
		return reach{}
	}
	return reachOf(w.Catalog.MemberHolding(member.Roles, c.roles))
}

// keyReach is what an active key of that record could do, with an owner as rule says.
func (w *world) keyReach(c census, key *apikey.Key, rule func(census, string) *org.Member) reach {
	record := key.Record
	standing := org.Standing{Roles: c.roles}
	if record.Inherits != "" {
		standing.Owner = rule(c, record.Inherits)
	}
	return reachOf(w.Catalog.HoldingOf(&record, standing))
}

// ownerNow is the owner as they are, or will be by joining.
func (w *world) ownerNow(c census, hash string) *org.Member {
	owner := w.ownerAtMost(c, hash)
	at := slices.IndexFunc(c.roster.Members, func(m org.Member) bool { return m.Hash() == hash })
	if at < 0 || c.roster.Members[at].Status == org.MemberDisabled {
		return nil
	}
	return owner
}

// ownerAtMost is the owner as somebody else may make them: active, and with everything where they are not there.
func (w *world) ownerAtMost(c census, hash string) *org.Member {
	owner := org.Member{Roles: []string{"admin"}}
	if at := slices.IndexFunc(c.roster.Members, func(m org.Member) bool { return m.Hash() == hash }); at >= 0 {
		owner = c.roster.Members[at]
	}
	owner.Status = org.MemberActive
	return &owner
}

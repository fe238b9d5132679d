package keys

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
)

// How many a key may be limited to.
const (
	maxServices  = 50
	maxCustomers = 100
	maxAccounts  = 100
)

// editScope sets where the key's permissions hold.
func (e editing) editScope(key *apikey.Key, asked ScopePatch) error {
	before := key.Scope
	for _, part := range []struct {
		field string
		asked Optional[Selection]
		list  *[]string
		most  int
	}{
		{"services", asked.Services, &key.Scope.Services, maxServices},
		{"customers", asked.Customers, &key.Scope.Customers, maxCustomers},
		{"accounts", asked.Accounts, &key.Scope.Accounts, maxAccounts},
	} {
		if err := editSelection(part.list, part.asked, part.field, part.most); err != nil {
			return err
		}
	}
	for _, id := range without(key.Scope.Services, before.Services) {
		if e.Catalog.Service(id) == nil {
			return fault.InvalidField("services", "There is no service %q in the catalog.", id)
		}
	}
	return e.needAccounts(key, asked)
}

// editSelection writes a selection as a scope has it: nil for all.
func editSelection(list *[]string, asked Optional[Selection], field string, most int) error {
	switch {
	case !asked.Set:
		return nil
	case asked.Null || !asked.Value.All && len(asked.Value.IDs) == 0:
		return fault.InvalidField(field, `%s must be "all" or a list of at least one id.`, field)
	case asked.Value.All:
		*list = nil
		return nil
	}
	if err := validIDs(field, asked.Value.IDs, most); err != nil {
		return err
	}
	*list = clone(asked.Value.IDs)
	return nil
}

// needAccounts refuses a role that is meant for some accounts where nobody says for which: all must be said too.
func (e editing) needAccounts(key *apikey.Key, asked ScopePatch) error {
	said := e.saidAccounts || asked.Accounts.Set || key.Scope.Accounts != nil
	if said || !e.Catalog.RequiresAccounts(key.Roles) {
		return nil
	}
	return fault.InvalidField("accounts", `Cloud Account Viewer needs at least one account, or "all".`)
}

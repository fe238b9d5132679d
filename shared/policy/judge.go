package policy

import "github.com/keyward/keyward/shared/apikey"

// judge looks at a request in the order of the contract: service, permission, scope.
func (h Holding) judge(request *Request) (apikey.Reason, Lack) {
	route := request.route()
	if lack, lacks := h.lacksService(request, route); lacks {
		return apikey.ServiceDenied, lack
	}
	if lack, lacks := h.lacksPermission(request, route); lacks {
		return apikey.PermissionDenied, lack
	}
	if lack, lacks := h.lacksScope(request, route); lacks {
		return apikey.ScopeDenied, lack
	}
	return apikey.Allowed, Lack{}
}

// asksRoute reports whether the request is about a route.
func (r *Request) asksRoute() bool { return r.Service != nil && r.Path != "" }

// route is the route that the request is about; nil where it is about none, or there is none like it.
func (r *Request) route() *Route {
	if !r.asksRoute() {
		return nil
	}
	return r.Service.route(r.Method, r.Path)
}

func (h Holding) lacksService(request *Request, _ *Route) (Lack, bool) {
	if request.Service == nil || includes(h.Scope.Services, request.Service.ID) {
		return Lack{}, false
	}
	return Lack{LacksService, request.Service.ID}, true
}

func (h Holding) lacksPermission(request *Request, route *Route) (Lack, bool) {
	switch {
	case request.asksRoute() && route == nil:
		return Lack{Kind: LacksRoute}, true
	case route != nil && !h.Grants(route.Permission):
		return Lack{LacksPermission, string(route.Permission)}, true
	case request.Permission != "" && !h.Grants(request.Permission):
		return Lack{LacksPermission, string(request.Permission)}, true
	default:
		return Lack{}, false
	}
}

func (h Holding) lacksScope(request *Request, route *Route) (Lack, bool) {
	var customer, account finder
	switch {
	case route != nil:
		customer, account = route.customer, route.account
	case request.Service != nil:
		customer, account = request.Service.customer, request.Service.account
	}
	if id, outside := request.outside(h.Scope.Customers, request.Customer, customer); outside {
		return Lack{LacksCustomer, id}, true
	}
	if id, outside := request.outside(h.Scope.Accounts, request.Account, account); outside {
		return Lack{LacksAccount, id}, true
	}
	return Lack{}, false
}

// outside reports whether the request is outside of a list of customers or accounts, and about which it is, as far as
// that shows. What the asker gives goes before what the request itself names.
func (r *Request) outside(list []string, given string, place finder) (id string, outside bool) {
	switch {
	case list == nil:
		return "", false
	case given != "":
		id = idOf(given)
	case place.neutral:
		return "", false
	default:
		id = place.find(r)
	}
	return id, id == "" || !includes(list, id)
}

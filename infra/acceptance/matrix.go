package acceptance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/httpapi"
)

// household is an organization with something of everything, and those who have no business in it.
type household struct {
	admin     *caller
	id        string // of the organization
	key       key
	member    string // an active member's id
	role      string // one of its own
	strange   *caller
	theirKey  *caller // the strange organization's, with every permission
	disabled  *caller // was a member, and is disabled
	removed   *caller // was a member, and is none any more
	powerless *caller // a key of the organization that may do nothing
}

// testMatrix is every route of the table against every kind of principal that it must refuse. It is made from the table,
// so that a new route can't escape it.
func testMatrix(t *testing.T, target Target) {
	h := newHousehold(t, target)
	before := h.snapshot()
	for _, route := range httpapi.Routes {
		if route.Caller == httpapi.Anyone {
			continue
		}
		t.Run(strings.ReplaceAll(route.Method+" "+route.Path, "/", "|"), func(t *testing.T) { h.refusesAll(t, route) })
	}
	if diff := cmp.Diff(before, h.snapshot()); diff != "" {
		t.Errorf("strangers changed the organization (-before +after)\n%s", diff)
	}
}

func newHousehold(t *testing.T, target Target) *household {
	h := &household{admin: newMember(t, target), strange: newMember(t, target), role: "support"}
	h.id = h.admin.do("GET", "/v1/account", nil).data()["organization_id"].(string)
	h.key = h.admin.create()
	h.admin.do("PUT", "/v1/roles/"+h.role, fields{"permissions": []string{"customers:read"}}).wantStatus(http.StatusCreated)
	h.member = h.joined(newMember(t, target)).name
	h.disabled, h.removed = h.joined(newMember(t, target)), h.joined(newMember(t, target))
	h.admin.do("PUT", "/v1/members/"+h.disabled.name, fields{"status": "disabled"}).wantStatus(http.StatusOK)
	h.admin.do("DELETE", "/v1/members/"+h.removed.name, nil).wantStatus(http.StatusOK)
	h.theirKey = h.strange.holder(h.strange.create().secret)
	h.powerless = h.admin.holder(h.admin.create(fields{"roles": []string{}, "permissions": []string{}}).secret)
	return h
}

// joined makes somebody an Admin of the organization, who then names it with every request.
func (h *household) joined(member *caller) *caller {
	h.admin.do("PUT", "/v1/members/"+member.name, fields{"roles": []string{"admin"}}).wantStatus(http.StatusCreated)
	member = member.and("X-Organization", h.id)
	member.do("GET", "/v1/account", nil).wantStatus(http.StatusOK)
	return member
}

// bodies are what each route that takes a body is sent: something that it would do for the organization's own Admin.
func (h *household) bodies() map[string]any {
	return map[string]any{
		"POST /v1/keys":                     fields{"name": newName("stolen")},
		"POST /v1/keys/generate":            fields{"name": newName("stolen")},
		"PATCH /v1/keys/{key_id}":           fields{"description": "stolen"},
		"POST /v1/keys/{key_id}/disable":    nil,
		"POST /v1/keys/{key_id}/enable":     nil,
		"POST /v1/keys/{key_id}/regenerate": nil,
		"POST /v1/keys/{key_id}/explain":    fields{},
		"POST /v1/keys/verify":              fields{"api_key": h.key.secret},
		"PATCH /v1/account":                 fields{"name": "stolen"},
		"PUT /v1/members/{id}":              fields{"roles": []string{"dns_manager"}},
		"PUT /v1/roles/{name}":              fields{"permissions": []string{"dns:read"}},
	}
}

func (h *household) refusesAll(t *testing.T, route httpapi.Route) {
	body, known := h.bodies()[route.Method+" "+route.Path]
	if !known && route.Method != http.MethodGet && route.Method != http.MethodDelete {
		t.Fatalf("the matrix has no body for this route: add one")
	}
	path := strings.NewReplacer("{key_id}", h.key.id, "{id}", h.member, "{name}", h.role).Replace(route.Path)
	send := func(who *caller) *answer { return who.in(t).do(route.Method, path, body) }

	send(h.strange.and("X-Organization", h.id)).wantError(http.StatusForbidden, "organization_denied")
	send(h.removed).wantError(http.StatusForbidden, "organization_denied")
	send(h.disabled).wantError(http.StatusForbidden, "member_inactive")
	if route.Permission != "" {
		send(h.powerless).wantError(http.StatusForbidden, "permission_denied")
	}
	for _, who := range []*caller{h.strange, h.theirKey, h.theirKey.and("X-Organization", h.id)} {
		h.showsNothing(t, route, send(who))
		if route.Method == http.MethodPut { // what it made in the stranger's own organization would be there for other routes
			who.in(t).do(http.MethodDelete, path, nil)
		}
	}
}

// showsNothing holds the answer that a stranger got in the stranger's own organization to this: nothing that the path
// names is there, and nothing of the organization is in it.
func (h *household) showsNothing(t *testing.T, route httpapi.Route, got *answer) {
	t.Helper()
	put := route.Method == http.MethodPut // what it names is made, in the stranger's own organization
	if strings.Contains(route.Path, "{") && !put && got.status != http.StatusNotFound {
		t.Errorf("%d, want 404: %s", got.status, got.text)
	}
	if strings.Contains(got.text, h.id) || strings.Contains(got.text, h.key.name) || !put && got.status < 300 && strings.Contains(got.text, h.key.id) {
		t.Errorf("a stranger sees the organization: %s", got.text)
	}
	if route.Function == "verify" && got.data()["code"] != "key_unknown" {
		t.Errorf("a stranger's verify tells %v, want key_unknown", got.data()["code"])
	}
}

// snapshot is all that the organization's Admin sees of it.
func (h *household) snapshot() map[string]any {
	all := map[string]any{}
	for _, path := range []string{"/v1/keys?status=all", h.key.path(), "/v1/members", "/v1/roles", "/v1/account"} {
		data := h.admin.do("GET", path, nil).data()
		delete(data, "usage")
		all[path] = data
	}
	for _, entry := range all["/v1/members"].(fields)["members"].([]any) {
		delete(entry.(fields), "last_seen_at")
	}
	return all
}

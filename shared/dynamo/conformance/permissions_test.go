package conformance

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/changelog"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/replay"
)

// Least privilege: every function can do its work with the actions of its row, and its row names no other.
func TestARowNamesExactlyTheActionsThatItsFunctionUses(t *testing.T) {
	d := newDeployment(t)
	d.signs()
	ann := d.signIn("ann", "")
	d.fillsAnAccount(ann)
	d.usesKeys(ann)
	d.managesKeys(ann)
	d.managesMembers(ann)
	d.replays(ann)
	d.cleansUp(ann)
	for _, function := range httpapi.Functions {
		if len(function.Table) == 0 {
			continue
		}
		behind := d.behind[function.Name]
		if behind == nil {
			t.Errorf("functions/%s was not asked for anything", function.Name)
			continue
		}
		if used := slices.Sorted(maps.Keys(behind.used)); !slices.Equal(used, slices.Sorted(slices.Values(function.Table))) {
			t.Errorf("functions/%s used %v, its row names %v", function.Name, used, function.Table)
		}
	}
}

// signs makes a signing key, another, and withdraws the first.
func (d *deployment) signs() {
	d.Helper()
	custodian := d.parts("signingkeys").SigningKeys()
	custodian.Notice = 0
	first, err := custodian.Ensure(d.Context())
	if err == nil {
		_, err = custodian.Rotate(d.Context())
	}
	if err == nil {
		_, err = custodian.Withdraw(d.Context(), first.Current)
	}
	if err != nil {
		d.Fatal(err)
	}
	d.ask(nil, http.StatusOK, ask{route: "GET /.well-known/jwks.json"})
}

// fillsAnAccount creates keys plainly and under an Idempotency-Key, once and again; and when all have expired, one with an
// expired key's name, in a full account.
func (d *deployment) fillsAnAccount(principal map[string]any) {
	d.Helper()
	day := d.now.Add(24 * time.Hour).Format(time.RFC3339)
	for _, name := range []string{"a", "b", "c"} {
		d.create(principal, `{"name": "`+name+`", "expires_at": "`+day+`"}`)
	}
	for range 2 {
		d.ask(principal, http.StatusCreated, ask{
			route: "POST /v1/keys/generate", body: `{"name": "d", "expires_at": "` + day + `"}`,
			headers: map[string]string{"Idempotency-Key": "0123456789abcdef"},
		})
	}
	d.now = d.now.Add(25 * time.Hour)
	d.revoke(principal, d.create(principal, `{"name": "A"}`))
}

// usesKeys has keys of each kind authorized, by the authorizer and for a backend, and explained.
func (d *deployment) usesKeys(principal map[string]any) {
	d.Helper()
	for name, body := range map[string]string{
		"plain": `{"name": "plain", "roles": ["admin"]}`, "bulky": bulkyBody, "inheriting": `{"name": "inheriting", "inherit": true}`,
		"jwt": `{"name": "jwt", "roles": ["admin"], "format": "jwt"}`,
	} {
		key := d.create(principal, body)
		secret := key["api_key"].(string)
		d.authorize("dns", "GET", "/zones", secret, "")
		backend := d.authorize(httpapi.AdminService, "POST", "/v1/keys/verify", secret, "")
		verified := d.ask(backend, http.StatusOK, ask{
			route: "POST /v1/keys/verify", body: `{"api_key": "` + secret + `", "service": "dns", "ip": "203.0.113.7", "customer": "` + customer + `"}`,
		})
		if verified["valid"] != true {
			d.Errorf("%s: %v", name, verified)
		}
		for _, asker := range []map[string]any{principal, backend} {
			d.ask(asker, http.StatusOK, ask{route: "POST /v1/keys/{key_id}/explain", id: key["key_id"], body: `{}`})
		}
		d.ask(principal, http.StatusOK, ask{route: "GET /v1/keys/{key_id}", id: key["key_id"]})
		for _, sort := range []string{"created_at", "name", "expires_at", "-expires_at"} {
			d.ask(principal, http.StatusOK, ask{route: "GET /v1/keys", query: map[string]string{"sort": sort}})
		}
		d.revoke(principal, key)
	}
	d.ask(principal, http.StatusOK, ask{route: "GET /v1/catalog"})
}

// managesKeys changes keys in each way, also such as have a change that was cut off.
func (d *deployment) managesKeys(principal map[string]any) {
	d.Helper()
	for _, body := range []string{`{"name": "small"}`, bulkyBody} {
		key := d.create(principal, body)
		id := key["key_id"]
		d.cutOff(principal, key)
		d.update(principal, id, `{"name": "e"}`)
		d.update(principal, id, `{"tier": "free", "expires_in": "one_year"}`)
		version := d.ask(principal, http.StatusOK, ask{route: "GET /v1/keys/{key_id}", id: id})["version"]
		d.ask(principal, http.StatusOK, ask{
			route: "PATCH /v1/keys/{key_id}", id: id, body: `{"name": "f", "active": false}`,
			headers: map[string]string{"If-Match": fmt.Sprintf("%q", fmt.Sprint(version))},
		})
		d.ask(principal, http.StatusOK, ask{route: "POST /v1/keys/{key_id}/enable", id: id})
		d.ask(principal, http.StatusOK, ask{route: "POST /v1/keys/{key_id}/disable", id: id})
		d.cutOff(principal, key)
		d.ask(principal, http.StatusOK, ask{route: "POST /v1/keys/{key_id}/regenerate", id: id, body: `{"grace_period_seconds": 60}`})
		d.update(principal, id, `{"ip_allow": [{"cidr": "203.0.113.0/24"}], "customers": "all"}`)
		d.cutOff(principal, key)
		d.revoke(principal, key)
	}
}

// managesMembers invites somebody, who comes and goes; makes a role and deletes it; and changes the account and its tier.
func (d *deployment) managesMembers(principal map[string]any) {
	d.Helper()
	const mail = "bob@keyward.localhost"
	put := func(id, roles string) {
		d.ask(principal, http.StatusOK, ask{route: "PUT /v1/members/{id}", id: id, body: `{"roles": [` + roles + `], "status": "active"}`})
	}
	d.ask(principal, http.StatusCreated, ask{route: "PUT /v1/roles/{name}", id: "support", body: `{"permissions": ["dns:read"]}`})
	d.ask(principal, http.StatusCreated, ask{route: "PUT /v1/members/{id}", id: mail, body: `{"roles": ["support"]}`})
	d.signIn("bob", principal[httpapi.ContextOrganization].(string))
	put("bob", `"support", "dns_manager"`)
	put("bob", `"dns_manager"`)
	for _, route := range []string{"GET /v1/members", "GET /v1/roles"} {
		d.ask(principal, http.StatusOK, ask{route: route})
	}
	d.ask(principal, http.StatusOK, ask{route: "GET /v1/members/{id}", id: "bob"})
	d.ask(principal, http.StatusOK, ask{route: "GET /v1/roles/{name}", id: "support"})
	d.ask(principal, http.StatusOK, ask{route: "DELETE /v1/roles/{name}", id: "support"})
	d.ask(principal, http.StatusOK, ask{route: "DELETE /v1/members/{id}", id: "bob"})
	agent := d.create(principal, `{"name": "agent", "inherit": true}`)
	as := d.authorize(httpapi.AdminService, "GET", "/v1/members", agent["api_key"].(string), "")
	d.ask(as, http.StatusForbidden, ask{route: "PUT /v1/members/{id}", id: mail, body: `{"roles": ["dns_manager"]}`})
	key := d.create(principal, `{"name": "following"}`)
	d.cutOff(principal, key)
	d.ask(principal, http.StatusOK, ask{route: "PATCH /v1/account", body: `{"name": "Acme", "tier": "pro"}`})
	d.ask(principal, http.StatusOK, ask{route: "GET /v1/account"})
}

// replays applies lines again of every kind, to a key with a change that was cut off too.
func (d *deployment) replays(principal map[string]any) {
	d.Helper()
	custodian := d.parts("signingkeys").SigningKeys()
	custody, err := custodian.Ensure(d.Context())
	if err != nil {
		d.Fatal(err)
	}
	key := d.create(principal, bulkyBody)
	d.cutOff(principal, key)
	d.ask(principal, http.StatusCreated, ask{route: "PUT /v1/roles/{name}", id: "restored", body: `{"permissions": ["dns:*"]}`})
	d.ask(principal, http.StatusCreated, ask{route: "PUT /v1/members/{id}", id: "eve@keyward.localhost", body: `{"roles": ["restored"]}`})
	about := changelog.Line{Version: changelog.Version, At: d.now, Organization: org.ID(principal[httpapi.ContextOrganization].(string))}
	lines := []changelog.Line{about, about, about, about, about, about}
	lines[0].KeyID, lines[0].Key = key["key_id"].(string), &changelog.Key{NewSecret: true, ExpiresAt: d.now.Add(time.Hour), PerMinute: 1}
	lines[1].KeyID, lines[1].Key = key["key_id"].(string), &changelog.Key{RevokedAt: d.now}
	lines[2].Role = &changelog.Role{Name: "restored", Removed: true}
	lines[3].Member = &changelog.Member{Hash: org.MailHash("eve@keyward.localhost"), Removed: true}
	lines[4].Account = &changelog.Account{Tier: "free", MaxTier: "free", KeyLimit: 3}
	lines[5].SigningKey = custody.Current
	var batch replay.Batch
	for _, line := range lines {
		text, err := json.Marshal(map[string]any{"msg": changelog.Message, changelog.Field: line})
		if err != nil {
			d.Fatal(err)
		}
		batch.Changes = append(batch.Changes, text)
	}
	parts := d.parts("replay")
	parts.Config.Table, parts.Config.RefuseAll, batch.Table = d.table, true, d.table
	answer, err := parts.Replay()(d.Context(), batch)
	if err != nil || answer.Failed > 0 || len(answer.Lines) != len(lines) || answer.Did[replay.Missing] > 0 {
		d.Fatalf("%+v, %v", answer, err)
	}
}

// cleansUp applies another catalog's tiers, finishes a change that was cut off, marks an expiry, and deletes ended keys.
func (d *deployment) cleansUp(principal map[string]any) {
	d.Helper()
	key := d.create(principal, `{"name": "retiered"}`)
	d.cutOff(principal, key)
	for n := range d.catalog.Tiers {
		d.catalog.Tiers[n].RequestsPerMinute++
	}
	if retiered, err := d.parts("retier").Retier()(d.Context(), httpapi.RetierRequest{}); err != nil || retiered.Changed == 0 {
		d.Fatalf("%+v, %v", retiered, err)
	}
	d.cutOff(principal, key)
	d.leaveFollowing(principal)
	d.now = d.now.AddDate(2, 0, 0)
	if _, err := d.parts("cleanup").Cleanup()(d.Context(), nil); err != nil {
		d.Fatal(err)
	}
}

// leaveFollowing changes the account's tier, and leaves its keys to cleanup.
func (d *deployment) leaveFollowing(principal map[string]any) {
	d.Helper()
	store := dynamo.New(dynamotest.NewClient(), d.table)
	before, err := store.Organization(d.Context(), org.ID(principal[httpapi.ContextOrganization].(string)))
	if err != nil {
		d.Fatal(err)
	}
	after := before
	after.Tier, after.Following = "free", true
	if _, err := store.ChangeOrganization(d.Context(), before, after, nil); err != nil {
		d.Fatal(err)
	}
}

func (d *deployment) revoke(principal, key map[string]any) {
	d.Helper()
	d.ask(principal, http.StatusOK, ask{route: "DELETE /v1/keys/{key_id}", id: key["key_id"]})
}

// cutOff renames a key in a process that dies halfway: whoever changes the key next finishes it.
func (d *deployment) cutOff(principal, key map[string]any) {
	d.Helper()
	id, _ := apikey.ParseID(key["key_id"].(string))
	before, err := dynamo.New(dynamotest.NewClient(), d.table).Key(d.Context(), org.ID(principal[httpapi.ContextOrganization].(string)), id)
	if err != nil {
		d.Fatal(err)
	}
	after := before.Clone()
	after.Name, after.Disabled = "renamed "+rand.Text(), !before.Disabled
	entry := audit.NewEntry(d.now, audit.System, audit.KeyUpdated, before.ID.String(), netip.Addr{})
	dying := dynamotest.Wrap(d, dynamotest.NewClient(), dynamotest.DieAfter(2))
	if _, err := dynamo.New(dying, d.table).Change(d.Context(), apikey.Change{Before: before, After: after, Activity: entry}); err == nil {
		d.Fatal("the change was not cut off")
	}
}

// customer has as long an id as there is.
var customer = strings.Repeat("c", 64)

// bulkyBody creates a key with more rules than its record carries.
var bulkyBody = func() string {
	var entries []string
	for n := range 50 {
		entries = append(entries, fmt.Sprintf(`{"cidr": "203.0.113.%d"}, {"cidr": "2001:db8::%x"}`, n, n))
	}
	return `{"name": "bulky", "roles": ["admin"], "customers": ["` + customer + `", "another"], "ip_allow": [` + strings.Join(entries, ", ") + `]}`
}()

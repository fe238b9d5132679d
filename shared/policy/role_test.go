package policy_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/policy"
)

func TestTheShippedRolesAreThoseOfTheContract(t *testing.T) {
	want := map[string]policy.Role{
		"admin":                {Title: "Admin", Description: "Full administrative control over the selected services.", Permissions: []policy.Permission{"*:*"}},
		"read_only_admin":      {Title: "Read-Only Admin", Description: "Viewing access without permission to modify resources.", Permissions: []policy.Permission{"*:read"}},
		"billing_manager":      {Title: "Billing Manager", Description: "Create and manage billing-related functions.", Permissions: []policy.Permission{"billing:*"}},
		"cache_purger":         {Title: "Cache Purger", Description: "Purge cached content across the CDN.", Permissions: []policy.Permission{"cache:purge"}},
		"dns_manager":          {Title: "DNS Manager", Description: "Create, modify, or delete DNS records.", Permissions: []policy.Permission{"dns:*"}},
		"security_manager":     {Title: "Security Manager", Description: "Manage security configurations such as WAF, DDoS protection, and other security policies.", Permissions: []policy.Permission{"security:*"}},
		"traffic_manager":      {Title: "Traffic Manager", Description: "Configure routing rules and load balancing.", Permissions: []policy.Permission{"traffic:*"}},
		"insights_analyst":     {Title: "Insights Analyst", Description: "Access traffic analytics, performance metrics, and reporting.", Permissions: []policy.Permission{"insights:read"}},
		"global_admin":         {Title: "Global Admin", Description: "Unlimited access to all SecureCloud functions", Permissions: []policy.Permission{"*:*"}},
		"global_viewer":        {Title: "Global Viewer", Description: "View-only access to all SecureCloud functions", Permissions: []policy.Permission{"*:read"}},
		"cloud_account_viewer": {Title: "Cloud Account Viewer", Description: "View-only access to all or selected public cloud accounts", Permissions: []policy.Permission{"*:read"}, AccountsRequired: true},
	}
	got := map[string]policy.Role{}
	for _, role := range shipped(t).Roles {
		id := role.ID
		role.ID = ""
		got[id] = role
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestThePermissionsThatSeedsNameAreShipped(t *testing.T) {
	titles := map[policy.Permission]string{}
	for _, permission := range shipped(t).PermissionList {
		titles[permission.ID] = permission.Title
	}
	for id, want := range map[policy.Permission]string{
		"licenses:manage": "License Management", "customers:read": "Customer Read", "telemetry:write": "Telemetry Write",
	} {
		if titles[id] != want {
			t.Errorf("%s is called %q, want %q", id, titles[id], want)
		}
	}
}

func TestTheShippedServicesAreThoseOfTheContract(t *testing.T) {
	var got []string
	for _, service := range shipped(t).Services {
		got = append(got, service.ID)
		if !service.Organizations.All {
			t.Errorf("%s does not admit the keys of all organizations", service.ID)
		}
	}
	want := []string{"dns", "cdn", "billing", "security", "traffic", "insights", "licenses", "customers", "telemetry", "ai", "keyward"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestOnlySomeRolesNeedAccounts(t *testing.T) {
	catalog := shipped(t)
	for _, test := range []struct {
		roles []string
		want  bool
	}{
		{nil, false},
		{[]string{"global_viewer"}, false},
		{[]string{"cloud_account_viewer"}, true},
		{[]string{"admin", "cloud_account_viewer"}, true},
		{[]string{"gone"}, false},
	} {
		if got := catalog.RequiresAccounts(test.roles); got != test.want {
			t.Errorf("%v need accounts = %t, want %t", test.roles, got, test.want)
		}
	}
}

func TestAnAdminHasEverythingByARoleOfTheCatalog(t *testing.T) {
	catalog := shipped(t)
	for _, test := range []struct {
		roles []string
		want  bool
	}{
		{nil, false},
		{[]string{"admin"}, true},
		{[]string{"dns_manager", "global_admin"}, true},
		{[]string{"read_only_admin", "global_viewer"}, false},
		{[]string{"own_with_everything"}, false},
	} {
		if got := catalog.IsAdmin(test.roles); got != test.want {
			t.Errorf("%v make an Admin = %t, want %t", test.roles, got, test.want)
		}
	}
}

func TestRolesAreFoundByID(t *testing.T) {
	catalog := shipped(t)
	if role, known := catalog.Role("dns_manager"); !known || !slices.Equal(role.Permissions, []policy.Permission{"dns:*"}) {
		t.Errorf("dns_manager is %+v, %t", role, known)
	}
	if role, known := catalog.Role("nobody"); known || role.ID != "" {
		t.Errorf("nobody is %+v", role)
	}
}

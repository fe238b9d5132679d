package policy_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// object is a part of a catalog as JSON has it.
type object = map[string]any

// edited is the shipped catalog, edited, as JSON.
func edited(t testing.TB, edit func(catalog object)) []byte {
	t.Helper()
	var catalog object
	if err := json.Unmarshal(policy.Shipped, &catalog); err != nil {
		t.Fatal(err)
	}
	edit(catalog)
	data, err := json.Marshal(catalog)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// item is the nth of a list in a catalog.
func item(catalog object, list string, n int) object { return catalog[list].([]any)[n].(object) }

// shipped is the catalog that comes with keyward.
func shipped(t testing.TB) *policy.Catalog {
	t.Helper()
	catalog, err := policy.Load(policy.Shipped)
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// A function that starts has the catalog that everybody else reads, what was worked out of it included.
func TestTheCatalogAsGoIsTheOneInJSON(t *testing.T) {
	read, err := policy.Load(policy.Shipped)
	if err != nil {
		t.Fatal(err)
	}
	started, err := policy.LoadShipped()
	if err != nil || !reflect.DeepEqual(started, read) {
		t.Errorf("LoadShipped gives another catalog than Load(Shipped), %v", err)
	}
}

func TestTheShippedCatalogIsThatOfTheContract(t *testing.T) {
	catalog := shipped(t)
	limits := map[string]int64{}
	for _, tier := range catalog.Tiers {
		limits[tier.ID] = tier.RequestsPerMinute
	}
	var environments, periods []string
	for _, environment := range catalog.Environments {
		environments = append(environments, string(environment.ID))
	}
	for _, period := range catalog.ExpiryPeriods {
		periods = append(periods, period.ID)
	}
	got := []any{limits, catalog.TierIDs(), environments, periods, catalog.DefaultExpiry().ID, catalog.Organization,
		catalog.Sessions.RequestsPerMinute, catalog.Retention.KeysDays}
	want := []any{
		map[string]int64{"free": 10, "basic": 100, "pro": 1000, "enterprise": 10000},
		[]string{"free", "basic", "pro", "enterprise"},
		[]string{"production", "staging", "development", "test"},
		[]string{"30_days", "60_days", "90_days", "six_months", "one_year", "never"},
		"six_months", policy.NewOrganization{Tier: "basic", MaxTier: "enterprise", KeyLimit: 1000}, int64(600), 400,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !catalog.MemberHolding([]string{policy.FirstRole}, org.Roles{}).Grants("anything:at_all") {
		t.Error("an Admin may not do everything")
	}
	if catalog.Service("keyward") == nil || catalog.Service("nonsense") != nil {
		t.Error("a service is not found by its id")
	}
}

func TestWhatIsNoJSONIsNoCatalog(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "no object": "[]", "null": "null", "cut off": string(policy.Shipped[:200]), "a second value": string(policy.Shipped) + "{}",
	} {
		if _, err := policy.Load([]byte(text)); err == nil {
			t.Errorf("%s is a catalog", name)
		}
	}
}

func TestAServiceAdmitsAllOrTheOrganizationsItNames(t *testing.T) {
	catalog, err := policy.Load(edited(t, func(c object) { item(c, "services", 0)["organizations"] = []any{"org_a", "org_b"} }))
	if err != nil {
		t.Fatal(err)
	}
	if got := catalog.Service("dns").Organizations.Admitted(); !slices.Equal(got, []org.ID{"org_a", "org_b"}) {
		t.Errorf("dns admits %v", got)
	}
	if got := catalog.Service("keyward").Organizations.Admitted(); got != nil {
		t.Errorf("keyward admits %v, want all, which is nil", got)
	}
}

func TestRetentionEndsAfterItsDays(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 30, 0, time.UTC)
	if got, want := (policy.Retention{KeysDays: 400}).EndedBefore(now), time.Date(2025, 2, 3, 12, 0, 30, 0, time.UTC); !got.Equal(want) {
		t.Errorf("400 days before %s is %s, want %s", now, got, want)
	}
	if got := (policy.Retention{}).EndedBefore(now); !got.IsZero() {
		t.Errorf("kept for ever, but what ended before %s goes", got)
	}
}

package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

var organizations = guarantees{
	"an organization and its first member come back with every field": foundRoundTrip,
	"50 racing foundings make one organization":                       foundRace,
	"founding again leaves everything as it is":                       foundAgain,
	"a stranger has no memberships":                                   strangerBelongs,
	"memberships come in the order of joining":                        membershipOrder,
	"an organization that is not there is not found":                  organizationNowhere,
}

func foundRoundTrip(f *fixture) {
	o, first := organization(5)
	everySetting(&o)
	first.LastSeenAt = noon.Truncate(time.Hour)
	f.must(f.Found(f.Context(), o, first, entry(noon, audit.OrganizationCreated, string(o.ID))))
	got, err := f.open().Organization(f.Context(), o.ID)
	f.must(err)
	o.Revision = got.Revision // where it begins is the store's own affair
	f.wantSame(got, o)
	f.wantMemberships(first.Identity, first)
	f.wantSame(len(f.database.Activity(f.T, o.ID)), 1)
}

func (f *fixture) wantMemberships(person org.Identity, want ...org.Member) {
	f.Helper()
	got, err := f.Memberships(f.Context(), person)
	f.must(err)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		f.Errorf("memberships (-want +got)\n%s", diff)
	}
}

func foundRace(f *fixture) {
	o, first := organization(5)
	stores := f.several(instances)
	race(50, func(i int) {
		err := stores[i%instances].Found(f.Context(), o, first, entry(noon, audit.OrganizationCreated, string(o.ID)))
		if err != nil {
			f.Errorf("founding: %v", err)
		}
	})
	f.wantMemberships(first.Identity, first)
	f.wantSame(len(f.database.Activity(f.T, o.ID)), 1)
}

func foundAgain(f *fixture) {
	key := f.create()
	before, err := f.Organization(f.Context(), f.org)
	f.must(err)
	again, other := organization(5)
	again.ID, other.Organization = f.org, f.org
	f.must(f.Found(f.Context(), again, other, entry(noon, audit.OrganizationCreated, string(f.org))))
	after, err := f.Organization(f.Context(), f.org)
	f.must(err)
	f.wantSame(after, before)
	f.wantMemberships(other.Identity)
	f.wantSame(f.stored(key), key)
}

func strangerBelongs(f *fixture) { f.wantMemberships(person()) }

func membershipOrder(f *fixture) {
	somebody := person()
	var want []org.Member
	for hour := range 5 {
		_, first := organization(1)
		first.Identity, first.JoinedAt = somebody, noon.Add(time.Duration(hour)*time.Hour)
		want = append(want, first)
	}
	for _, i := range []int{3, 0, 4, 1, 2} {
		o, _ := organization(1)
		o.ID = want[i].Organization
		f.must(f.Found(f.Context(), o, want[i], entry(noon, audit.OrganizationCreated, string(o.ID))))
	}
	f.wantMemberships(somebody, want...)
}

func organizationNowhere(f *fixture) {
	_, err := f.Organization(f.Context(), "org_nowhere")
	f.wantError(err, fault.ThingNotFound)
}

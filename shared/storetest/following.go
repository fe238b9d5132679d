package storetest

import (
	"slices"

	"github.com/keyward/keyward/shared/org"
)

func followingListed(f *fixture) {
	f.wantFollowing(10)
	var ids []org.ID
	for range 3 {
		ids = append(ids, f.org)
		f.set(tiered("basic"))
		f.org = f.found(roomy)
	}
	f.wantFollowing(10, ids...)
	some, err := f.Following(f.Context(), 2)
	f.must(err)
	f.wantSame(len(some), 2)

	f.org = ids[0]
	f.set(func(o *org.Organization) { o.FollowedTo = "0A1b2C3d" })
	f.create(following("basic"))
	f.add()
	f.wantFollowing(10, ids...)
	f.set(func(o *org.Organization) { o.Following, o.FollowedTo = false, "" })
	f.wantFollowing(10, ids[1:]...)
}

// wantFollowing checks which organizations have keys that follow, in whatever order.
func (f *fixture) wantFollowing(limit int, want ...org.ID) {
	f.Helper()
	got, err := f.Following(f.Context(), limit)
	f.must(err)
	f.wantSame(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want)))
}

package conformance

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/org"
)

// What deciding about a key may wait for is one request each; what an administrator waits for is two at most.
func TestWhatReadingAnOrganizationCosts(t *testing.T) {
	f := newFixture(t)
	member := f.joined(newcomer())
	invited := f.joined(invitation())
	f.must(f.addRole(nil).do(f.store))
	owner := first(account)
	for name, c := range map[string]struct {
		read func() error
		want []string
	}{
		"standing": {func() error { _, err := f.faulty.Standing(f.Context(), account, owner.Hash()); return err }, []string{"BatchGetItem"}},
		"standing of nobody": {
			func() error { _, err := f.faulty.Standing(f.Context(), account, ""); return err }, []string{"BatchGetItem"},
		},
		"standing where nothing is": {
			func() error { _, err := f.faulty.Standing(f.Context(), "org_nowhere", owner.Hash()); return err }, []string{"BatchGetItem"},
		},
		"organization": {func() error { _, err := f.faulty.Organization(f.Context(), account); return err }, []string{"GetItem"}},
		"roles":        {func() error { _, err := f.faulty.Roles(f.Context(), account); return err }, []string{"GetItem"}},
		"member":       {func() error { _, err := f.faulty.Member(f.Context(), account, member.Hash()); return err }, []string{"GetItem"}},
		"seen":         {func() error { return f.faulty.Seen(f.Context(), account, owner.Identity, noon) }, []string{"UpdateItem"}},
		"roster":       {func() error { _, err := f.faulty.Roster(f.Context(), account); return err }, []string{"GetItem", "Query"}},
		"memberships": {
			func() error { _, err := f.faulty.Memberships(f.Context(), owner.Identity); return err }, []string{"Query", "BatchGetItem"},
		},
		"no memberships": {func() error { _, err := f.faulty.Memberships(f.Context(), newcomer().Identity); return err }, []string{"Query"}},
		"invitations": {
			func() error { _, err := f.faulty.Invitations(f.Context(), invited.Email); return err }, []string{"Query", "BatchGetItem"},
		},
		"public keys": {func() error { _, err := f.faulty.PublicKeys(f.Context()); return err }, []string{"Query"}},
	} {
		f.client.Reset(nil)
		err := c.read()
		var got []string
		for _, call := range f.client.Calls() {
			got = append(got, call.Operation)
		}
		if !slices.Equal(got, c.want) || err != nil {
			f.Errorf("%s: %v, want %v (%v)", name, got, c.want, err)
		}
	}
}

// The owner and the roles that a key depends on are both read, whatever DynamoDB leaves out of its first answer.
func TestAStandingIsWhole(t *testing.T) {
	f := newFixture(t)
	f.must(f.addRole(nil).do(f.store))
	roles, err := f.store.Roles(f.Context(), account)
	f.must(err)
	owner := first(account)
	got, err := dynamo.New(&sparing{API: f.client}, f.table).Standing(f.Context(), account, owner.Hash())
	if diff := cmp.Diff(org.Standing{Owner: &owner, Roles: roles}, got); diff != "" || err != nil {
		f.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// sparing is DynamoDB where it is busy: it answers for one key of a batch at a time, and gives one item of a query.
type sparing struct{ dynamo.API }

func (s *sparing) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	now, later := map[string]types.KeysAndAttributes{}, map[string]types.KeysAndAttributes{}
	for table, wanted := range in.RequestItems {
		rest := wanted
		wanted.Keys, rest.Keys = wanted.Keys[:1], wanted.Keys[1:]
		now[table] = wanted
		if len(rest.Keys) > 0 {
			later[table] = rest
		}
	}
	out, err := s.API.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: now}, o...)
	if err == nil {
		out.UnprocessedKeys = later
	}
	return out, err
}

func (s *sparing) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	short := *in
	short.Limit = aws.Int32(1)
	return s.API.Query(ctx, &short, o...)
}

// However many pages it takes, all members, memberships and public keys are read, in their order.
func TestWhatTakesSeveralPagesIsReadWhole(t *testing.T) {
	f := newFixture(t)
	person := first(account)
	for _, id := range []org.ID{"org_a", "org_b", "org_c"} {
		f.must(f.store.Found(f.Context(), tenant(id), org.Member{
			Identity: person.Identity, Organization: id, Status: org.MemberActive, JoinedAt: noon.Add(-time.Hour),
		}, f.entry(audit.OrganizationCreated)))
	}
	want := org.Roster{Members: []org.Member{person}, Version: 3}
	for n := range 3 {
		member := newcomer()
		member.InvitedAt = noon.Add(time.Duration(n) * time.Minute)
		want.Members = append(want.Members, *f.joined(member))
	}
	store := dynamo.New(&sparing{API: f.client}, f.table)
	roster, err := store.Roster(f.Context(), account)
	if diff := cmp.Diff(want, roster); diff != "" || err != nil {
		f.Errorf("roster: %v (-want +got)\n%s", err, diff)
	}
	memberships, err := store.Memberships(f.Context(), person.Identity)
	var belongs []org.ID
	for _, m := range memberships {
		belongs = append(belongs, m.Organization)
	}
	if diff := cmp.Diff([]org.ID{"org_a", "org_b", "org_c", account}, belongs); diff != "" || err != nil {
		f.Errorf("memberships: %v (-want +got)\n%s", err, diff)
	}
}

// What happens between the two reads of a roster is not lost: whoever works on such a roster is refused.
func TestARosterThatMovedWhileItWasReadCannotBeWorkedOn(t *testing.T) {
	f := newFixture(t)
	between := f.moveMember(nil, newcomer())
	f.client.Reset(func(call dynamotest.Call, send func() error) error {
		if call.Operation == "Query" {
			f.must(between.do(f.store))
		}
		return send()
	})
	roster, err := f.faulty.Roster(f.Context(), account)
	f.must(err)
	f.client.Reset(nil)
	entry := f.entry(audit.MemberAdded)
	err = f.faulty.ChangeMember(f.Context(), org.MemberChange{
		Organization: account, Version: roster.Version, After: newcomer(), Activity: entry,
	})
	if !errors.Is(err, org.ErrMoved) || f.entriesOf(entry.ID) != 0 {
		f.Errorf("a change by version %d: %v, want %v", roster.Version, err, org.ErrMoved)
	}
	f.must(f.moveMember(nil, newcomer()).do(f.faulty))
}

// Who is seen while somebody changes them has been seen afterwards, and no sight is taken back by an earlier one.
func TestASightIsKept(t *testing.T) {
	f := newFixture(t)
	member := f.joined(newcomer())
	after := *member
	after.Status, after.JoinedAt, after.LastSeenAt = org.MemberActive, noon, noon
	change := f.moveMember(member, &after)
	f.must(f.store.Seen(f.Context(), account, member.Identity, noon.Add(time.Hour)))
	f.must(change.do(f.store))
	f.wantSeen(member, noon.Add(time.Hour))
	f.client.Reset(dynamotest.LoseReply(1))
	f.must(f.faulty.Seen(f.Context(), account, member.Identity, noon.Add(2*time.Hour)))
	f.client.Reset(dynamotest.ConflictsBut(3))
	f.must(f.faulty.Seen(f.Context(), account, member.Identity, noon))
	f.wantSeen(member, noon.Add(2*time.Hour))

	stranger := newcomer()
	f.must(f.store.Seen(f.Context(), account, stranger.Identity, noon))
	if f.holds(stranger) || len(f.roster().Members) != 2 {
		f.Errorf("seeing a stranger made a member: %v", f.roster().Members)
	}
}

func (f *fixture) wantSeen(member *org.Member, want time.Time) {
	f.Helper()
	got, err := f.store.Member(f.Context(), account, member.Hash())
	if err != nil || !got.LastSeenAt.Equal(want) {
		f.Errorf("last seen at %v, want %v (%v)", got.LastSeenAt, want, err)
	}
}

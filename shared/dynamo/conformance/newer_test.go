package conformance

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// future is an attribute that no version so far knows.
const future = "future"

// place is the key of an item.
type place struct{ pk, sk string }

func (f *fixture) scan() map[place]map[string]types.AttributeValue {
	f.Helper()
	out, err := f.client.Scan(f.Context(), &dynamodb.ScanInput{TableName: &f.table, ConsistentRead: aws.Bool(true)})
	f.must(err)
	found := map[place]map[string]types.AttributeValue{}
	for _, i := range out.Items {
		found[place{i["pk"].(*types.AttributeValueMemberS).Value, i["sk"].(*types.AttributeValueMemberS).Value}] = i
	}
	return found
}

// rewrite changes an attribute of an item in the table; nil removes it.
func (f *fixture) rewrite(at place, attribute string, value types.AttributeValue) {
	f.Helper()
	in := &dynamodb.UpdateItemInput{
		TableName: &f.table, UpdateExpression: aws.String("REMOVE #a"), ExpressionAttributeNames: map[string]string{"#a": attribute},
		Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: at.pk}, "sk": &types.AttributeValueMemberS{Value: at.sk}},
	}
	if value != nil {
		in.UpdateExpression = aws.String("SET #a = :v")
		in.ExpressionAttributeValues = map[string]types.AttributeValue{":v": value}
	}
	_, err := f.client.UpdateItem(f.Context(), in)
	f.must(err)
}

// fromTheFuture gives every item an attribute that a newer version might have written.
func (f *fixture) fromTheFuture() map[place]map[string]types.AttributeValue {
	f.Helper()
	all := f.scan()
	for at := range all {
		f.rewrite(at, future, &types.AttributeValueMemberS{Value: at.sk})
	}
	return all
}

// wantFuture checks that every item that is still there has it still.
func (f *fixture) wantFuture(before map[place]map[string]types.AttributeValue, after string) {
	f.Helper()
	for at, i := range f.scan() {
		if before[at] != nil && i[future] == nil {
			f.Errorf("%s: %s %s has lost what it did not know", after, at.pk, at.sk)
		}
	}
}

// A record that a newer version wrote keeps what this one does not know, whatever this one does with it.
func TestWhatANewerVersionWroteIsKept(t *testing.T) {
	for name, e := range edits {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			key := f.createOnce(e.from)
			before := f.fromTheFuture()
			if outcome, err := f.store.Spend(f.Context(), spendOf(key, noon)); err != nil || !outcome.Spent && outcome.Record.RulesID == "" {
				t.Errorf("spend: %+v, %v", outcome, err)
			}
			_, err := f.store.Change(f.Context(), f.change(key, e.edit, e.exclusive))
			f.must(err)
			f.wantFuture(before, name)
		})
	}
}

// The same holds for organizations, their members and roles, and for the counters of a session.
func TestWhatANewerVersionWroteOfAnOrganizationIsKept(t *testing.T) {
	f := newFixture(t)
	member := first(account)
	roles := org.RolesChange{Organization: account, After: []org.Role{{Name: "support", Permissions: []string{"dns:read"}}}}
	f.must(f.store.ChangeRoles(f.Context(), roles))
	after := member
	after.Roles = []string{"admin", "dns_manager"}
	f.must(f.store.ChangeMember(f.Context(), org.MemberChange{Organization: account, Before: &member, After: &after, Activity: f.entry(audit.MemberUpdated)}))
	_, _, err := f.store.SpendSession(f.Context(), member.Identity, 600, noon)
	f.must(err)
	before := f.fromTheFuture()

	now, err := f.store.Organization(f.Context(), account)
	f.must(err)
	next := now
	next.Name, next.LockedKeys = "Acme & Co.", true
	entry := f.entry(audit.OrganizationUpdated)
	_, err = f.store.ChangeOrganization(f.Context(), now, next, &entry)
	f.must(err)
	roster, err := f.store.Roster(f.Context(), account)
	f.must(err)
	demoted := after
	demoted.Roles = []string{"admin"}
	f.must(f.store.ChangeMember(f.Context(), org.MemberChange{Organization: account, Version: roster.Version, Before: &after, After: &demoted, Activity: f.entry(audit.MemberUpdated)}))
	roles.Version, roles.After = 1, nil
	f.must(f.store.ChangeRoles(f.Context(), roles))
	f.must(f.store.Seen(f.Context(), account, member.Identity, noon))
	f.create()
	_, _, err = f.store.SpendSession(f.Context(), member.Identity, 600, noon)
	f.must(err)
	f.wantFuture(before, "an organization's changes")
}

// The attributes of a hot record and of details that the first version did not write yet.
var unwrittenAtFirst = map[string][]string{
	"AUTH": {"I", "S", "C", "A", "N", "D", "z", "Z"}, "KEY": {"format", "secret_until", "locked", "successor", "ip_allow", "ip_deny", "rules"},
}

// A key that the first version wrote decides as it did then, and every change of today is made on it.
func TestAKeyOfTheFirstVersionLivesOn(t *testing.T) {
	for name, e := range edits {
		if e.from != nil {
			continue // its rules were more than the first version took
		}
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			key := f.create()
			for _, attribute := range unwrittenAtFirst["AUTH"] {
				f.rewrite(place{"KEY#" + string(key.ID), "AUTH"}, attribute, nil)
			}
			for _, attribute := range unwrittenAtFirst["KEY"] {
				f.rewrite(place{"ORG#" + string(account), "KEY#" + string(key.ID)}, attribute, nil)
			}
			f.rewrite(place{"ORG#" + string(account), "ORG"}, "revision", nil)
			if outcome, err := f.store.Spend(f.Context(), spendOf(key, noon)); err != nil || !outcome.Spent {
				t.Fatalf("spend: %+v, %v", outcome, err)
			}
			change := f.change(f.key(key.ID), e.edit, e.exclusive)
			_, err := f.store.Change(f.Context(), change)
			f.must(err)
			f.wantItemsAgree(f.key(key.ID))
		})
	}
}

// damages are what a spend's condition reads, in a form that no version writes.
var damages = map[string]types.AttributeValue{
	"text": &types.AttributeValueMemberS{Value: "9999"}, "null": &types.AttributeValueMemberNULL{Value: true},
	"a flag": &types.AttributeValueMemberBOOL{Value: true}, "a list": &types.AttributeValueMemberL{}, "nothing": nil,
}

// A hot record that is damaged lets nobody in: DynamoDB compares no values of two types, and a limit that is not there is none.
func TestADamagedRecordLetsNobodyIn(t *testing.T) {
	f := newFixture(t)
	for name, value := range damages {
		for _, attribute := range []string{"h", "e", "l", "o", "x", "r", "i", "q", "y"} {
			if value == nil && (attribute == "x" || attribute == "r" || attribute == "i" || attribute == "q" || attribute == "y") {
				continue // that is what a key without one has
			}
			key := f.create()
			f.rewrite(place{"KEY#" + string(key.ID), "AUTH"}, attribute, value)
			outcome, err := f.store.Spend(f.Context(), spendOf(key, noon))
			if outcome.Spent || err != nil && !errors.Is(err, fault.Unavailable) {
				t.Errorf("%s is %s: %+v, %v", attribute, name, outcome, err)
			}
		}
	}
}

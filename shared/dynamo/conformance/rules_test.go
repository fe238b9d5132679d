package conformance

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
)

// createOnce creates a key under an Idempotency-Key, and its sealed secret with it. A nil edit is none.
func (f *fixture) createOnce(edit func(*apikey.Key)) *apikey.Key {
	f.Helper()
	key := newKey()
	if edit != nil {
		edit(key)
	}
	key.Restamp(nil)
	key.Idempotency = apikey.IdempotencyID("once " + string(key.ID))
	creation := f.creation(key)
	creation.Idempotency = &apikey.Idempotency{
		ID: key.Idempotency, Body: []byte("body"), Key: key.ID, Org: account, Digest: key.Digest,
		Sealed: []byte("sealed"), CreatedAt: time.Now(),
	}
	f.must(f.store.Create(f.Context(), creation))
	return key
}

// wantSealed checks whether the sealed secret of the key's create is still there.
func (f *fixture) wantSealed(key *apikey.Key, want bool) {
	f.Helper()
	if key.Idempotency == "" {
		return
	}
	created, err := f.store.Idempotent(f.Context(), key.Idempotency)
	f.must(err)
	if created == nil || (created.Sealed != nil) != want {
		f.Errorf("the create is %+v, want its sealed secret %t", created, want)
	}
}

// partition are the items of a key beside its organization: its record, and rules that are kept apart.
func (f *fixture) partition(id apikey.ID) []string {
	f.Helper()
	out, err := dynamotest.NewClient().Query(f.Context(), &dynamodb.QueryInput{
		TableName: &f.table, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :p"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":p": &types.AttributeValueMemberS{Value: "KEY#" + string(id)}},
	})
	f.must(err)
	var sorts []string
	for _, i := range out.Items {
		sorts = append(sorts, i["sk"].(*types.AttributeValueMemberS).Value)
	}
	return sorts
}

// wantRulesKept checks that rules which the record can't carry are kept apart, and that no others are.
func (f *fixture) wantRulesKept(key *apikey.Key) {
	f.Helper()
	want := []string{"AUTH"}
	if key.Bulky() {
		want = append(want, "RULES#"+key.RulesID)
	}
	if got := f.partition(key.ID); !slices.Equal(got, want) {
		f.Errorf("the key has the items %v, want %v", got, want)
	}
}

// wantSameRules checks that Read and Rules give the rules of r, whole.
func (f *fixture) wantSameRules(r *apikey.Record) {
	f.Helper()
	read, err := f.store.Read(f.Context(), r.ID)
	f.must(err)
	if read == nil || read.Apart || !read.Rules().Equal(r.Rules()) {
		f.Errorf("read %+v, want the rules of %+v", read, r)
	}
	if r.RulesID == "" {
		return
	}
	rules, err := f.store.Rules(f.Context(), r.ID, r.RulesID)
	f.must(err)
	if rules == nil || rules.ID != r.RulesID || !rules.Equal(r.Rules()) {
		f.Errorf("rules %+v, want those of %+v", rules, r)
	}
}

// A key whose rules are read along with its spend costs a cold process two requests, one with more rules than its record
// carries three; and a process that knows them one, and one write unit, whichever it is.
func TestASpendCostsOneRequestOnceItsRulesAreKnown(t *testing.T) {
	f := newFixture(t)
	for name, kind := range map[string]struct {
		edit func(*apikey.Key)
		cold int
	}{
		"no networks":              {func(*apikey.Key) {}, 1},
		"100 networks":             {limited, 2},
		"more than a record holds": {func(k *apikey.Key) { bulky(k); listing(100)(k) }, 3},
		"bulky without networks":   {bulky, 3},
	} {
		key := f.create(kind.edit)
		f.client.Reset(nil)
		known := f.spendKnowing(key, "")
		if got := len(f.client.Calls()); got != kind.cold {
			f.Errorf("%s: the first spend took %d requests, want %d: %v", name, got, kind.cold, f.client.Calls())
		}
		f.client.Reset(nil)
		f.spendKnowing(key, known)
		if got, units := len(f.client.Calls()), f.client.Units(); got != 1 || units != 1 {
			f.Errorf("%s: another spend took %d requests and %v units", name, got, units)
		}
	}
}

// limited has two roles, a list of everything, and 100 addresses.
func limited(k *apikey.Key) {
	listing(100)(k)
	k.IPDeny = nil
	k.Networks = apikey.NetworksOf(k.IPAllow, nil)
	k.Permissions = nil
	k.Scope = apikey.Scope{Services: []string{"dns"}, Customers: []string{"cus_8f2k"}, Accounts: []string{"acc_1"}}
}

// spendKnowing spends as a process does that has read the rules of that ID, and gives those that it knows afterwards.
func (f *fixture) spendKnowing(key *apikey.Key, known string) string {
	f.Helper()
	spend := spendOf(key, noon)
	spend.Rules = known
	outcome, err := f.faulty.Spend(f.Context(), spend)
	f.must(err)
	if outcome.Spent {
		return known
	}
	if reason := outcome.Record.Refuses(spend); reason != apikey.RulesUnseen {
		f.Fatalf("refused: %s", reason)
	}
	if outcome.Record.Apart {
		rules, err := f.faulty.Rules(f.Context(), key.ID, outcome.Record.RulesID)
		f.must(err)
		outcome.Record.SetRules(*rules)
	}
	if !outcome.Record.Rules().Equal(key.Rules()) {
		f.Errorf("the rules are %+v, want %+v", outcome.Record.Rules(), key.Rules())
	}
	spend.Rules = outcome.Record.RulesID
	outcome, err = f.faulty.Spend(f.Context(), spend)
	f.must(err)
	if !outcome.Spent {
		f.Errorf("not spent, knowing %s", spend.Rules)
	}
	return spend.Rules
}

// A spend that was checked against rules which have been replaced takes nothing, from the moment that the change returns.
func TestASpendUnderReplacedRulesIsRefused(t *testing.T) {
	f := newFixture(t)
	for _, edit := range []func(*apikey.Key){listing(3), func(k *apikey.Key) { bulky(k); listing(3)(k) }} {
		key := f.create(edit)
		known := f.spendKnowing(key, "")
		after, err := f.store.Change(f.Context(), f.change(f.key(key.ID), func(k *apikey.Key) { edit(k); listing(4)(k) }, false))
		f.must(err)
		spend := spendOf(key, noon)
		spend.Rules = known
		outcome, err := f.store.Spend(f.Context(), spend)
		f.must(err)
		if outcome.Spent || outcome.Record.Refuses(spend) != apikey.RulesUnseen || outcome.Record.RulesID != after.RulesID {
			f.Errorf("under replaced rules: %+v", outcome)
		}
		if rules, err := f.store.Rules(f.Context(), key.ID, known); err != nil || rules != nil {
			f.Errorf("replaced rules still stand: %+v, %v", rules, err)
		}
	}
}

// Whoever reads a key while its rules are replaced again and again sees them whole, and those of one change.
func TestRulesAreReadWholeWhileTheyAreReplaced(t *testing.T) {
	f := newFixture(t)
	key := f.create(bulky, listing(1))
	var done atomic.Bool
	var reading sync.WaitGroup
	check := func(records ...*apikey.Record) {
		for _, r := range records {
			torn := slices.ContainsFunc(r.Permissions, func(p string) bool { return p[:10] != r.Permissions[0][:10] })
			if r.Apart || len(r.Permissions) != 50 || torn {
				f.Errorf("read %v, apart %t", r.Permissions, r.Apart)
			}
		}
	}
	for range 4 {
		reading.Go(func() {
			for !done.Load() {
				record, err := f.store.Read(f.Context(), key.ID)
				whole, keyErr := f.store.Key(f.Context(), account, key.ID)
				page, _, pageErr := f.store.Page(f.Context(), apikey.PageRequest{Organization: account, Order: apikey.ByName, Limit: 10})
				if err := errors.Join(err, keyErr, pageErr); err != nil || len(page) != 1 {
					f.Errorf("%d keys, %v", len(page), err)
					return
				}
				check(record, &whole.Record, &page[0].Record)
			}
		})
	}
	for n := range 40 {
		_, err := f.store.Change(f.Context(), f.change(f.key(key.ID), func(k *apikey.Key) {
			bulky(k)
			listing(1 + n%3)(k)
		}, false))
		f.must(err)
	}
	done.Store(true)
	reading.Wait()
}

// A deletion that is cut off anywhere is finished by the next, and leaves no rules behind.
func TestADeletionCutOffLeavesNoRules(t *testing.T) {
	f := newFixture(t)
	for writes := 0; ; writes++ {
		key := f.create(bulky, func(k *apikey.Key) { k.ExpiresAt = noon })
		due := apikey.DueKey{Organization: account, ID: key.ID}
		f.client.Reset(dynamotest.DieAfter(writes))
		_, err := f.faulty.Delete(f.Context(), due, noon.Add(time.Second))
		if record, readErr := f.store.Read(f.Context(), key.ID); readErr != nil || record != nil && record.Apart {
			f.Errorf("after %d writes: read %+v, %v", writes, record, readErr)
		}
		_, again := f.store.Delete(f.Context(), due, noon.Add(time.Second))
		f.must(again)
		if left := f.partition(key.ID); len(left) > 0 {
			f.Errorf("after %d writes the deletion leaves %v", writes, left)
		}
		if err == nil {
			return
		}
	}
}

// Other rules under the same ID would never be written, and whoever remembers the old ones would go on by them.
func TestRulesThatWereNotStampedAreRefused(t *testing.T) {
	f := newFixture(t)
	key := f.create(bulky)
	change := f.change(key, bulky, false)
	change.After.RulesID = key.RulesID
	if _, err := f.store.Change(f.Context(), change); err == nil {
		f.Error("the change went through")
	}
	f.wantSameRules(&key.Record)
}

// A digest that was rehashed meanwhile is not put back by a change that gives no other secret.
func TestAChangeLeavesARehashedDigest(t *testing.T) {
	f := newFixture(t)
	for name, e := range edits {
		before := f.create(func(k *apikey.Key) {
			if e.from != nil {
				e.from(k)
			}
			k.Retiring, k.GraceUntil = "k1.old", noon.Add(time.Hour)
		})
		change := f.change(before, e.edit, e.exclusive)
		f.must(f.store.Rehash(f.Context(), before.ID, before.Digest, "k2.new"))
		f.must(f.store.Rehash(f.Context(), before.ID, "k1.old", "k2.old"))
		got, err := f.store.Change(f.Context(), change)
		f.must(err)
		want := [2]apikey.Digest{"k2.new", "k2.old"}
		if change.After.Digest != before.Digest {
			want[0] = change.After.Digest
		}
		if change.After.Retiring != before.Retiring {
			want[1] = change.After.Retiring
		}
		if [2]apikey.Digest{got.Digest, got.Retiring} != want {
			f.Errorf("%s: digests %s and %s, want %v", name, got.Digest, got.Retiring, want)
		}
	}
}

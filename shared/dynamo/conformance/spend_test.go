package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/fault"
)

// An allowed request costs one request and one write unit: of a warm process or a cold one, the first of its minute or not.
func TestAnAllowedSpendIsOneRequestAndOneWriteUnit(t *testing.T) {
	f := newFixture(t)
	key := f.create()
	f.prolong(key)
	at := noon
	for name, next := range map[string]struct {
		store *dynamo.Store
		later time.Duration
	}{
		"warm":                    {f.faulty, 0},
		"warm, in a new minute":   {f.faulty, time.Minute},
		"warm, in a new month":    {f.faulty, 31 * 24 * time.Hour},
		"cold":                    {dynamo.New(f.client, f.table), 0},
		"cold, in a new minute":   {dynamo.New(f.client, f.table), time.Minute},
		"cold, long after others": {dynamo.New(f.client, f.table), 5 * time.Hour},
	} {
		at = at.Add(next.later)
		f.client.Reset(nil)
		outcome, err := next.store.Spend(f.Context(), spendOf(key, at))
		f.must(err)
		if !outcome.Spent || len(f.client.Calls()) != 1 || f.client.Units() != 1 {
			f.Errorf("%s: spent %t with %v and %v units", name, outcome.Spent, f.client.Calls(), f.client.Units())
		}
	}
}

// prolong has the key never expire.
func (f *fixture) prolong(key *apikey.Key) {
	f.Helper()
	_, err := f.store.Change(f.Context(), f.change(key, func(k *apikey.Key) { k.ExpiresAt = time.Time{} }, false))
	f.must(err)
}

// Whoever hammers a leaked key cannot hold its revocation up: it is one write of the record, at the first attempt.
func TestRevokingAHammeredKeyTakesOneHotWrite(t *testing.T) {
	f := newFixture(t)
	key := f.create()
	var stop atomic.Bool
	var hammering sync.WaitGroup
	for range 64 {
		hammering.Go(func() {
			for !stop.Load() {
				outcome, err := f.store.Spend(context.WithoutCancel(f.Context()), spendOf(key, noon))
				if err != nil || outcome.Record == nil {
					f.Error(err)
					return
				}
			}
		})
	}
	hot := &hotWrites{API: f.client}
	_, err := dynamo.New(hot, f.table).Change(f.Context(), f.change(key, func(k *apikey.Key) { k.RevokedAt = noon }, false))
	outcome, spendErr := f.store.Spend(f.Context(), spendOf(key, noon))
	stop.Store(true)
	hammering.Wait()
	f.must(errors.Join(err, spendErr))
	if outcome.Spent {
		f.Error("a spend after the revocation was admitted")
	}
	if hot.commits != 1 {
		f.Errorf("the revocation took %d writes of the record", hot.commits)
	}
}

// Nor can a change that was cut off: a revocation waits for none.
func TestRevokingAKeyWithAnUnfinishedChangeTakesOneHotWrite(t *testing.T) {
	f := newFixture(t)
	for name, e := range edits {
		for writes := 1; writes <= 2 && !strings.Contains(name, "revoke"); writes++ {
			key := f.createOnce(e.from)
			f.client.Reset(dynamotest.DieAfter(writes))
			_, _ = f.faulty.Change(f.Context(), f.change(key, e.edit, e.exclusive))
			f.client.Reset(nil)
			hot := &hotWrites{API: f.client}
			_, err := dynamo.New(hot, f.table).Change(f.Context(), f.change(f.key(key.ID), func(k *apikey.Key) { k.RevokedAt = noon }, false))
			if err != nil || hot.first != "revocation" {
				f.Errorf("%s cut off after %d writes: first hot write is a %q, %v", name, writes, hot.first, err)
			}
			f.wantItemsAgree(f.key(key.ID))
		}
	}
}

// hotWrites counts the writes that set a revocation in the record, and says what the first write of a record does.
type hotWrites struct {
	dynamo.API
	commits int
	first   string
}

func (h *hotWrites) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	kind := "other"
	if strings.Contains(aws.ToString(in.UpdateExpression), "#r = ") {
		kind = "revocation"
		h.commits++
	}
	if h.first == "" {
		h.first = kind
	}
	return h.API.UpdateItem(ctx, in, o...)
}

// A store that throttles is unavailable: it admits nothing, and it is asked again once.
func TestAThrottledStoreIsUnavailable(t *testing.T) {
	f := newFixture(t)
	key := f.create()
	f.client.Reset(dynamotest.ThrottleEvery(1))
	outcome, err := f.faulty.Spend(f.Context(), spendOf(key, noon))
	if outcome.Spent || !errors.Is(err, fault.Unavailable) || len(f.client.Calls()) != 2 {
		f.Errorf("spent %t after %d calls: %v", outcome.Spent, len(f.client.Calls()), err)
	}
	if err := f.faulty.Create(f.Context(), f.creation(newKey())); !errors.Is(err, fault.Unavailable) {
		f.Errorf("create: %v", err)
	}
	f.client.Reset(dynamotest.ThrottleEvery(2))
	for range 10 {
		outcome, err := f.faulty.Spend(f.Context(), spendOf(key, noon))
		if err != nil || !outcome.Spent {
			f.Errorf("throttled every other time: %v, %v", outcome.Spent, err)
		}
	}
}

// A spend whose reply is lost is not sent again: it may have been counted.
func TestASpendWithoutAReplyIsNotRepeated(t *testing.T) {
	f := newFixture(t)
	key := f.create()
	f.client.Reset(dynamotest.LoseReply(1))
	outcome, err := f.faulty.Spend(f.Context(), spendOf(key, noon))
	if outcome.Spent || !errors.Is(err, fault.Unavailable) || len(f.client.Calls()) != 1 {
		f.Errorf("spent %t after %d calls: %v", outcome.Spent, len(f.client.Calls()), err)
	}
	if total := f.key(key.ID).Total; total != 1 {
		f.Errorf("counted %d times", total)
	}
}

// What a later version has written into an item is still there after everything this one does.
func TestUnknownAttributesAreKept(t *testing.T) {
	f := newFixture(t)
	for name, e := range edits {
		key := f.createOnce(e.from)
		client := dynamotest.NewClient()
		places := [][2]string{{"KEY#" + string(key.ID), "AUTH"}, {"ORG#" + string(account), "KEY#" + string(key.ID)}}
		for _, place := range places {
			_, err := client.UpdateItem(f.Context(), &dynamodb.UpdateItemInput{
				TableName: &f.table, Key: primary(place), UpdateExpression: aws.String("SET later = :l"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":l": &types.AttributeValueMemberS{Value: "kept"}},
			})
			f.must(err)
		}
		_, err := f.store.Spend(f.Context(), spendOf(key, noon))
		f.must(err)
		_, err = f.store.Change(f.Context(), f.change(key, e.edit, e.exclusive))
		f.must(err)
		for _, place := range places {
			out, err := client.GetItem(f.Context(), &dynamodb.GetItemInput{TableName: &f.table, Key: primary(place), ConsistentRead: aws.Bool(true)})
			f.must(err)
			if out.Item["later"] == nil {
				f.Errorf("%s: %v lost an attribute", name, place)
			}
		}
	}
}

func primary(place [2]string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: place[0]}, "sk": &types.AttributeValueMemberS{Value: place[1]},
	}
}

// What waits in the record for a change to be finished is small: with it, too, the record is below 1 KB.
func TestAPendingChangeIsSmall(t *testing.T) {
	f := newFixture(t)
	for name, e := range edits {
		key := f.createOnce(e.from)
		for writes := 1; writes <= 2; writes++ {
			f.client.Reset(dynamotest.DieAfter(writes))
			_, _ = f.faulty.Change(f.Context(), f.change(f.key(key.ID), e.edit, e.exclusive))
		}
		out, err := dynamotest.NewClient().GetItem(f.Context(), &dynamodb.GetItemInput{
			TableName: &f.table, Key: primary([2]string{"KEY#" + string(key.ID), "AUTH"}),
		})
		f.must(err)
		if size := dynamotest.Size(map[string]types.AttributeValue{"p": out.Item["p"]}); out.Item["p"] != nil && size > 220 {
			text, _ := json.Marshal(out.Item["p"])
			f.Errorf("%s: %d bytes: %s", name, size, text)
		}
		if size := dynamotest.Size(out.Item); size >= 1024 {
			f.Errorf("%s: the record is %d bytes", name, size)
		}
	}
}

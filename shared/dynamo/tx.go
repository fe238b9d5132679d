package dynamo

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/org"
)

// tx is a transaction over cold items in the making. An item is in it once: DynamoDB refuses a second time.
type tx struct {
	table        string
	organization org.ID
	keys         []key
	writes       []types.TransactWriteItem
	// What the organization's counters change by, and the condition that there is room for another live key.
	live, total int64
	needsRoom   bool
	limit       int64  // the limit that room is counted by, where places are released too; 0: as it stands
	tier        string // the organization's, where a new key has it; empty: whatever it is
}

func (s *Store) newTx(o org.ID) *tx { return &tx{table: s.table, organization: o} }

func (t *tx) append(k key, write types.TransactWriteItem) {
	for n := range t.keys {
		if t.keys[n] == k {
			t.writes[n] = write
			return
		}
	}
	t.keys = append(t.keys, k)
	t.writes = append(t.writes, write)
}

// guard is the condition of a put or a delete.
type guard struct {
	expression *string
	names      map[string]string
	values     item
}

// unguarded writes whatever is there.
var unguarded = guard{}

// absent wants no item to be there.
func absent() guard { return guard{expression: aws.String("attribute_not_exists(" + attrPK + ")")} }

// present wants an item to be there.
func present() guard { return guard{expression: aws.String("attribute_exists(" + attrPK + ")")} }

// equal wants an item that has that value.
func equal(name string, value types.AttributeValue) guard {
	return guard{aws.String("#c = :c"), map[string]string{"#c": name}, item{":c": value}}
}

// put writes an item whole. Where the transaction already deletes it, the put takes the deletion's guard over: that is
// how a new key takes a released key's name.
func (t *tx) put(k key, i item, g guard) {
	whole := k.item()
	maps.Copy(whole, i)
	if d := t.deletion(k); d != nil {
		g = guard{d.ConditionExpression, d.ExpressionAttributeNames, d.ExpressionAttributeValues}
	}
	t.append(k, types.TransactWriteItem{Put: &types.Put{
		TableName: &t.table, Item: whole,
		ConditionExpression: g.expression, ExpressionAttributeNames: g.names, ExpressionAttributeValues: g.values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}})
}

func (t *tx) deletion(k key) *types.Delete {
	for n := range t.keys {
		if t.keys[n] == k {
			return t.writes[n].Delete
		}
	}
	return nil
}

func (t *tx) delete(k key, g guard) {
	t.append(k, types.TransactWriteItem{Delete: &types.Delete{
		TableName: &t.table, Key: k.item(),
		ConditionExpression: g.expression, ExpressionAttributeNames: g.names, ExpressionAttributeValues: g.values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}})
}

func (t *tx) update(k key, u *update) {
	t.append(k, types.TransactWriteItem{Update: &types.Update{
		TableName: &t.table, Key: k.item(), UpdateExpression: u.expression(), ConditionExpression: u.condition(),
		ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.arguments(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}})
}

// refused says which conditions of a transaction did not hold, and the items they were about as they stand
// (empty: not there). It is an error inside this package only.
type refused map[key]item

func (refused) Error() string { return "a condition of the transaction does not hold" }

// names gives the unique names among what refused t.
func (r refused) name() (holder item, taken bool) {
	for k, held := range r {
		if strings.HasPrefix(k.sk, prefixName) {
			return held, true
		}
	}
	return nil, false
}

// commit sends the transaction, all or nothing, until it is written or refused. token identifies it: sent twice, it
// is written once. It must change when what the transaction writes does.
func (s *Store) commit(ctx context.Context, doing, token string, t *tx) error {
	t.count()
	_, err := retry(ctx, s.Watch, doing, changing, func() (*dynamodb.TransactWriteItemsOutput, error) {
		return s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
			TransactItems: t.writes, ClientRequestToken: aws.String(token),
		})
	})
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return t.refusal(cancelled)
	}
	if _, ok := errors.AsType[*types.IdempotentParameterMismatchException](err); ok {
		return refused{} // someone wrote this step from another state: read again
	}
	return err
}

func (t *tx) refusal(cancelled *types.TransactionCanceledException) refused {
	failed := refused{}
	for n, reason := range cancelled.CancellationReasons {
		if aws.ToString(reason.Code) == reasonCondition && n < len(t.keys) {
			failed[t.keys[n]] = reason.Item
		}
	}
	return failed
}

// count adds the write of the organization's counters, where they change.
func (t *tx) count() {
	if t.live == 0 && t.total == 0 && !t.needsRoom {
		return
	}
	u := newUpdate().whereExists()
	u.add(orgLive, t.live).add(orgTotal, t.total)
	if t.tier != "" {
		u.whereEqual(orgTier, text(t.tier))
	}
	if t.needsRoom {
		t.wantRoom(u)
	}
	t.update(orgKey(t.organization), u)
}

// wantRoom is the condition that there is room for one more live key. Places that the same transaction releases count
// as free; a condition cannot reckon, so then it names the limit that it was reckoned from.
func (t *tx) wantRoom(u *update) {
	if t.limit == 0 {
		u.where(u.name(orgLive) + " < " + u.name(orgLimit))
		return
	}
	u.whereEqual(orgLimit, number(t.limit))
	u.where(u.name(orgLive) + " < " + u.value(number(t.limit+1-t.live)))
}

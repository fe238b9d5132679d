package dynamo

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

// Read is one consistent read, and one more for rules that are kept apart.
func (s *Store) Read(ctx context.Context, id apikey.ID) (*apikey.Record, error) {
	return s.whole(ctx, func() (*apikey.Record, error) {
		hot, err := s.get(ctx, "reading a key's record", authKey(id))
		if hot == nil || err != nil {
			return nil, err
		}
		return recordOf(hot), nil
	})
}

// Rehash writes new over exactly the attribute that holds old: a retiring secret's hash never lands on the
// current one's.
func (s *Store) Rehash(ctx context.Context, id apikey.ID, old, new apikey.Digest) error {
	for _, attribute := range []string{hotDigest, hotRetiring} {
		u := newUpdate().set(attribute, text(string(new))).whereEqual(attribute, text(string(old)))
		_, met, err := s.updateAs(ctx, repeatable, "rehashing", authKey(id), u)
		if met || err != nil {
			return err
		}
	}
	return nil
}

// Touch writes last use alone. A key that is gone stays gone.
func (s *Store) Touch(ctx context.Context, id apikey.ID, at time.Time, from netip.Addr) error {
	u := newUpdate().set(hotUsedAt, number(at.Unix())).whereExists()
	if from.IsValid() {
		u.set(hotUsedFrom, text(from.String()))
	} else {
		u.remove(hotUsedFrom)
	}
	_, _, err := s.updateAs(ctx, repeatable, "noting a use", authKey(id), u)
	return err
}

// get reads one item consistently; nil where there is none.
func (s *Store) get(ctx context.Context, doing string, k key) (item, error) {
	out, err := retry(ctx, s.Watch, doing, repeatable, func() (*dynamodb.GetItemOutput, error) {
		return s.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: k.item(), ConsistentRead: aws.Bool(true)})
	})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

// update makes a conditional update that is part of a change. It gives the item after it, or, where its condition is
// not met, as it stands (nil: there is none).
func (s *Store) update(ctx context.Context, doing string, k key, u *update) (now item, met bool, err error) {
	return s.updateAs(ctx, changing, doing, k, u)
}

func (s *Store) updateAs(ctx context.Context, safe safety, doing string, k key, u *update) (now item, met bool, err error) {
	out, err := retry(ctx, s.Watch, doing, safe, func() (*dynamodb.UpdateItemOutput, error) {
		return s.client.UpdateItem(ctx, u.input(s.table, k))
	})
	if failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return failed.Item, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return out.Attributes, true, nil
}

// delete removes an item where the conditions of u are met. It reports whether they were.
func (s *Store) delete(ctx context.Context, doing string, k key, u *update) (bool, error) {
	_, err := retry(ctx, s.Watch, doing, changing, func() (*dynamodb.DeleteItemOutput, error) {
		return s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: &s.table, Key: k.item(),
			ConditionExpression: u.condition(), ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.arguments(),
		})
	})
	if _, failed := errors.AsType[*types.ConditionalCheckFailedException](err); failed {
		return false, nil
	}
	return err == nil, err
}

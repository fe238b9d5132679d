package dynamo

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// hollow answers an update with a success that holds nothing.
type hollow struct{ API }

func (hollow) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return &dynamodb.UpdateItemOutput{}, nil
}

// A spend that DynamoDB says it has done, without the record that it was done on, is an outage: nobody is let in on a record
// that nobody has seen.
func TestASpendWithoutItsRecordIsAnOutage(t *testing.T) {
	store := New(hollow{}, "keyward")
	outcome, err := store.Spend(t.Context(), apikey.Spend{ID: "00000000", Digests: []apikey.Digest{"d"}, At: time.Now()})
	if !errors.Is(err, fault.Unavailable) || outcome.Spent {
		t.Errorf("outcome %+v, error %v; want an outage", outcome, err)
	}
	if _, spent, err := store.SpendSession(t.Context(), org.Identity{Subject: "ann"}, 600, time.Now()); !errors.Is(err, fault.Unavailable) || spent {
		t.Errorf("a session: spent %t, error %v; want an outage", spent, err)
	}
}

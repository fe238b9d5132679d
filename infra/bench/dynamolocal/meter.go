package dynamolocal

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
)

// Reading is what was asked through a Meter.
type Reading struct {
	Writes, Reads int     // requests
	WriteUnits    float64 // what they consumed
	ReadUnits     float64
	AtOnce        int // how many requests were under way at once, at most
	ItemSize      int // of the item last written, in bytes
}

// Requests are all requests.
func (r Reading) Requests() int { return r.Writes + r.Reads }

// Meter is a client that counts requests and what each of them consumes. It meters those that reading and counting need;
// the others pass.
type Meter struct {
	dynamo.API

	mu       sync.Mutex
	reading  Reading
	underWay int
}

// NewMeter meters what is asked through client.
func NewMeter(client dynamo.API) *Meter { return &Meter{API: client} }

// Read is what was counted since the last Read.
func (m *Meter) Read() Reading {
	m.mu.Lock()
	defer m.mu.Unlock()
	reading := m.reading
	m.reading = Reading{}
	return reading
}

func (m *Meter) begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.underWay++
	m.reading.AtOnce = max(m.reading.AtOnce, m.underWay)
}

// end counts a request that count tells of.
func (m *Meter) end(count func(*Reading)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.underWay--
	count(&m.reading)
}

// read makes a request that reads. consumed gives what it consumed, where it succeeded.
func read[Out any](m *Meter, send func() (*Out, error), consumed func(*Out) []types.ConsumedCapacity) (*Out, error) {
	m.begin()
	out, err := send()
	m.end(func(r *Reading) {
		r.Reads++
		if err != nil {
			return
		}
		for _, capacity := range consumed(out) {
			r.ReadUnits += aws.ToFloat64(capacity.CapacityUnits)
		}
	})
	return out, err
}

// GetItem implements dynamo.API.
func (m *Meter) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	return read(m, func() (*dynamodb.GetItemOutput, error) { return m.API.GetItem(ctx, in, o...) },
		func(out *dynamodb.GetItemOutput) []types.ConsumedCapacity {
			return []types.ConsumedCapacity{*out.ConsumedCapacity}
		})
}

// BatchGetItem implements dynamo.API.
func (m *Meter) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	return read(m, func() (*dynamodb.BatchGetItemOutput, error) { return m.API.BatchGetItem(ctx, in, o...) },
		func(out *dynamodb.BatchGetItemOutput) []types.ConsumedCapacity { return out.ConsumedCapacity })
}

// Query implements dynamo.API.
func (m *Meter) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	return read(m, func() (*dynamodb.QueryOutput, error) { return m.API.Query(ctx, in, o...) },
		func(out *dynamodb.QueryOutput) []types.ConsumedCapacity {
			return []types.ConsumedCapacity{*out.ConsumedCapacity}
		})
}

// unitBytes is how much of an item a write unit writes.
const unitBytes = 1 << 10

// UpdateItem implements dynamo.API. A write whose condition fails does not say what it consumed: it is reckoned from the
// item that comes with the refusal, as DynamoDB bills it.
func (m *Meter) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	m.begin()
	out, err := m.API.UpdateItem(ctx, in, o...)
	m.end(func(r *Reading) {
		r.Writes++
		if err == nil {
			r.WriteUnits += aws.ToFloat64(out.ConsumedCapacity.CapacityUnits)
			r.ItemSize = dynamotest.Size(out.Attributes)
		} else if failed, refused := errors.AsType[*types.ConditionalCheckFailedException](err); refused {
			r.WriteUnits += float64((dynamotest.Size(failed.Item) + unitBytes - 1) / unitBytes)
		}
	})
	return out, err
}

package dynamotest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/dynamo"
)

// Call is a request as a fault sees it.
type Call struct {
	Operation string // GetItem, UpdateItem, …
	Write     bool
	Number    int // of all calls, from 1 on
	NthWrite  int // of all writes, from 1 on; 0 for a read
}

// Fault decides what becomes of a call: it may send it or not, and gives what the caller sees, which may be a failure
// of what has happened. It is called from many goroutines at once.
type Fault func(call Call, send func() error) error

// Client counts calls and consumed capacity, and makes calls fail. It also holds the rule that no transaction but a
// create's names a hot record: a transaction that does so without making one fails the test.
type Client struct {
	t     testing.TB
	real  dynamo.API
	fault Fault

	mu     sync.Mutex
	calls  []Call
	writes int
	units  float64
}

var _ dynamo.API = (*Client)(nil)

// Wrap makes a Client around real; a nil fault is none.
func Wrap(t testing.TB, real dynamo.API, fault Fault) *Client {
	if fault == nil {
		fault = Healthy
	}
	return &Client{t: t, real: real, fault: fault}
}

// Calls are the calls made since the last Reset, in order.
func (c *Client) Calls() []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Call(nil), c.calls...)
}

// Count is how many calls of that operation were made since the last Reset.
func (c *Client) Count(operation string) int {
	n := 0
	for _, call := range c.Calls() {
		if call.Operation == operation {
			n++
		}
	}
	return n
}

// Units is the capacity that DynamoDB says was consumed since the last Reset.
func (c *Client) Units() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.units
}

// Reset forgets what was counted, and sets the fault from now on; nil is none.
func (c *Client) Reset(fault Fault) {
	if fault == nil {
		fault = Healthy
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls, c.writes, c.units, c.fault = nil, 0, 0, fault
}

// begin counts a call.
func (c *Client) begin(operation string, write bool) (Call, Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	call := Call{Operation: operation, Write: write, Number: len(c.calls) + 1}
	if write {
		c.writes++
		call.NthWrite = c.writes
	}
	c.calls = append(c.calls, call)
	return call, c.fault
}

func (c *Client) consumed(all ...types.ConsumedCapacity) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, capacity := range all {
		c.units += aws.ToFloat64(capacity.CapacityUnits)
	}
}

// through makes one call under the client's fault.
func through[Out any](c *Client, operation string, write bool, send func() (*Out, error)) (*Out, error) {
	call, fault := c.begin(operation, write)
	var out *Out
	err := fault(call, func() (err error) {
		out, err = send()
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// GetItem implements dynamo.API.
func (c *Client) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return through(c, "GetItem", false, func() (*dynamodb.GetItemOutput, error) { return c.real.GetItem(ctx, in, o...) })
}

// BatchGetItem implements dynamo.API.
func (c *Client) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return through(c, "BatchGetItem", false, func() (*dynamodb.BatchGetItemOutput, error) { return c.real.BatchGetItem(ctx, in, o...) })
}

// Query implements dynamo.API.
func (c *Client) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return through(c, "Query", false, func() (*dynamodb.QueryOutput, error) { return c.real.Query(ctx, in, o...) })
}

// Scan implements dynamo.API.
func (c *Client) Scan(ctx context.Context, in *dynamodb.ScanInput, o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return through(c, "Scan", false, func() (*dynamodb.ScanOutput, error) { return c.real.Scan(ctx, in, o...) })
}

// UpdateItem implements dynamo.API.
func (c *Client) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	measured := *in
	measured.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	return through(c, "UpdateItem", true, func() (*dynamodb.UpdateItemOutput, error) {
		out, err := c.real.UpdateItem(ctx, &measured, o...)
		if err == nil && out.ConsumedCapacity != nil {
			c.consumed(*out.ConsumedCapacity)
		}
		return out, err
	})
}

// DeleteItem implements dynamo.API.
func (c *Client) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return through(c, "DeleteItem", true, func() (*dynamodb.DeleteItemOutput, error) { return c.real.DeleteItem(ctx, in, o...) })
}

// TransactWriteItems implements dynamo.API.
func (c *Client) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	for _, write := range in.TransactItems {
		if err := namesHotRecord(write); err != nil {
			c.t.Error(err)
		}
	}
	return through(c, "TransactWriteItems", true, func() (*dynamodb.TransactWriteItemsOutput, error) {
		return c.real.TransactWriteItems(ctx, in, o...)
	})
}

// errHotRecord is what a transaction does wrong that could cancel a spend, or be cancelled by one.
var errHotRecord = errors.New("a transaction names a hot record that it does not make")

// namesHotRecord refuses every write of a hot record but the put of a new one.
func namesHotRecord(write types.TransactWriteItem) error {
	var key map[string]types.AttributeValue
	switch {
	case write.Put != nil:
		made := aws.ToString(write.Put.ConditionExpression) == "attribute_not_exists(pk)"
		if made {
			return nil
		}
		key = write.Put.Item
	case write.Update != nil:
		key = write.Update.Key
	case write.Delete != nil:
		key = write.Delete.Key
	case write.ConditionCheck != nil:
		key = write.ConditionCheck.Key
	}
	if sort, ok := key["sk"].(*types.AttributeValueMemberS); ok && sort.Value == "AUTH" {
		return fmt.Errorf("%w: %v", errHotRecord, key)
	}
	return nil
}

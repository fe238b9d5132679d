package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/httpapi"
)

// grants is DynamoDB behind the policy of one function: what its row does not name is refused, as IAM refuses it. A
// transaction needs the actions of the items that it writes.
type grants struct {
	dynamo.API
	function httpapi.Function
	mu       sync.Mutex
	used     map[string]bool
}

func (g *grants) permit(actions ...string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, action := range actions {
		g.used[action] = true
		if !slices.Contains(g.function.Table, action) {
			return fmt.Errorf("functions/%s may not %s", g.function.Name, action)
		}
	}
	return nil
}

// within refuses a partition that the row keeps its function from.
func (g *grants) within(partition types.AttributeValue) error {
	text, _ := partition.(*types.AttributeValueMemberS)
	if g.function.PublicKeys && (text == nil || text.Value != dynamo.PartitionSign) {
		return fmt.Errorf("functions/%s may not reach the partition %v", g.function.Name, partition)
	}
	return nil
}

func (g *grants) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if err := g.permit("GetItem"); err != nil {
		return nil, err
	}
	return g.API.GetItem(ctx, in, o...)
}

func (g *grants) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	if err := g.permit("BatchGetItem"); err != nil {
		return nil, err
	}
	return g.API.BatchGetItem(ctx, in, o...)
}

func (g *grants) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if in.IndexName != nil {
		if !slices.Contains(g.function.Index, "Query") {
			return nil, fmt.Errorf("functions/%s may not query the index", g.function.Name)
		}
		return g.API.Query(ctx, in, o...)
	}
	if err := errors.Join(g.permit("Query"), g.within(in.ExpressionAttributeValues[":p"])); err != nil {
		return nil, err
	}
	return g.API.Query(ctx, in, o...)
}

func (g *grants) Scan(ctx context.Context, in *dynamodb.ScanInput, o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	if err := g.permit("Scan"); err != nil {
		return nil, err
	}
	return g.API.Scan(ctx, in, o...)
}

func (g *grants) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if err := errors.Join(g.permit("UpdateItem"), g.within(in.Key[dynamo.Table.PartitionKey])); err != nil {
		return nil, err
	}
	return g.API.UpdateItem(ctx, in, o...)
}

func (g *grants) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	if err := errors.Join(g.permit("DeleteItem"), g.within(in.Key[dynamo.Table.PartitionKey])); err != nil {
		return nil, err
	}
	return g.API.DeleteItem(ctx, in, o...)
}

func (g *grants) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	for _, write := range in.TransactItems {
		for action, wanted := range map[string]bool{
			"PutItem": write.Put != nil, "UpdateItem": write.Update != nil,
			"DeleteItem": write.Delete != nil, "ConditionCheckItem": write.ConditionCheck != nil,
		} {
			if !wanted {
				continue
			}
			if err := g.permit(action); err != nil {
				return nil, err
			}
		}
	}
	return g.API.TransactWriteItems(ctx, in, o...)
}

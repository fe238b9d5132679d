package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The names of the table's keys, of its index and of the attribute that DynamoDB's TTL reads. The CDK app and
// CreateTable both read them, so that the table is described once.
const (
	attrPK    = "pk"
	attrSK    = "sk"
	attrDuePK = "due_pk"
	attrDueSK = "due_sk"
	attrTTL   = "ttl"
	indexDue  = "due"
)

// Index describes a global secondary index. Its keys are strings, and its projection is KEYS_ONLY.
type Index struct{ Name, PartitionKey, SortKey string }

// TableSpec describes the table. Its keys are strings; it is billed by request.
type TableSpec struct {
	PartitionKey, SortKey string
	TTL                   string
	Indexes               []Index
}

// Table is the table that a Store needs.
var Table = TableSpec{
	PartitionKey: attrPK,
	SortKey:      attrSK,
	TTL:          attrTTL,
	Indexes:      []Index{{indexDue, attrDuePK, attrDueSK}},
}

// TableMaker is what CreateTable asks of a client.
type TableMaker interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	UpdateTimeToLive(context.Context, *dynamodb.UpdateTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error)
}

// CreateTable makes the table on DynamoDB Local or LocalStack, where there is none yet. On AWS the CDK app makes it.
func CreateTable(ctx context.Context, client TableMaker, table string) error {
	_, err := client.CreateTable(ctx, Table.input(table))
	if _, exists := errors.AsType[*types.ResourceInUseException](err); exists {
		return nil
	}
	if err != nil {
		return fmt.Errorf("creating table %s: %w", table, err)
	}
	_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               &table,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(Table.TTL), Enabled: aws.Bool(true)},
	})
	if err != nil {
		return fmt.Errorf("setting the TTL of table %s: %w", table, err)
	}
	return nil
}

func (s TableSpec) input(table string) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:   &table,
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   schema(s.PartitionKey, s.SortKey),
	}
	names := []string{s.PartitionKey, s.SortKey}
	for _, index := range s.Indexes {
		names = append(names, index.PartitionKey, index.SortKey)
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:  aws.String(index.Name),
			KeySchema:  schema(index.PartitionKey, index.SortKey),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		})
	}
	for _, name := range names {
		in.AttributeDefinitions = append(in.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS})
	}
	return in
}

func schema(partition, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(partition), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
	}
}

package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/dynamo"
)

// newTable makes the one table, as shared/dynamo describes it. Its indexes hold keys only, so that spending on a key
// never writes to one.
func newTable(stack awscdk.Stack, config Config, key awskms.IKey) awsdynamodb.Table {
	props := &awsdynamodb.TableProps{
		PartitionKey:        text(dynamo.Table.PartitionKey),
		SortKey:             text(dynamo.Table.SortKey),
		BillingMode:         awsdynamodb.BillingMode_PAY_PER_REQUEST,
		TimeToLiveAttribute: jsii.String(dynamo.Table.TTL),
		DeletionProtection:  jsii.Bool(true),
		RemovalPolicy:       awscdk.RemovalPolicy_RETAIN,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
		MaxReadRequestUnits:  limit(config.MaxReads),
		MaxWriteRequestUnits: limit(config.MaxWrites),
	}
	if key != nil {
		props.Encryption = awsdynamodb.TableEncryption_CUSTOMER_MANAGED
		props.EncryptionKey = key
	}
	table := awsdynamodb.NewTable(stack, jsii.String("Table"), props)
	for _, index := range dynamo.Table.Indexes {
		table.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
			IndexName:      &index.Name,
			PartitionKey:   text(index.PartitionKey),
			SortKey:        text(index.SortKey),
			ProjectionType: awsdynamodb.ProjectionType_KEYS_ONLY,
		})
	}
	// Exported whether or not the service uses it, so that a deployment may change to another table and back: CloudFormation
	// removes no export that is in use.
	stack.ExportValue(table.TableName(), nil)
	stack.ExportValue(table.TableArn(), nil)
	return table
}

// on is the data as it is, but in the table that config names, if it names one: the deployment's own stays as it is, unused.
func (d *Data) on(stack awscdk.Stack, config Config) *Data {
	if config.TableName == "" {
		return d
	}
	changed := *d
	changed.Table = awsdynamodb.Table_FromTableName(stack, jsii.String("OtherTable"), &config.TableName)
	return &changed
}

// limit is a number of units a second; nil for none.
func limit(units int) *float64 {
	if units == 0 {
		return nil
	}
	return jsii.Number(units)
}

func text(attribute string) *awsdynamodb.Attribute {
	return &awsdynamodb.Attribute{Name: &attribute, Type: awsdynamodb.AttributeType_STRING}
}

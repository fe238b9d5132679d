package stack

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/httpapi"
)

// statements are all that the function of row may do: its row, and writing its own log.
func statements(stack awscdk.Stack, data *Data, row httpapi.Function, logs awslogs.LogGroup) []awsiam.PolicyStatement {
	granted := []awsiam.PolicyStatement{
		statement("Logs", *logs.LogGroupArn(), "logs:CreateLogStream", "logs:PutLogEvents"),
	}
	if len(row.Table) > 0 {
		granted = append(granted, tableStatement(data, row))
	}
	if len(row.Index) > 0 {
		granted = append(granted, statement("Index", dueIndex(data), prefixed("dynamodb:", row.Index)...))
	}
	if row.Peppers {
		granted = append(granted, statement("Peppers", *secretARN(data.Peppers), "secretsmanager:GetSecretValue"))
	}
	if row.Signing || row.Keymaker {
		granted = append(granted, signingKeysStatement(data, row))
	}
	if data.Key != nil && len(row.Table) > 0 {
		granted = append(granted, keyStatement(stack, data, row))
	}
	return granted
}

// tableStatement lets a function use the table, or the one partition that its row keeps it to.
func tableStatement(data *Data, row httpapi.Function) awsiam.PolicyStatement {
	granted := statement("Table", *data.Table.TableArn(), prefixed("dynamodb:", row.Table)...)
	if row.PublicKeys {
		granted.AddCondition(jsii.String("ForAllValues:StringEquals"), map[string]any{"dynamodb:LeadingKeys": []string{dynamo.PartitionSign}})
	}
	return granted
}

// signingKeysStatement lets what signs read the signing keys, and what makes them write them too.
func signingKeysStatement(data *Data, row httpapi.Function) awsiam.PolicyStatement {
	actions := []string{"secretsmanager:GetSecretValue"}
	if row.Keymaker {
		actions = append(actions, "secretsmanager:PutSecretValue")
	}
	return statement("SigningKeys", *secretARN(data.SigningKeys), actions...)
}

// dueIndex is the one index that there is. A second one needs a word in the table of functions on who may use it.
func dueIndex(data *Data) string {
	return *data.Table.TableArn() + "/index/" + dynamo.Table.Indexes[0].Name
}

// keyStatement lets a function use the customer's key, but only through the services that keep what it encrypts.
func keyStatement(stack awscdk.Stack, data *Data, row httpapi.Function) awsiam.PolicyStatement {
	actions := []string{"kms:Decrypt", "kms:DescribeKey"}
	if slices.ContainsFunc(row.Table, writes) {
		actions = append(actions, "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
			"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext")
	}
	through := []string{"dynamodb." + *stack.Region() + ".amazonaws.com"}
	if row.Peppers || row.Signing || row.Keymaker {
		through = append(through, "secretsmanager."+*stack.Region()+".amazonaws.com")
	}
	granted := statement("Key", *data.Key.KeyArn(), actions...)
	granted.AddCondition(jsii.String("StringEquals"), map[string]any{"kms:ViaService": through})
	return granted
}

func writes(action string) bool {
	return slices.Contains([]string{"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}, action)
}

func statement(sid, resource string, actions ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:       &sid,
		Actions:   jsii.Strings(actions...),
		Resources: jsii.Strings(resource),
	})
}

func prefixed(prefix string, names []string) []string {
	actions := make([]string, len(names))
	for i, name := range names {
		actions[i] = prefix + name
	}
	return actions
}

package aws

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/keyward/keyward/infra/deployed/signed"
)

// Resource is something that a stack has made.
type Resource struct {
	Type string `xml:"ResourceType"`
	ID   string `xml:"PhysicalResourceId"`
}

// Resources are those of a stack; none where there is no such stack.
func (c Cloud) Resources(ctx context.Context, stack string) ([]Resource, error) {
	var all []Resource
	next := ""
	for {
		parameters := map[string]string{"StackName": stack}
		if next != "" {
			parameters["NextToken"] = next
		}
		var page struct {
			Resources []Resource `xml:"ListStackResourcesResult>StackResourceSummaries>member"`
			Next      string     `xml:"ListStackResourcesResult>NextToken"`
		}
		err := c.query(ctx, "ListStackResources", parameters, &page)
		if missing(err) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("listing the resources of %s: %w", stack, err)
		}
		all = append(all, page.Resources...)
		if next = page.Next; next == "" {
			return all, nil
		}
	}
}

func missing(err error) bool {
	refused, ok := errors.AsType[*signed.Refusal](err)
	return ok && strings.Contains(refused.Text, "does not exist")
}

// removalTime is how long a stack may take to go.
const removalTime = 15 * time.Minute

// remove deletes a stack, protected or not, and returns when it has gone. What it retains stays.
func (c Cloud) remove(ctx context.Context, stack string) error {
	ctx, cancel := context.WithTimeout(ctx, removalTime)
	defer cancel()
	named := map[string]string{"StackName": stack}
	err := c.query(ctx, "UpdateTerminationProtection", map[string]string{"StackName": stack, "EnableTerminationProtection": "false"}, nil)
	if missing(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("unprotecting %s: %w", stack, err)
	}
	if err := c.query(ctx, "DeleteStack", named, nil); err != nil {
		return fmt.Errorf("deleting %s: %w", stack, err)
	}
	for {
		status, err := c.status(ctx, stack)
		switch {
		case err != nil:
			return err
		case status == "" || status == "DELETE_COMPLETE":
			return nil
		case status == "DELETE_FAILED":
			return fmt.Errorf("the stack %s can't be deleted: CloudFormation's console says why", stack)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s to go: %w", stack, ctx.Err())
		case <-time.After(time.Second):
		}
	}
}

// status is a stack's; empty where there is none.
func (c Cloud) status(ctx context.Context, stack string) (string, error) {
	var found struct {
		Status []string `xml:"DescribeStacksResult>Stacks>member>StackStatus"`
	}
	err := c.query(ctx, "DescribeStacks", map[string]string{"StackName": stack}, &found)
	if missing(err) || err == nil && len(found.Status) == 0 {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking for %s: %w", stack, err)
	}
	return found.Status[0], nil
}

// removeRetained deletes what a deployment keeps although its stacks have gone: its table, its secrets and its logs. The role by
// which the account's APIs write their logs stays: it is the account's.
func (c Cloud) removeRetained(ctx context.Context, left []Resource) error {
	var problems []error
	for _, resource := range left {
		var err error
		switch resource.Type {
		case "AWS::DynamoDB::Table":
			err = c.removeTable(ctx, resource.ID)
		case "AWS::SecretsManager::Secret":
			err = c.removeSecret(ctx, resource.ID)
		case "AWS::Logs::LogGroup":
			err = c.removeLogs(ctx, resource.ID)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("removing %s %s: %w", resource.Type, resource.ID, err))
		}
	}
	return errors.Join(problems...)
}

func (c Cloud) removeTable(ctx context.Context, name string) error {
	client := dynamodb.NewFromConfig(c.Config)
	_, err := client.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &name, DeletionProtectionEnabled: aws.Bool(false)})
	if err == nil {
		err = dynamodb.NewTableExistsWaiter(client).Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, removalTime)
	}
	if err == nil {
		_, err = client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
	}
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
		return nil
	}
	return err
}

func (c Cloud) removeSecret(ctx context.Context, id string) error {
	_, err := secretsmanager.NewFromConfig(c.Config).DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{
		SecretId: &id, ForceDeleteWithoutRecovery: aws.Bool(true),
	})
	return err
}

func (c Cloud) removeLogs(ctx context.Context, name string) error {
	err := c.logs(ctx, "DeleteLogGroup", map[string]string{"logGroupName": name}, nil)
	if refused, ok := errors.AsType[*signed.Refusal](err); ok && strings.Contains(refused.Text, "ResourceNotFoundException") {
		return nil
	}
	return err
}

// kept are the types of what a deployment keeps, and what has to be removed of a throw-away one.
var kept = []string{"AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::Logs::LogGroup"}

// left are those of the resources that are there although their stacks have gone.
func (c Cloud) left(ctx context.Context, resources []Resource) ([]Resource, error) {
	var left []Resource
	var problems []error
	for _, resource := range resources {
		if !slices.Contains(kept, resource.Type) {
			continue
		}
		there, err := c.exists(ctx, resource)
		if there {
			left = append(left, resource)
		}
		problems = append(problems, err)
	}
	return left, errors.Join(problems...)
}

// exists asks for something that a deployment keeps.
func (c Cloud) exists(ctx context.Context, resource Resource) (bool, error) {
	var err error
	switch resource.Type {
	case "AWS::DynamoDB::Table":
		_, err = dynamodb.NewFromConfig(c.Config).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &resource.ID})
	case "AWS::SecretsManager::Secret":
		_, err = secretsmanager.NewFromConfig(c.Config).DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &resource.ID})
	case "AWS::Logs::LogGroup":
		return c.hasLogs(ctx, resource.ID)
	}
	if err != nil && strings.Contains(err.Error(), "ResourceNotFoundException") {
		return false, nil
	}
	return err == nil, err
}

func (c Cloud) hasLogs(ctx context.Context, name string) (bool, error) {
	var found struct {
		LogGroups []struct{ LogGroupName string }
	}
	err := c.logs(ctx, "DescribeLogGroups", map[string]string{"logGroupNamePrefix": name}, &found)
	for _, group := range found.LogGroups {
		if group.LogGroupName == name {
			return true, err
		}
	}
	return false, err
}

package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// Name implements apikey.Namer by one eventually consistent GetItem.
func (s *Store) Name(ctx context.Context, organization org.ID, id apikey.ID) (string, error) {
	out, err := retry(ctx, s.Watch, "reading a key's name", repeatable, func() (*dynamodb.GetItemOutput, error) {
		return s.client.GetItem(ctx, &dynamodb.GetItemInput{
			TableName:                &s.table,
			Key:                      detailsKey(organization, id).item(),
			ProjectionExpression:     aws.String("#n"),
			ExpressionAttributeNames: map[string]string{"#n": detName},
		})
	})
	if err != nil {
		return "", err
	}
	return item(out.Item).text(detName), nil
}

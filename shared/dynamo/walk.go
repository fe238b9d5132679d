package dynamo

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// itemsAKey is about how many items of the table there are to a key: how many a walk looks at for each that it is to
// list.
const itemsAKey = 8

var errPosition = errors.New("that is no position of a walk")

// Walk implements apikey.Walker by one scan of a part of the table, of which DynamoDB gives back the hot records alone.
// A page may be empty and still have a next.
func (s *Store) Walk(ctx context.Context, after string, limit int) (keys []apikey.DueKey, next string, err error) {
	in := &dynamodb.ScanInput{
		TableName:                 &s.table,
		ConsistentRead:            aws.Bool(true),
		Limit:                     aws.Int32(int32(itemsAKey * max(limit, 1))),
		FilterExpression:          aws.String("begins_with(#p, :p) AND #s = :s"),
		ProjectionExpression:      aws.String("#p, #s, #o"),
		ExpressionAttributeNames:  map[string]string{"#p": attrPK, "#s": attrSK, "#o": hotOrganization},
		ExpressionAttributeValues: item{":p": text(prefixKey), ":s": text(sortAuth)},
	}
	if after != "" {
		start, err := keyAt(after)
		if err != nil {
			return nil, "", err
		}
		in.ExclusiveStartKey = start.item()
	}
	out, err := retry(ctx, s.Watch, "walking through the keys", repeatable, func() (*dynamodb.ScanOutput, error) {
		return s.client.Scan(ctx, in)
	})
	if err != nil {
		return nil, "", err
	}
	for n, i := range out.Items {
		if n == max(limit, 1) {
			return keys, positionOf(out.Items[n-1]), nil
		}
		keys = append(keys, apikey.DueKey{Organization: org.ID(item(i).text(hotOrganization)), ID: idOf(keyOf(i))})
	}
	if len(out.LastEvaluatedKey) > 0 {
		next = positionOf(out.LastEvaluatedKey)
	}
	return keys, next, nil
}

// A position of a walk is the key of the item that it has come to, whatever kind of item that is.
func positionOf(i item) string {
	k := keyOf(i)
	return base64.RawURLEncoding.EncodeToString([]byte(k.pk + "\x00" + k.sk))
}

func keyAt(position string) (key, error) {
	decoded, err := base64.RawURLEncoding.DecodeString(position)
	pk, sk, whole := strings.Cut(string(decoded), "\x00")
	if err != nil || !whole || pk == "" || sk == "" {
		return key{}, errPosition
	}
	return key{pk, sk}, nil
}

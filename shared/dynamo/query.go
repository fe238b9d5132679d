package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// query reads the items of a partition whose sort keys lie between from and to, both included.
type query struct {
	index     string // "": the table, read consistently
	partition string
	from, to  string
	after     string // a sort key to start behind; "" is the start
	backwards bool
	limit     int
}

// top is behind every sort key that begins as s does. No sort key holds a byte of 0xFF: they are UTF-8, and the
// highest of its code points is not assigned.
func top(s string) string { return s + "\U0010FFFF" }

// query gives up to limit items, and whether there may be more behind the last.
func (s *Store) query(ctx context.Context, doing string, q query) (items []item, more bool, err error) {
	out, err := retry(ctx, s.Watch, doing, repeatable, func() (*dynamodb.QueryOutput, error) {
		return s.client.Query(ctx, q.input(s.table))
	})
	if err != nil {
		return nil, false, err
	}
	for _, i := range out.Items {
		items = append(items, i)
	}
	return items, len(out.LastEvaluatedKey) > 0, nil
}

// queriedAtOnce is how many items a query that wants all of them asks for at a time.
const queriedAtOnce = 1000

// all gives all items, in as many requests as it takes.
func (s *Store) all(ctx context.Context, doing string, q query) ([]item, error) {
	q.limit = queriedAtOnce
	var all []item
	for {
		items, more, err := s.query(ctx, doing, q)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if !more || len(items) == 0 {
			return all, nil
		}
		q.after = keyOf(items[len(items)-1]).sk
	}
}

func (q query) input(table string) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{
		TableName:                 &table,
		KeyConditionExpression:    aws.String("#p = :p AND #s BETWEEN :from AND :to"),
		ExpressionAttributeNames:  map[string]string{"#p": attrPK, "#s": attrSK},
		ExpressionAttributeValues: item{":p": text(q.partition), ":from": text(q.from), ":to": text(q.to)},
		ScanIndexForward:          aws.Bool(!q.backwards),
		Limit:                     aws.Int32(int32(q.limit)),
	}
	if q.index != "" {
		in.IndexName = &q.index
		in.ExpressionAttributeNames = map[string]string{"#p": attrDuePK, "#s": attrDueSK}
		return in
	}
	in.ConsistentRead = aws.Bool(true)
	if q.after != "" {
		in.ExclusiveStartKey = map[string]types.AttributeValue(key{q.partition, q.after}.item())
	}
	return in
}

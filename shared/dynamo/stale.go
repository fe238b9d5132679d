package dynamo

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/ratelimit"
)

const (
	// staleTolerated is how many stale windows a record may show before they are removed at once. It is reached where
	// every process spends but once.
	staleTolerated = 8
	// staleRemoved is how many windows one write removes at most, far below what an expression may hold.
	staleRemoved = 60
)

// staleFor are the windows that spend is to remove, as far as an earlier reply to this process showed them. They are
// judged again by spend's own time: a clock that was set back removes no window that could still count.
func (s *Store) staleFor(spend apikey.Spend) []ratelimit.Window {
	known, _ := s.stale.Get(spend.ID)
	var stale []ratelimit.Window
	for _, window := range known {
		if window.StaleAt(spend.At) {
			stale = append(stale, window)
		}
	}
	return stale
}

// learn remembers the stale windows that a reply shows, for the next spend of that key to remove. More than
// staleTolerated of them are removed now. The request has been admitted: that this fails is no reason to refuse it.
func (s *Store) learn(ctx context.Context, record *apikey.Record, spend apikey.Spend) {
	stale := record.Counts.Stale(spend.At)
	stale = stale[:min(len(stale), staleRemoved)]
	if len(stale) > staleTolerated && s.removeStale(ctx, record.ID, stale) == nil {
		stale = nil
	}
	if len(stale) == 0 {
		s.stale.Remove(record.ID)
		return
	}
	s.stale.Add(record.ID, stale)
}

func (s *Store) removeStale(ctx context.Context, id apikey.ID, stale []ratelimit.Window) error {
	names := make(map[string]string, len(stale))
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                &s.table,
		Key:                      authKey(id).item(),
		UpdateExpression:         aws.String("REMOVE " + strings.Join(staleNames(stale, names), ", ")),
		ConditionExpression:      aws.String("attribute_exists(" + attrPK + ")"),
		ExpressionAttributeNames: names,
	})
	return err
}

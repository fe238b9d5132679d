package dynamo

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/ratelimit"
)

// Spend is one conditional write, whose condition is Record.Refuses in DynamoDB's words. It is sent again only where
// nothing can have been written: a lost reply is an outage, and the request may have been counted, once.
func (s *Store) Spend(ctx context.Context, spend apikey.Spend) (apikey.Outcome, error) {
	if !spendable(spend) {
		record, err := s.Read(ctx, spend.ID)
		return apikey.Outcome{Record: record}, err
	}
	in := s.spendInput(spend, s.staleFor(spend))
	out, err := retry(ctx, s.Watch, "spending", counting, func() (*dynamodb.UpdateItemOutput, error) {
		return s.client.UpdateItem(ctx, in)
	})
	if failed, refused := errors.AsType[*types.ConditionalCheckFailedException](err); refused {
		return refusal(failed.Item), nil
	}
	if err != nil {
		return apikey.Outcome{}, err
	}
	record := recordOf(out.Attributes)
	if record.ID != spend.ID {
		return apikey.Outcome{}, fault.Outage("spending", errNoRecord)
	}
	s.learn(ctx, record, spend)
	return apikey.Outcome{Spent: true, Record: record}, nil
}

var errNoRecord = errors.New("DynamoDB says that it has written, and not what")

// spendable reports whether a condition can be written at all: DynamoDB knows no IN of nothing, and without a digest
// or an organization nothing is admitted.
func spendable(s apikey.Spend) bool {
	return len(s.Digests) > 0 && (s.Organizations == nil || len(s.Organizations) > 0)
}

// refusal is the outcome of a failed condition; there is no item where there is no such key.
func refusal(old item) apikey.Outcome {
	if len(old) == 0 {
		return apikey.Outcome{}
	}
	return apikey.Outcome{Record: recordOf(old)}
}

// The parts of a spend that are the same in every one. An attribute's name of one letter is no word that DynamoDB
// reserves; a window's may be one, and is a placeholder.
const (
	spendSet       = "SET u = :now"
	spendAdd       = " ADD n :one, #m :one, #d :one, #M :one"
	spendCondition = " AND attribute_not_exists(r) AND attribute_not_exists(i)" +
		" AND (attribute_not_exists(x) OR x > :now)" +
		" AND (attribute_not_exists(z) OR z = :z)" +
		" AND l > :zero AND (attribute_not_exists(#m) OR #m < l)" +
		" AND (attribute_not_exists(q) OR (q > :zero AND (attribute_not_exists(#d) OR #d < q)))" +
		" AND (attribute_not_exists(y) OR (y > :zero AND (attribute_not_exists(#M) OR #M < y)))" +
		" AND e = :e"
)

var (
	numberZero = number(0)
	numberOne  = number(1)
)

// spendInput writes the condition and the update of a spend, which also removes those stale windows.
// Whole seconds do: an instant is before a whole second exactly when its own whole second is.
func (s *Store) spendInput(spend apikey.Spend, stale []ratelimit.Window) *dynamodb.UpdateItemInput {
	names := make(map[string]string, len(ratelimit.Units)+len(stale))
	for _, unit := range ratelimit.Units {
		names["#"+string(rune(unit))] = ratelimit.At(unit, spend.At).Name()
	}
	values := item{
		":now": number(spend.At.Unix()), ":one": numberOne, ":zero": numberZero, ":e": text(string(spend.Environment)),
		":z": text(spend.Rules),
	}
	return &dynamodb.UpdateItemInput{
		TableName:                           &s.table,
		Key:                                 authKey(spend.ID).item(),
		ConditionExpression:                 aws.String(admission(spend, values) + spendCondition),
		UpdateExpression:                    aws.String(spendUpdate(spend, stale, names, values)),
		ExpressionAttributeNames:            names,
		ExpressionAttributeValues:           values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

// admission says which secrets and organizations are admitted.
func admission(spend apikey.Spend, values item) string {
	digests := placeholders(":h", spend.Digests, values)
	condition := "(h IN (" + digests + ") OR (k > :now AND g IN (" + digests + ")))"
	if spend.Organizations != nil {
		condition += " AND o IN (" + placeholders(":o", spend.Organizations, values) + ")"
	}
	return condition
}

// placeholders puts list into values, and names its entries. An empty entry equals no attribute, since what is empty
// is absent. DynamoDB takes up to 100 entries.
func placeholders[S ~string](prefix string, list []S, values item) string {
	var b strings.Builder
	for n, entry := range list {
		if n > 0 {
			b.WriteString(", ")
		}
		name := prefix + strconv.Itoa(n)
		b.WriteString(name)
		values[name] = text(string(entry))
	}
	return b.String()
}

func spendUpdate(spend apikey.Spend, stale []ratelimit.Window, names map[string]string, values item) string {
	var b strings.Builder
	b.WriteString(spendSet)
	var removed []string
	if spend.Address.IsValid() {
		b.WriteString(", a = :a")
		values[":a"] = text(spend.Address.String())
	} else {
		removed = append(removed, "a")
	}
	b.WriteString(spendAdd)
	removed = append(removed, staleNames(stale, names)...)
	if len(removed) > 0 {
		b.WriteString(" REMOVE " + strings.Join(removed, ", "))
	}
	return b.String()
}

// staleNames gives each window a placeholder in names.
func staleNames(stale []ratelimit.Window, names map[string]string) []string {
	placeholders := make([]string, len(stale))
	for n, window := range stale {
		placeholders[n] = "#s" + strconv.Itoa(n)
		names[placeholders[n]] = window.Name()
	}
	return placeholders
}

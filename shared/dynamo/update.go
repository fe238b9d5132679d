package dynamo

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// update is an update of an item, and the conditions under which it is made.
type update struct {
	sets, adds, removes []string
	conditions          []string
	names               map[string]string
	values              item
}

func newUpdate() *update { return &update{names: map[string]string{}, values: item{}} }

// name is how an expression names an attribute: every name is given as a placeholder, since any may be a word that
// DynamoDB reserves.
func (u *update) name(attribute string) string {
	u.names["#"+attribute] = attribute
	return "#" + attribute
}

func (u *update) value(v types.AttributeValue) string {
	placeholder := ":" + strconv.Itoa(len(u.values))
	u.values[placeholder] = v
	return placeholder
}

func (u *update) set(attribute string, v types.AttributeValue) *update {
	u.sets = append(u.sets, u.name(attribute)+" = "+u.value(v))
	return u
}

func (u *update) add(attribute string, n int64) *update {
	u.adds = append(u.adds, u.name(attribute)+" "+u.value(number(n)))
	return u
}

func (u *update) remove(attribute string) *update {
	u.removes = append(u.removes, u.name(attribute))
	return u
}

// change sets and removes what makes before after, and touches nothing else. It is written the same every
// time: a transaction that is sent again under its token must be.
func (u *update) change(before, after item) *update {
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if !reflect.DeepEqual(before[name], after[name]) {
			u.set(name, after[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if _, kept := after[name]; !kept {
			u.remove(name)
		}
	}
	return u
}

func (u *update) where(condition string) *update {
	u.conditions = append(u.conditions, condition)
	return u
}

func (u *update) whereEqual(attribute string, v types.AttributeValue) *update {
	return u.where(u.name(attribute) + " = " + u.value(v))
}

func (u *update) whereAbsent(attribute string) *update {
	return u.where("attribute_not_exists(" + u.name(attribute) + ")")
}

func (u *update) whereExists() *update {
	return u.where("attribute_exists(" + u.name(attrPK) + ")")
}

func (u *update) expression() *string {
	var b strings.Builder
	section := func(verb string, parts []string) {
		if len(parts) > 0 {
			b.WriteString(verb + " " + strings.Join(parts, ", ") + " ")
		}
	}
	section("SET", u.sets)
	section("ADD", u.adds)
	section("REMOVE", u.removes)
	return aws.String(strings.TrimSpace(b.String()))
}

func (u *update) condition() *string {
	if len(u.conditions) == 0 {
		return nil
	}
	return aws.String(strings.Join(u.conditions, " AND "))
}

// arguments are u's values, nil where it has none: DynamoDB refuses an empty map.
func (u *update) arguments() item {
	if len(u.values) == 0 {
		return nil
	}
	return u.values
}

// input is u as a request of its own, which answers with the item after it, or as it was where a condition failed.
func (u *update) input(table string, k key) *dynamodb.UpdateItemInput {
	return &dynamodb.UpdateItemInput{
		TableName:                           &table,
		Key:                                 k.item(),
		UpdateExpression:                    u.expression(),
		ConditionExpression:                 u.condition(),
		ExpressionAttributeNames:            u.names,
		ExpressionAttributeValues:           u.arguments(),
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

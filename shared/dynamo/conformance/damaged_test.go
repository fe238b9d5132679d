package conformance

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/fault"
)

// damage puts value in the place of an attribute of an item of the key.
func (f *fixture) damage(id apikey.ID, sort, attribute string, value types.AttributeValue) {
	f.Helper()
	_, err := dynamotest.NewClient().UpdateItem(f.Context(), &dynamodb.UpdateItemInput{
		TableName: &f.table, Key: itemKey(id, sort), UpdateExpression: aws.String("SET #a = :v"),
		ExpressionAttributeNames: map[string]string{"#a": attribute}, ExpressionAttributeValues: map[string]types.AttributeValue{":v": value},
	})
	f.must(err)
}

func itemKey(id apikey.ID, sort string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "KEY#" + string(id)}, "sk": &types.AttributeValueMemberS{Value: sort},
	}
}

// unreadable are what DynamoDB itself takes in the place of a list, or of networks.
var unreadable = map[string]types.AttributeValue{
	"an empty list":     &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
	"a list of numbers": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberN{Value: "1"}}},
	"a string set":      &types.AttributeValueMemberSS{Value: []string{"dns"}},
	"an empty text":     &types.AttributeValueMemberS{},
	"null":              &types.AttributeValueMemberNULL{Value: true},
	"no bytes":          &types.AttributeValueMemberB{Value: []byte{}},
	"a map":             &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}},
}

// Rules that are damaged in the table admit nothing, whichever way they are read, in the record or apart from it.
func TestDamagedRulesAdmitNothing(t *testing.T) {
	f := newFixture(t)
	for name, value := range unreadable {
		for _, edit := range []func(*apikey.Key){listing(3), func(k *apikey.Key) { bulky(k); listing(3)(k) }} {
			key := f.create(edit)
			sort := "AUTH"
			if key.Bulky() {
				sort = "RULES#" + key.RulesID
			}
			for _, attribute := range []string{"S", "C", "A", "N", "D"} {
				f.damage(key.ID, sort, attribute, value)
			}
			record, err := f.store.Read(f.Context(), key.ID)
			f.must(err)
			rules, err := f.store.Rules(f.Context(), key.ID, key.RulesID)
			f.must(err)
			for _, read := range []apikey.Rules{record.Rules(), *rules, f.key(key.ID).Rules()} {
				for _, list := range [][]string{read.Scope.Services, read.Scope.Customers, read.Scope.Accounts} {
					if list == nil || len(list) > 0 {
						t.Errorf("%s in %s: a list of the scope is read as %#v", name, sort, list)
					}
				}
				if read.Networks.Admit(netip.MustParseAddr("192.0.2.1")) || read.Networks.Admit(netip.Addr{}) {
					t.Errorf("%s in %s: networks are read as %v", name, sort, read.Networks)
				}
			}
		}
	}
}

// A record that says that its rules are apart, where they are not, is no key that anybody can use, nor one without rules.
func TestARecordWhoseRulesAreMissingIsNoKey(t *testing.T) {
	f := newFixture(t)
	for name, edit := range map[string]func(*apikey.Key){"bulky": bulky, "bulky, with networks": func(k *apikey.Key) { bulky(k); listing(3)(k) }} {
		key := f.create(edit)
		_, err := dynamotest.NewClient().DeleteItem(f.Context(), &dynamodb.DeleteItemInput{TableName: &f.table, Key: itemKey(key.ID, "RULES#"+key.RulesID)})
		f.must(err)
		if record, err := f.store.Read(f.Context(), key.ID); err != nil || record != nil {
			t.Errorf("%s: read %+v, %v", name, record, err)
		}
		if rules, err := f.store.Rules(f.Context(), key.ID, key.RulesID); err != nil || rules != nil {
			t.Errorf("%s: rules %+v, %v", name, rules, err)
		}
		if _, err := f.store.Key(f.Context(), account, key.ID); !errors.Is(err, fault.KeyNotFound) {
			t.Errorf("%s: error = %v, want key_not_found", name, err)
		}
		page, _, err := f.store.Page(f.Context(), apikey.PageRequest{Organization: account, Order: apikey.ByName, Limit: 10})
		if err != nil || len(page) > 0 {
			t.Errorf("%s: listed %+v, %v", name, page, err)
		}
		if outcome, err := f.store.Spend(f.Context(), spendOf(key, noon)); err != nil || outcome.Spent || !outcome.Record.Apart {
			t.Errorf("%s: outcome %+v, %v", name, outcome, err)
		}
	}
}

// A record is Apart whatever stands there to say so: it carries no lists, and would be one without limits.
func TestARecordThatSaysItIsApartInAnotherWayIsApart(t *testing.T) {
	f := newFixture(t)
	key := f.create(bulky)
	for name, value := range unreadable {
		f.damage(key.ID, "AUTH", "Z", value)
		spend := spendOf(key, noon)
		spend.Rules = key.RulesID
		outcome, err := f.store.Spend(f.Context(), spend)
		if err != nil || !outcome.Spent || !outcome.Record.Apart {
			t.Errorf("%s: outcome %+v, %v", name, outcome, err)
		}
		f.wantSameRules(&key.Record)
	}
}

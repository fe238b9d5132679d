package runbooks

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/emulator"
)

// tables are those of the emulator, seen from outside.
type tables struct {
	*testing.T
	client *dynamodb.Client
}

func tablesOf(t *testing.T, emulated *emulator.Emulator) tables {
	return tables{t, dynamodb.NewFromConfig(emulated.Config())}
}

// items are all that a table has.
func (d tables) items(name string) []map[string]types.AttributeValue {
	d.Helper()
	var items []map[string]types.AttributeValue
	pages := dynamodb.NewScanPaginator(d.client, &dynamodb.ScanInput{TableName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(d.Context())
		if err != nil {
			d.Fatal(err)
		}
		items = append(items, page.Items...)
	}
	return items
}

// rewind makes a table what it would have been restored to.
func (d tables) rewind(name string, then []map[string]types.AttributeValue) {
	d.Helper()
	for _, item := range d.items(name) {
		keys := map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]}
		if _, err := d.client.DeleteItem(d.Context(), &dynamodb.DeleteItemInput{TableName: &name, Key: keys}); err != nil {
			d.Fatal(err)
		}
	}
	for _, item := range then {
		if _, err := d.client.PutItem(d.Context(), &dynamodb.PutItemInput{TableName: &name, Item: item}); err != nil {
			d.Fatal(err)
		}
	}
}

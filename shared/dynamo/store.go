package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/ratelimit"
)

// API is what a Store asks of DynamoDB. *dynamodb.Client is one; see NewClient.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Store keeps everything in one table. It may be used from any number of goroutines, and any number of processes may
// have one on the same table.
type Store struct {
	// Now tells Idempotent how old a create is, and Delete when it deletes. New sets it to time.Now.
	Now func() time.Time
	// Watch is told what becomes of requests. New sets it to nobody.
	Watch Watcher

	client API
	table  string
	stale  *lru.Cache[apikey.ID, []ratelimit.Window] // what this process's next spend of a key removes
}

// rememberedKeys is how many keys a process remembers stale windows of. Forgetting one costs nothing: the next
// reply shows them again.
const rememberedKeys = 4096

var _ apikey.Store = (*Store)(nil)

// New makes a store on that table, which must be as Table says.
func New(client API, table string) *Store {
	stale, err := lru.New[apikey.ID, []ratelimit.Window](rememberedKeys)
	if err != nil { // only for a size below 1
		panic(err)
	}
	return &Store{Now: time.Now, Watch: nobody{}, client: client, table: table, stale: stale}
}

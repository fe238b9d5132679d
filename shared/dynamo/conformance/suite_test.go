package conformance

import (
	"testing"
	"time"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/storetest"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

func TestStoreKeepsItsPromises(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) storetest.Database { return table(dynamotest.NewTable(t)) })
}

// table is a storetest.Database by its name.
type table string

func (d table) Open(t testing.TB, now func() time.Time) storetest.Store {
	return d.open(t, now, nil)
}

func (d table) OpenFaulty(t testing.TB, now func() time.Time, fate *storetest.Fate) storetest.Store {
	return d.open(t, now, func(call dynamotest.Call, send func() error) error {
		if !call.Write {
			return send()
		}
		return fate.Request(send)
	})
}

func (d table) open(t testing.TB, now func() time.Time, fault dynamotest.Fault) *dynamo.Store {
	store := dynamo.New(dynamotest.Wrap(t, dynamotest.NewClient(), fault), string(d))
	store.Now = now
	return store
}

func (d table) Activity(t testing.TB, organization org.ID) []audit.Entry {
	t.Helper()
	entries, err := dynamo.New(dynamotest.NewClient(), string(d)).Activity(t.Context(), organization, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

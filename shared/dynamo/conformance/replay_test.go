package conformance

import (
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
	"github.com/keyward/keyward/shared/replay/replaytest"
)

func TestAReplayGivesNobodyMore(t *testing.T) {
	t.Parallel()
	replaytest.Run(t, func(t testing.TB) apikey.Store { return dynamo.New(dynamotest.NewClient(), dynamotest.NewTable(t)) })
}

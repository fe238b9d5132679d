package replay_test

import (
	"path/filepath"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/replay/replaytest"
	"github.com/keyward/keyward/shared/sqlite"
)

func TestAReplayGivesNobodyMore(t *testing.T) {
	replaytest.Run(t, func(t testing.TB) apikey.Store {
		store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "keyward.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return store
	})
}

package house_test

import (
	"testing"

	"github.com/keyward/keyward/infra/acceptance"
	"github.com/keyward/keyward/infra/local/house/housetest"
)

// The house on SQLite keeps the whole contract.
func TestHouse_keepsTheContract(t *testing.T) {
	acceptance.Run(t, housetest.Open(t, housetest.SQLite(t)))
}

package authorize

import (
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/policy"
)

// rememberedRules bounds of how many keys a process remembers the rules. The longest there can be are some 25 KB.
const rememberedRules = 4_000

// Known is what a process has seen of keys whose secrets were shown to it. Nothing of it is believed: a spend names the
// rules, and its write checks that they still stand; whose standing a key needs only says what to read beside the
// spend, and the record that comes back says whether that was right.
type Known struct {
	rules *lru.Cache[apikey.ID, apikey.Rules]
	needs *lru.Cache[apikey.ID, need]
}

// NewKnown has seen no key yet.
func NewKnown() *Known {
	return &Known{newMemory[apikey.ID, apikey.Rules](rememberedRules), newMemory[apikey.ID, need](remembered)}
}

// rulesOf are the rules that the key had; the zero Rules where this process has seen none.
func (k *Known) rulesOf(id apikey.ID) apikey.Rules {
	rules, _ := k.rules.Get(id)
	return rules
}

func (k *Known) needOf(id apikey.ID) (need, bool) { return k.needs.Get(id) }

// note remembers whose standing record, which is whole, needs.
func (k *Known) note(record *apikey.Record, catalog *policy.Catalog) {
	if catalog.Depends(record) {
		k.needs.Add(record.ID, needOf(record))
		return
	}
	k.needs.Remove(record.ID)
}

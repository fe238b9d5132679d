package faults

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/dynamotest"
)

// item is an item of the table, as shared/dynamo/layout.go describes it.
type item map[string]types.AttributeValue

func (i item) text(name string) string {
	value, _ := i[name].(*types.AttributeValueMemberS)
	if value == nil {
		return ""
	}
	return value.Value
}

func (i item) number(name string) int64 {
	value, _ := i[name].(*types.AttributeValueMemberN)
	if value == nil {
		return 0
	}
	n, _ := strconv.ParseInt(value.Value, 10, 64)
	return n
}

func (i item) time(name string) time.Time {
	if i[name] == nil {
		return time.Time{}
	}
	return time.Unix(i.number(name), 0)
}

func (i item) has(name string) bool { return i[name] != nil }

// items are the whole table, by partition and sort key.
type items map[string]map[string]item

func (h *home) items() items {
	h.Helper()
	all := items{}
	in := &dynamodb.ScanInput{TableName: &h.table}
	for {
		out, err := dynamotest.NewClient().Scan(h.Context(), in)
		h.must(err)
		for _, found := range out.Items {
			i := item(found)
			if all[i.text("pk")] == nil {
				all[i.text("pk")] = map[string]item{}
			}
			all[i.text("pk")][i.text("sk")] = i
		}
		if out.LastEvaluatedKey == nil {
			return all
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

// wantOrder checks that every item of the table agrees with every other: each key's record, details, name, expiry and rules,
// the counters of its organization, what is known of its create, and that a member is found from both sides. Nothing is left
// of any change that was cut off.
func (h *home) wantOrder() {
	h.Helper()
	all := h.items()
	for _, pk := range slices.Sorted(maps.Keys(all)) {
		kind, id, _ := strings.Cut(pk, "#")
		switch kind {
		case "KEY":
			h.wantRecord(all, id)
		case "ORG":
			h.wantOrganization(all, id)
		case "IDEM":
			h.wantCreate(all, all[pk]["IDEM"])
		case "WHO":
			h.wantMemberships(all, pk)
		}
	}
}

// wantRecord checks a hot record, and the rules beside it.
func (h *home) wantRecord(all items, id string) {
	h.Helper()
	hot := all["KEY#"+id]["AUTH"]
	cold := all["ORG#"+hot.text("o")]["KEY#"+id]
	switch {
	case hot == nil || cold == nil:
		h.Errorf("key %s: record %v, details %v", id, hot, cold)
	case hot.has("p") || hot.has("due_pk"):
		h.Errorf("key %s: a change was left pending: %v", id, hot)
	case hot.number("v") != cold.number("applied"):
		h.Errorf("key %s: the record's version is %d, the details show %d", id, hot.number("v"), cold.number("applied"))
	case hot.has("r") != cold.has("revoked"):
		h.Errorf("key %s: revoked in the record %t, in the details %t", id, hot.has("r"), cold.has("revoked"))
	case !hot.time("x").Equal(cold.time("expires_at")):
		h.Errorf("key %s: expires at %v, its place is held until %v", id, hot.time("x"), cold.time("expires_at"))
	}
	for sort := range all["KEY#"+id] {
		if rules, kept := strings.CutPrefix(sort, "RULES#"); kept && (!hot.has("Z") || rules != hot.text("z")) {
			h.Errorf("key %s: rules are left that it does not have", id)
		}
	}
}

// wantOrganization checks that details, names, expiries and counters say the same.
func (h *home) wantOrganization(all items, organization string) {
	h.Helper()
	of := all["ORG#"+organization]
	names, expiries := map[string]string{}, map[string]bool{}
	live, total := int64(0), int64(0)
	for sort, i := range of {
		if hash, isMember := strings.CutPrefix(sort, "MEMBER#"); isMember && i.has("subject") && all["WHO#"+hash]["ORG#"+organization] == nil {
			h.Errorf("the member %s of %s is not found by who they are", i.text("subject"), organization)
		}
		id, isKey := strings.CutPrefix(sort, "KEY#")
		if !isKey {
			continue
		}
		if all["KEY#"+id]["AUTH"] == nil || i.has("intent") {
			h.Errorf("key %s: its record is %v, its intent %v", id, all["KEY#"+id]["AUTH"], i["intent"])
		}
		if !i.has("revoked") {
			total++
		}
		if !i.has("released") {
			live++
			names["NAME#"+apikey.FoldName(i.text("name"))] = id
			expiries["EXP#"+apikey.ExpiryPosition(i.time("expires_at"), apikey.ID(id))] = true
		}
	}
	h.wantHeld(of, names, expiries)
	if o := of["ORG"]; o.number("live_keys") != live || o.number("keys") != total {
		h.Errorf("organization %s counts %d live keys of %d, and has %d of %d", organization, o.number("live_keys"), o.number("keys"), live, total)
	}
}

// wantHeld checks that the names and expiries of an organization are exactly these.
func (h *home) wantHeld(of map[string]item, names map[string]string, expiries map[string]bool) {
	h.Helper()
	for name, id := range names {
		if held := of[name]; held.text("id") != id || held.has("claimed") {
			h.Errorf("the name %q of key %s is %v", name, id, held)
		}
	}
	for expiry := range expiries {
		if of[expiry] == nil {
			h.Errorf("there is no %s", expiry)
		}
	}
	for sort, i := range of {
		if strings.HasPrefix(sort, "NAME#") && names[sort] == "" {
			h.Errorf("the name %q is held by nobody: %v", sort, i)
		}
		if strings.HasPrefix(sort, "EXP#") && !expiries[sort] {
			h.Errorf("%s is no key's", sort)
		}
	}
}

// wantCreate checks what is known of an idempotent create: it made a key, and its sealed secret is there only while the key has
// it.
func (h *home) wantCreate(all items, create item) {
	h.Helper()
	hot := all["KEY#"+create.text("id")]["AUTH"]
	if hot == nil {
		h.Errorf("a create is known of key %q, which is not there", create.text("id"))
		return
	}
	if create.has("sealed") && (hot.has("r") || hot.text("h") != create.text("digest")) {
		h.Errorf("the secret that key %s no longer has is still sealed", create.text("id"))
	}
}

// wantMemberships checks that a person's organizations know them.
func (h *home) wantMemberships(all items, who string) {
	h.Helper()
	hash := strings.TrimPrefix(who, "WHO#")
	for sort := range all[who] {
		if strings.HasPrefix(sort, "ORG#") && all[sort]["MEMBER#"+hash] == nil {
			h.Errorf("%s is a member of %s, which does not know them", who, sort)
		}
	}
}

package dynamo

import (
	"encoding/json"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// The attributes of an activity. They also stand in a pending change (pending.go), which must stay small.
const (
	actID     = "id" // only inside a pending change: an activity's own item has it in its key
	actAt     = "at"
	actActor  = "by"
	actAction = "do"
	actFrom   = "ip"
	actTarget = "on" // absent: the key that the change is of
	actBefore = "was"
	actAfter  = "is"
)

// activityItem is what an entry says, without its key.
func activityItem(e audit.Entry) item {
	i := item{}
	i.setTime(actAt, e.At)
	i.setText(actActor, string(e.Actor))
	i.setText(actAction, string(e.Action))
	i.setText(actFrom, addressText(e.Address))
	i.setText(actTarget, e.Target)
	i.setText(actBefore, fieldsText(e.Before))
	i.setText(actAfter, fieldsText(e.After))
	return i
}

// fieldsText is fields as JSON, "" where there are none. Fields hold what JSON can say: they come from the contract.
func fieldsText(fields map[string]any) string {
	if len(fields) == 0 {
		return ""
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return ""
	}
	return string(text)
}

// putActivity writes an entry, given as activityItem, in the organization's log.
func (t *tx) putActivity(o org.ID, id, target string, activity item) {
	entry := item{}
	for name, value := range activity {
		entry[name] = value
	}
	delete(entry, actID)
	entry.setText(actTarget, target)
	t.put(activityKey(o, id), entry, unguarded)
}

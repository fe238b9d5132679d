package dynamo

import (
	"context"
	"encoding/json"
	"strings"

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

// Activity is the activity of an organization, the oldest entry first, starting behind the entry with that id ("" is the
// start), and up to limit entries. It sees every write that returned before the call.
func (s *Store) Activity(ctx context.Context, o org.ID, after string, limit int) ([]audit.Entry, error) {
	q := query{partition: orgPartition(o), from: prefixActivity, to: top(prefixActivity), limit: limit}
	if after != "" {
		q.after = activityKey(o, after).sk
	}
	items, _, err := s.query(ctx, "reading activity", q)
	if err != nil {
		return nil, err
	}
	entries := make([]audit.Entry, len(items))
	for n, i := range items {
		entries[n] = entryOf(i)
	}
	return entries, nil
}

func entryOf(i item) audit.Entry {
	return audit.Entry{
		ID:      strings.TrimPrefix(keyOf(i).sk, prefixActivity),
		At:      i.time(actAt),
		Actor:   audit.Actor(i.text(actActor)),
		Action:  audit.Action(i.text(actAction)),
		Target:  i.text(actTarget),
		Address: addressOf(i.text(actFrom)),
		Before:  fieldsOf(i.text(actBefore)),
		After:   fieldsOf(i.text(actAfter)),
	}
}

func fieldsOf(text string) map[string]any {
	var fields map[string]any
	_ = json.Unmarshal([]byte(text), &fields) // "" is no fields
	return fields
}

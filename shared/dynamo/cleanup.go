package dynamo

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
)

// Due implements apikey.Cleaner. It asks the index, which may be a moment behind: what it misses is listed next time.
func (s *Store) Due(ctx context.Context, request apikey.DueRequest) ([]apikey.DueKey, error) {
	untils := map[string]string{
		whyPending: top(""),
		whyDue:     dueTime(request.Now.Add(time.Second)),
	}
	if !request.EndedBefore.IsZero() {
		untils[whyEnded] = dueTime(request.EndedBefore)
	}
	var found []string
	for why, until := range untils {
		due, err := s.dueFor(ctx, "listing what is due", why, until, request.Limit)
		if err != nil {
			return nil, err
		}
		found = append(found, due...)
	}
	return longestDue(found, request.Limit), nil
}

// dueFor gives up to limit sort keys of each bucket of the index, those for that reason that lie before until.
func (s *Store) dueFor(ctx context.Context, doing, why, until string, limit int) ([]string, error) {
	var found []string
	for bucket := range dueBuckets {
		q := query{index: indexDue, partition: duePartition(why, bucket), from: " ", to: until, limit: max(limit, 1)}
		items, _, err := s.query(ctx, doing, q)
		if err != nil {
			return nil, err
		}
		for _, i := range items {
			found = append(found, i.text(attrDueSK))
		}
	}
	return found, nil
}

// longestDue reads sort keys of the index, each key once, the longest due first.
func longestDue(sorts []string, limit int) []apikey.DueKey {
	slices.Sort(sorts)
	var keys []apikey.DueKey
	seen := map[apikey.DueKey]bool{}
	for _, sort := range sorts {
		if k, ok := dueKeyOf(sort); ok && !seen[k] && len(keys) < limit {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}

// Settle implements apikey.Cleaner.
func (s *Store) Settle(ctx context.Context, k apikey.DueKey, now time.Time) (expired bool, err error) {
	for round := range rounds {
		st, err := s.settled(ctx, k.Organization, k.ID)
		if err != nil || st == nil || !st.expiredUnreleased(now) {
			return false, err
		}
		marked, err := s.release(ctx, st, now)
		if !errors.Is(err, errAgain) {
			return marked, err
		}
		if err := pause(ctx, round); err != nil {
			return false, s.giveUp("settling a key", err)
		}
	}
	return false, s.giveUp("settling a key", errRounds)
}

// Delete implements apikey.Cleaner. The record is put into the index before the details leave it, so that a deletion
// that is cut off is found again; the record goes last.
func (s *Store) Delete(ctx context.Context, k apikey.DueKey, endedBefore time.Time) (bool, error) {
	if _, err := s.Settle(ctx, k, endedBefore); err != nil {
		return false, err
	}
	st, err := s.settled(ctx, k.Organization, k.ID)
	if err != nil || st == nil {
		return false, err
	}
	if end := endOf(st.record); end.IsZero() || !end.Before(endedBefore) {
		return false, nil
	}
	if st.details != nil {
		if err := s.deleteDetails(ctx, st, endedBefore); err != nil {
			return false, settledElsewhere(err)
		}
	}
	return s.deleteRecord(ctx, k.ID, st.record)
}

// settledElsewhere takes it as no error that somebody else is deleting the same key.
func settledElsewhere(err error) error {
	if errors.Is(err, errAgain) {
		return nil
	}
	return err
}

// deleteDetails removes every cold item of the key that is left, and writes the activity.
func (s *Store) deleteDetails(ctx context.Context, st *state, endedBefore time.Time) error {
	d := st.details
	place := dueAt(whyPending, endedBefore, d.organization, d.id)
	mark := newUpdate().set(attrDuePK, text(place.pk)).set(attrDueSK, text(place.sk)).
		whereEqual(hotVersion, number(st.record.Version)).whereAbsent(hotPending)
	_, met, err := s.update(ctx, "marking a key for deletion", authKey(d.id), mark)
	if err == nil && !met {
		err = errAgain
	}
	if err != nil {
		return err
	}
	if err := s.forgetCreate(ctx, d); err != nil {
		return err
	}
	t := s.newTx(d.organization)
	t.move(d, nil)
	entry := audit.NewEntry(s.Now(), audit.System, audit.KeyDeleted, d.id.String(), netip.Addr{})
	t.putActivity(d.organization, entry.ID, entry.Target, activityItem(entry))
	return stepped(s.commit(ctx, "deleting a key", entry.ID, t))
}

// deleteRecord removes the record where it is still what it was. It reports whether it was this call that did it.
func (s *Store) deleteRecord(ctx context.Context, id apikey.ID, record *apikey.Record) (bool, error) {
	u := newUpdate().whereEqual(hotVersion, number(record.Version)).whereAbsent(hotPending)
	return s.delete(ctx, "deleting a key's record", authKey(id), u)
}

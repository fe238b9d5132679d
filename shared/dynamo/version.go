package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

// Members, roles and settings of an organization each have a number that grows with every change of them, and every
// change is one transaction, made only while that number is the one that the change was worked out on.

// advance counts a change of what attribute counts the changes of, where there were n before it. What was never changed
// may have no such attribute, or no item at all.
func (u *update) advance(attribute string, n int64) *update {
	if n == 0 {
		u.whereAbsent(attribute)
	} else {
		u.whereEqual(attribute, number(n))
	}
	return u.set(attribute, number(n+1))
}

// rewrite gives those attributes the values that i has, and removes those that it does not have.
func (u *update) rewrite(attributes []string, i item) *update {
	for _, name := range attributes {
		if value, ok := i[name]; ok {
			u.set(name, value)
		} else {
			u.remove(name)
		}
	}
	return u
}

// founded wants the organization to be there before its members or roles change for the first time. After that their
// version says so: no organization is ever removed.
func (s *Store) founded(ctx context.Context, id org.ID, version int64) error {
	if version > 0 {
		return nil
	}
	_, err := s.Organization(ctx, id)
	return err
}

// note writes activity, where there is one.
func (t *tx) note(activity *audit.Entry) {
	if activity != nil {
		t.putActivity(t.organization, activity.ID, activity.Target, activityItem(*activity))
	}
}

// versionToken names a change of that kind, worked out on that version, for DynamoDB. It has at most 36 characters.
func versionToken(activity *audit.Entry, kind string, version int64) string {
	id := rand.Text()[:26]
	if activity != nil {
		id = activity.ID
	}
	return id + "-" + kind + strconv.FormatInt(version, 36)
}

// movedIf turns a refusal into org.ErrMoved.
func movedIf(err error) error {
	if _, ok := errors.AsType[refused](err); ok {
		return org.ErrMoved
	}
	return err
}

package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/keyward/keyward/shared/org"
)

// roster reads version and members in one statement, and so as they were at one time. An organization without members has
// one row, without a member.
const roster = `SELECT o.roster_version, m.person, ` + memberColumns + `
	FROM organizations AS o LEFT JOIN members AS m ON m.organization = o.id WHERE o.id = ?
	ORDER BY m.joined_at = 0, m.joined_at, m.invited_at, m.person`

// Roster implements org.Store.
func (s *Store) Roster(ctx context.Context, id org.ID) (org.Roster, error) {
	rows, err := all(ctx, s.reads, roster, string(id))
	if err != nil {
		return org.Roster{}, told(err, "reading the members of %s", id)
	}
	var found org.Roster
	for _, row := range rows {
		found.Version = row.number()
		if row.text() != "" {
			found.Members = append(found.Members, row.member())
		}
	}
	return found, nil
}

// ChangeMember implements org.Store.
func (s *Store) ChangeMember(ctx context.Context, change org.MemberChange) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := founded(ctx, tx, change.Organization); err != nil {
			return err
		}
		if err := changeMember(ctx, tx, change); err != nil {
			return err
		}
		return insertActivity(ctx, tx, change.Organization, change.Activity)
	})
	if err != nil {
		return told(err, "changing a member of %s", change.Organization)
	}
	return nil
}

func changeMember(ctx context.Context, tx *sql.Tx, change org.MemberChange) error {
	stands, err := execute(ctx, tx, `UPDATE organizations SET roster_version = roster_version + 1
		WHERE id = ? AND roster_version = ?`, string(change.Organization), change.Version)
	if err == nil && !stands {
		err = org.ErrMoved
	}
	if err != nil {
		return err
	}
	var seen time.Time
	if change.Before != nil {
		if seen, err = deleteMember(ctx, tx, change.Organization, *change.Before); err != nil {
			return err
		}
	}
	if change.After == nil {
		return nil
	}
	after := *change.After
	if seen.After(after.LastSeenAt) { // who is seen moves no roster
		after.LastSeenAt = seen
	}
	fresh, err := insertMember(ctx, tx, change.Organization, after)
	if err == nil && !fresh {
		err = org.ErrMoved
	}
	return err
}

// deleteMember removes a member, and gives when they were last seen.
func deleteMember(ctx context.Context, tx *sql.Tx, organization org.ID, m org.Member) (time.Time, error) {
	row, err := one(ctx, tx, `DELETE FROM members WHERE organization = ? AND person = ? RETURNING last_seen_at`,
		string(organization), m.Hash())
	if err != nil {
		return time.Time{}, err
	}
	if row == nil {
		return time.Time{}, org.ErrMoved
	}
	return row.time(), nil
}

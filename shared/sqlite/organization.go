package sqlite

import (
	"context"
	"database/sql"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// Found implements org.Store.
func (s *Store) Found(ctx context.Context, organization org.Organization, first org.Member, activity audit.Entry) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		founded, err := insertOrganization(ctx, tx, organization)
		if err != nil || !founded {
			return err
		}
		if _, err := insertMember(ctx, tx, organization.ID, first); err != nil {
			return err
		}
		return insertActivity(ctx, tx, organization.ID, activity)
	})
	if err != nil {
		return told(err, "founding %s", organization.ID)
	}
	return nil
}

// organizationColumns are the columns that row.organization reads.
const organizationColumns = `id, live_keys, keys, created_at, cursor_key, ` + settingColumns + `, revision`

func (r *row) organization() org.Organization {
	return org.Organization{
		ID:             org.ID(r.text()),
		LiveKeys:       r.number(),
		Keys:           r.number(),
		CreatedAt:      r.time(),
		CursorKey:      r.bytes(),
		Name:           r.text(),
		Tier:           r.text(),
		MaxTier:        r.text(),
		KeyLimit:       r.number(),
		LockedKeys:     r.truth(),
		ImmutableNames: r.truth(),
		Following:      r.truth(),
		FollowedTo:     r.text(),
		Revision:       r.number(),
	}
}

// settingColumns are the columns of an organization that a change may change.
const settingColumns = `name, tier, max_tier, key_limit, locked_keys, immutable_names, following, followed_to`

// settings are the values of settingColumns.
func settings(o org.Organization) []any {
	return []any{
		o.Name, o.Tier, o.MaxTier, o.KeyLimit,
		truthOf(o.LockedKeys), truthOf(o.ImmutableNames), truthOf(o.Following), o.FollowedTo,
	}
}

func insertOrganization(ctx context.Context, tx *sql.Tx, o org.Organization) (bool, error) {
	columns := append([]any{string(o.ID), o.LiveKeys, o.Keys, secondsOf(o.CreatedAt), o.CursorKey}, settings(o)...)
	columns = append(columns, o.Revision)
	return execute(ctx, tx, `INSERT INTO organizations (`+organizationColumns+`) VALUES `+places(len(columns))+`
		ON CONFLICT DO NOTHING`, columns...)
}

// Organization implements org.Store.
func (s *Store) Organization(ctx context.Context, id org.ID) (org.Organization, error) {
	organization, err := organizationOf(ctx, s.reads, id)
	if err != nil {
		return org.Organization{}, told(err, "reading %s", id)
	}
	return organization, nil
}

func organizationOf(ctx context.Context, from querier, id org.ID) (org.Organization, error) {
	row, err := one(ctx, from, `SELECT `+organizationColumns+` FROM organizations WHERE id = ?`, string(id))
	if err != nil {
		return org.Organization{}, err
	}
	if row == nil {
		return org.Organization{}, fault.New(fault.ThingNotFound, "There is no such organization.")
	}
	return row.organization(), nil
}

// founded wants an organization to be there.
func founded(ctx context.Context, tx *sql.Tx, id org.ID) error {
	_, err := organizationOf(ctx, tx, id)
	return err
}

// ChangeOrganization implements org.Store.
func (s *Store) ChangeOrganization(ctx context.Context, before, after org.Organization, activity *audit.Entry) (org.Organization, error) {
	var stored org.Organization
	err := s.write(ctx, func(tx *sql.Tx) (err error) {
		if err := founded(ctx, tx, before.ID); err != nil {
			return err
		}
		if stored, err = updateOrganization(ctx, tx, before, after); err != nil || activity == nil {
			return err
		}
		return insertActivity(ctx, tx, before.ID, *activity)
	})
	if err != nil {
		return org.Organization{}, told(err, "changing %s", before.ID)
	}
	return stored, nil
}

func updateOrganization(ctx context.Context, tx *sql.Tx, before, after org.Organization) (org.Organization, error) {
	columns := settings(after)
	row, err := one(ctx, tx, `UPDATE organizations SET (`+settingColumns+`) = `+places(len(columns))+`, revision = revision + 1
		WHERE id = ? AND revision = ? RETURNING `+organizationColumns, append(columns, string(before.ID), before.Revision)...)
	if err != nil {
		return org.Organization{}, err
	}
	if row == nil {
		return org.Organization{}, org.ErrMoved
	}
	return row.organization(), nil
}

// following lists organizations that are in an index of a few.
const following = `SELECT id FROM organizations WHERE following = 1 ORDER BY id LIMIT ?`

// Following implements org.Store.
func (s *Store) Following(ctx context.Context, limit int) ([]org.ID, error) {
	rows, err := all(ctx, s.reads, following, limit)
	if err != nil {
		return nil, told(err, "listing organizations whose keys have still to follow their tier")
	}
	var ids []org.ID
	for _, row := range rows {
		ids = append(ids, org.ID(row.text()))
	}
	return ids, nil
}

// count changes how many keys an organization has: those that hold a place, and all but the revoked ones.
func count(ctx context.Context, tx *sql.Tx, id org.ID, live, keys int) error {
	_, err := execute(ctx, tx, `UPDATE organizations SET live_keys = live_keys + ?, keys = keys + ? WHERE id = ?`,
		live, keys, string(id))
	return err
}

package sqlite

import (
	"context"
	"database/sql"

	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// Memberships implements org.Store.
func (s *Store) Memberships(ctx context.Context, person org.Identity) ([]org.Member, error) {
	rows, err := all(ctx, s.reads, `SELECT issuer, subject, organization, email, roles, status, joined_at
		FROM members WHERE person = ? ORDER BY joined_at, organization`, person.Hash())
	if err != nil {
		return nil, told(err, "reading memberships")
	}
	var members []org.Member
	for _, row := range rows {
		members = append(members, org.Member{
			Identity:     org.Identity{Issuer: row.text(), Subject: row.text()},
			Organization: org.ID(row.text()),
			Email:        row.text(),
			Roles:        row.list(),
			Status:       org.MemberStatus(row.text()),
			JoinedAt:     row.time(),
		})
	}
	return members, nil
}

// Found implements org.Store.
func (s *Store) Found(ctx context.Context, organization org.Organization, first org.Member, activity audit.Entry) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		founded, err := insertOrganization(ctx, tx, organization)
		if err != nil || !founded {
			return err
		}
		if err := insertMember(ctx, tx, first); err != nil {
			return err
		}
		return insertActivity(ctx, tx, organization.ID, activity)
	})
	if err != nil {
		return told(err, "founding %s", organization.ID)
	}
	return nil
}

func insertOrganization(ctx context.Context, tx *sql.Tx, o org.Organization) (bool, error) {
	return execute(ctx, tx, `INSERT INTO organizations VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING`,
		string(o.ID), o.Name, o.Tier, o.MaxTier, o.KeyLimit, o.LiveKeys, o.Keys, secondsOf(o.CreatedAt), o.CursorKey)
}

func insertMember(ctx context.Context, tx *sql.Tx, m org.Member) error {
	_, err := execute(ctx, tx, `INSERT INTO members VALUES (?,?,?,?,?,?,?,?)`,
		m.Identity.Hash(), string(m.Organization), m.Issuer, m.Subject, m.Email, linesOf(m.Roles), string(m.Status),
		secondsOf(m.JoinedAt))
	return err
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
	row, err := one(ctx, from, `SELECT id, name, tier, max_tier, key_limit, live_keys, keys, created_at, cursor_key
		FROM organizations WHERE id = ?`, string(id))
	if err != nil {
		return org.Organization{}, err
	}
	if row == nil {
		return org.Organization{}, fault.New(fault.ThingNotFound, "There is no such organization.")
	}
	return org.Organization{
		ID:        org.ID(row.text()),
		Name:      row.text(),
		Tier:      row.text(),
		MaxTier:   row.text(),
		KeyLimit:  row.number(),
		LiveKeys:  row.number(),
		Keys:      row.number(),
		CreatedAt: row.time(),
		CursorKey: row.bytes(),
	}, nil
}

// count changes how many keys an organization has: those that hold a place, and all but the revoked ones.
func count(ctx context.Context, tx *sql.Tx, id org.ID, live, keys int) error {
	_, err := execute(ctx, tx, `UPDATE organizations SET live_keys = live_keys + ?, keys = keys + ? WHERE id = ?`,
		live, keys, string(id))
	return err
}

package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// memberColumns are the columns that row.member reads.
const memberColumns = `m.organization, m.issuer, m.subject, m.email, m.roles, m.status, m.invited_at, m.joined_at, m.last_seen_at`

func (r *row) member() org.Member {
	return org.Member{
		Organization: org.ID(r.text()),
		Identity:     org.Identity{Issuer: r.text(), Subject: r.text()},
		Email:        r.text(),
		Roles:        r.list(),
		Status:       org.MemberStatus(r.text()),
		InvitedAt:    r.time(),
		JoinedAt:     r.time(),
		LastSeenAt:   r.time(),
	}
}

// members reads memberColumns of every row.
func members(rows []*row) []org.Member {
	var members []org.Member
	for _, row := range rows {
		members = append(members, row.member())
	}
	return members
}

// insertMember adds a member. It reports false, and does nothing, where the organization has one of that Member.Hash.
func insertMember(ctx context.Context, tx *sql.Tx, organization org.ID, m org.Member) (bool, error) {
	return execute(ctx, tx, `INSERT INTO members (person, organization, issuer, subject, email, roles, status,
		invited_at, joined_at, last_seen_at) VALUES `+places(10)+` ON CONFLICT DO NOTHING`,
		m.Hash(), string(organization), m.Issuer, m.Subject, m.Email, linesOf(m.Roles), string(m.Status),
		secondsOf(m.InvitedAt), secondsOf(m.JoinedAt), secondsOf(m.LastSeenAt))
}

// Memberships implements org.Store.
func (s *Store) Memberships(ctx context.Context, person org.Identity) ([]org.Member, error) {
	rows, err := all(ctx, s.reads, `SELECT `+memberColumns+` FROM members AS m WHERE m.person = ?
		ORDER BY m.joined_at = 0, m.joined_at, m.invited_at, m.organization`, person.Hash())
	if err != nil {
		return nil, told(err, "reading memberships")
	}
	return members(rows), nil
}

// Invitations implements org.Store.
func (s *Store) Invitations(ctx context.Context, address string) ([]org.Member, error) {
	rows, err := all(ctx, s.reads, `SELECT `+memberColumns+` FROM members AS m WHERE m.person = ? AND m.status = ?
		ORDER BY m.invited_at, m.organization`, org.MailHash(address), string(org.MemberPending))
	if err != nil {
		return nil, told(err, "reading invitations")
	}
	return members(rows), nil
}

// Member implements org.Store.
func (s *Store) Member(ctx context.Context, id org.ID, hash string) (org.Member, error) {
	row, err := one(ctx, s.reads, memberQuery, string(id), hash)
	if err != nil {
		return org.Member{}, told(err, "reading a member of %s", id)
	}
	if row == nil {
		return org.Member{}, fault.New(fault.MemberNotFound, "There is no such member in your organization.")
	}
	return row.member(), nil
}

const memberQuery = `SELECT ` + memberColumns + ` FROM members AS m WHERE m.organization = ? AND m.person = ?`

// Seen implements org.Store. It is no change of the roster, and never takes back a later sight.
func (s *Store) Seen(ctx context.Context, id org.ID, person org.Identity, at time.Time) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		_, err := execute(ctx, tx, `UPDATE members SET last_seen_at = ? WHERE organization = ? AND person = ? AND last_seen_at < ?`,
			secondsOf(at), string(id), person.Hash(), secondsOf(at))
		return err
	})
	if err != nil {
		return told(err, "noting when a member of %s was seen", id)
	}
	return nil
}

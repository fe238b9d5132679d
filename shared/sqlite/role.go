package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/org"
)

// role is an org.Role as the file has it.
type role struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Permissions []string `json:"permissions"`
	Leaving     bool     `json:"leaving,omitempty"`
}

const rolesQuery = `SELECT version, list FROM roles WHERE organization = ?`

// roles reads the columns of rolesQuery.
func (r *row) roles() (org.Roles, error) {
	roles := org.Roles{Version: r.number()}
	var stored []role
	r.json(&stored)
	for _, role := range stored {
		roles.List = append(roles.List, org.Role(role))
	}
	if r.err != nil {
		return org.Roles{}, fmt.Errorf("reading an organization's own roles: %w", r.err)
	}
	return roles, nil
}

// rolesOf writes roles in the order of their names.
func rolesOf(roles []org.Role) string {
	stored := []role{}
	for _, r := range roles {
		stored = append(stored, role(r))
	}
	slices.SortFunc(stored, func(a, b role) int { return strings.Compare(a.Name, b.Name) })
	return jsonOf(stored)
}

// Roles implements org.Store.
func (s *Store) Roles(ctx context.Context, id org.ID) (org.Roles, error) {
	row, err := one(ctx, s.reads, rolesQuery, string(id))
	if err == nil && row == nil {
		return org.Roles{}, nil
	}
	var roles org.Roles
	if err == nil {
		roles, err = row.roles()
	}
	if err != nil {
		return org.Roles{}, told(err, "reading the roles of %s", id)
	}
	return roles, nil
}

// ChangeRoles implements org.Store.
func (s *Store) ChangeRoles(ctx context.Context, change org.RolesChange) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := founded(ctx, tx, change.Organization); err != nil {
			return err
		}
		if err := changeRoles(ctx, tx, change); err != nil || change.Activity == nil {
			return err
		}
		return insertActivity(ctx, tx, change.Organization, *change.Activity)
	})
	if err != nil {
		return told(err, "changing the roles of %s", change.Organization)
	}
	return nil
}

// changeRoles replaces the roles of that version; version 0 is an organization that never had any.
func changeRoles(ctx context.Context, tx *sql.Tx, change org.RolesChange) error {
	statement := `UPDATE roles SET list = ?, version = version + 1 WHERE organization = ? AND version = ?`
	if change.Version == 0 {
		statement = `INSERT INTO roles (list, organization, version) VALUES (?, ?, ? + 1) ON CONFLICT DO NOTHING`
	}
	stands, err := execute(ctx, tx, statement, rolesOf(change.After), string(change.Organization), change.Version)
	if err == nil && !stands {
		return org.ErrMoved
	}
	return err
}

package team

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
	"github.com/keyward/keyward/shared/org"
)

// maxUsers is how many users of a role are named to whoever wants to delete it.
const maxUsers = 10

// usersOf are the members and the live keys that have the role, up to maxUsers of them. Whoever has had it since before
// the call, and keeps it, is among them: keys are read in the order of their ids, which no change of a key moves.
func (s *Service) usersOf(ctx context.Context, id org.ID, name string) ([]string, error) {
	roster, err := s.stillRoster(ctx, id)
	if err != nil {
		return nil, err
	}
	var users []string
	for _, member := range roster.Members {
		if slices.Contains(member.Roles, name) && len(users) < maxUsers {
			users = append(users, "member "+member.ID())
		}
	}
	for after := ""; len(users) < maxUsers; {
		page, next, err := s.Keys.Page(ctx, apikey.PageRequest{Organization: id, Order: apikey.NewestFirst, After: after, Limit: keys.MaxPage})
		if err != nil {
			return nil, err
		}
		for _, key := range page {
			if slices.Contains(key.Roles, name) && key.LiveAt(s.now()) && len(users) < maxUsers {
				users = append(users, fmt.Sprintf("key %s (%s)", key.ID, key.Name))
			}
		}
		if after = next; next == "" {
			break
		}
	}
	return users, nil
}

// stillRoster is all members as they were at one time. A store may read the version before it reads the members one by
// one, and so miss who moves meanwhile; but where the next reading begins with the same version, nobody has moved.
func (s *Service) stillRoster(ctx context.Context, id org.ID) (still org.Roster, err error) {
	err = repeatedly(ctx, "reading the members of an organization", func() error {
		if still, err = s.Organizations.Roster(ctx, id); err != nil {
			return err
		}
		next, err := s.Organizations.Roster(ctx, id)
		if err == nil && next.Version != still.Version {
			err = org.ErrMoved
		}
		return err
	})
	return still, err
}

func roleInUse(name string, users []string) error {
	return fault.New(fault.RoleInUse, "The role %s is in use by %s. Take it away from them first.", name, strings.Join(users, ", "))
}

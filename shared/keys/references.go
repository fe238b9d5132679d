package keys

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
)

// owner is whose key a new one is. A key that makes another gives it its own owner.
func (e editing) owner(ctx context.Context, asked string) (string, error) {
	creator := e.principal.Identity.Subject
	if e.principal.IsKey() {
		creator = e.principal.Record.Owner
	}
	switch {
	case asked == "" || asked == creator:
		return creator, nil
	case e.principal.IsKey():
		return "", errExceeds("its owner is %s, and so is that of every key that it makes", creator)
	}
	_, found, err := e.activeMember(ctx, asked)
	if err == nil && !found {
		err = fault.InvalidField("owner", "owner must be the subject of an active member of the organization, not %q.", asked)
	}
	return asked, err
}

// ownerHash names the owner whose permissions a key is to inherit: an active member.
func (e editing) ownerHash(ctx context.Context, owner string) (string, error) {
	caller := e.principal.Caller
	if owner == caller.Identity.Subject && !caller.Operator { // whom the authorizer has just seen active
		return caller.Identity.Hash(), nil
	}
	member, found, err := e.activeMember(ctx, owner)
	if err == nil && !found {
		err = fault.InvalidField("inherit", "The key can't inherit: its owner, %q, is not an active member of the organization.", owner)
	}
	if err != nil {
		return "", err
	}
	return member.Identity.Hash(), nil
}

func (e editing) activeMember(ctx context.Context, subject string) (org.Member, bool, error) {
	roster, err := e.Organizations.Roster(ctx, e.organization.ID)
	if err != nil {
		return org.Member{}, false, err
	}
	member, found := roster.Member(subject)
	return member, found && member.Subject == subject && member.Status == org.MemberActive, nil
}

// editSuccessor names the key that takes this one's place: one that the caller sees and that is not revoked.
func (e editing) editSuccessor(ctx context.Context, key *apikey.Key, asked Optional[string]) error {
	if !asked.Set {
		return nil
	}
	if asked.Null {
		key.Successor = ""
		return nil
	}
	id, formed := apikey.ParseID(asked.Value)
	switch {
	case formed && id == key.Successor:
		return nil
	case !formed || id == key.ID:
		return errSuccessor(asked.Value)
	}
	successor, err := see(ctx, e.Store, e.organization.ID, sightOf(e.principal), id)
	if errors.Is(err, fault.KeyNotFound) || err == nil && !successor.RevokedAt.IsZero() {
		return errSuccessor(asked.Value)
	}
	key.Successor = id
	return err
}

func errSuccessor(asked string) error {
	return fault.InvalidField("successor", "successor must be the key_id of another key of your organization that is not revoked, or null for none, not %q.", asked)
}

package changelog

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

func lineOf(organization org.ID, entry audit.Entry) Line {
	return Line{
		Version: Version, ID: entry.ID, At: entry.At, Action: entry.Action, Actor: unnamed(entry.Actor), Organization: organization,
	}
}

// unnamed is the actor without a member's subject, which may be an address of e-mail: 32 hex digits of its SHA-256 instead.
func unnamed(actor audit.Actor) audit.Actor {
	subject, member := strings.CutPrefix(string(actor), string(audit.MemberActor("")))
	if !member {
		return actor
	}
	digest := sha256.Sum256([]byte(subject))
	return audit.MemberActor(hex.EncodeToString(digest[:16]))
}

func keyLine(before, after *apikey.Key, entry audit.Entry) Line {
	line := lineOf(after.Organization, entry)
	line.KeyID = after.ID.String()
	line.Key = keyOf(&after.Record)
	line.Key.NewSecret = before != nil && before.Digest != after.Digest
	return line
}

func keyOf(r *apikey.Record) *Key {
	return &Key{
		Disabled: r.Disabled, RevokedAt: r.RevokedAt, ExpiresAt: r.ExpiresAt, GraceUntil: r.GraceUntil,
		Inherits: r.Inherits, Roles: r.Roles, Permissions: r.Permissions,
		Services: r.Scope.Services, Customers: r.Scope.Customers, Accounts: r.Scope.Accounts,
		Allow: r.Networks.Allow, Deny: r.Networks.Deny,
		Tier: r.Tier, TierInherited: r.TierInherited, OwnLimit: r.OwnLimit,
		PerMinute: r.Limits.PerMinute, PerDay: r.Limits.PerDay, PerMonth: r.Limits.PerMonth,
	}
}

func memberLine(change org.MemberChange) Line {
	line := lineOf(change.Organization, change.Activity)
	person := change.After
	if person == nil {
		person = change.Before
	}
	line.Member = &Member{Hash: person.Hash(), Removed: change.After == nil}
	if person.Email != "" {
		line.Member.Mail = org.MailHash(person.Email)
	}
	if change.Before != nil && change.Before.Hash() != person.Hash() {
		line.Member.Before = change.Before.Hash()
	}
	if change.After != nil {
		line.Member.Status, line.Member.Roles = change.After.Status, change.After.Roles
	}
	return line
}

// roleLine is the line about the role that the activity names.
func roleLine(change org.RolesChange) Line {
	line := lineOf(change.Organization, *change.Activity)
	line.Role = &Role{Name: strings.TrimPrefix(change.Activity.Target, "role:")}
	at := slices.IndexFunc(change.After, func(role org.Role) bool { return role.Name == line.Role.Name })
	if line.Role.Removed = at < 0; at >= 0 {
		line.Role.Permissions = change.After[at].Permissions
	}
	return line
}

func accountLine(o org.Organization, entry audit.Entry) Line {
	line := lineOf(o.ID, entry)
	line.Account = &Account{
		Tier: o.Tier, MaxTier: o.MaxTier, KeyLimit: o.KeyLimit, LockedKeys: o.LockedKeys, ImmutableNames: o.ImmutableNames,
	}
	return line
}

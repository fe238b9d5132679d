package storetest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/audit"
	"github.com/keyward/keyward/shared/org"
)

var cuttingOff = guarantees{
	"a change of rules cut off at any request leaves the old or the new, whole":       rulesCutOff,
	"a create with rules kept apart, cut off at any request, leaves all or nothing":   bulkyCutOff,
	"a deletion of rules kept apart, cut off at any request, is finished by the next": bulkyDeleteCutOff,
	"a regeneration cut off at any request leaves one secret or the other":            regenerateCutOff,
	"a change of an organization cut off at any request leaves all or nothing":        settingsCutOff,
	"an acceptance cut off at any request leaves an invitation or a member":           acceptCutOff,
	"a membership or its removal cut off at any request leaves all or nothing":        memberCutOff,
	"a change of roles cut off at any request leaves the old or the new":              rolesCutOff,
}

func rulesCutOff(f *fixture) {
	for _, edits := range [][2]func(*apikey.Key){{bulky('a'), bulky('b')}, {slim, bulky('b')}, {bulky('a'), slim}} {
		f.cutOff(func(faulty Store) {
			f.org = f.found(roomy)
			key := f.create(edits[0])
			c := change(key, noon, edits[1])
			_, err := faulty.Change(f.Context(), c)
			stored := f.finish(key)
			f.wantWhole(stored)
			f.wantSpent(spendOf(stored, noon))
			old, changed := stored.Rules().Equal(key.Rules()), stored.Rules().Equal(c.After.Rules())
			if old == changed || err == nil && old {
				f.Errorf("error = %v, rules of before: %v, rules of after: %v", err, old, changed)
			}
			if changed && key.RulesID != "" {
				f.wantRules(key.ID, key.RulesID, nil)
			}
		})
	}
}

func bulkyCutOff(f *fixture) {
	f.cutOff(func(faulty Store) {
		key := f.newKey(bulky('a'))
		err := faulty.Create(f.Context(), creation(key, noon))
		record, readErr := f.Read(f.Context(), key.ID)
		f.must(readErr)
		if record != nil {
			f.wantSame(f.stored(key), key)
			f.wantSpent(spendOf(key, noon))
			return
		}
		if err == nil {
			f.Error("the create succeeded, and there is no key")
		}
		f.wantAbsent(key)
		f.wantRules(key.ID, key.RulesID, nil)
	})
}

func bulkyDeleteCutOff(f *fixture) {
	f.cutOff(func(faulty Store) {
		key := f.create(bulky('a'), expiring(noon))
		later := noon.Add(time.Second)
		_, _ = faulty.Delete(f.Context(), dueOf(key), later)
		_, err := f.Delete(f.Context(), dueOf(key), later)
		f.must(err)
		f.wantAbsent(key)
		f.wantRules(key.ID, key.RulesID, nil)
	})
}

func regenerateCutOff(f *fixture) {
	f.cutOff(func(faulty Store) {
		key, once := f.createOnce()
		_, err := faulty.Change(f.Context(), change(key, noon, regenerated("k1.new", time.Time{})))
		if err == nil {
			f.wantRefused(spendOf(key, noon))
		}
		f.finish(key)
		old, renewed := f.spend(spendOf(key, noon)).Spent, f.spend(with(key, noon, "k1.new")).Spent
		if old == renewed || err == nil && old {
			f.Errorf("error = %v, admitted: the old secret %v, the new one %v", err, old, renewed)
		}
		if renewed {
			once.Sealed = nil
			f.wantIdempotent(once.ID, once)
			f.wantActivity(audit.KeyUpdated, key.ID, 1)
		}
	})
}

func settingsCutOff(f *fixture) {
	f.cutOff(func(faulty Store) {
		f.org = f.found(roomy)
		cut := *f
		cut.Store = faulty
		before := f.organization()
		stored, err := cut.setOn(before, everySetting)
		after := f.organization()
		if err == nil {
			f.wantSame(after, stored)
		}
		want := before
		if after.Revision != before.Revision {
			everySetting(&want)
			want.Revision = after.Revision
			f.wantActivities(audit.OrganizationUpdated, 1)
		} else {
			f.wantActivities(audit.OrganizationUpdated, 0)
		}
		f.wantSame(after, want)
	})
}

func acceptCutOff(f *fixture) {
	f.cutOff(func(faulty Store) {
		f.org = f.found(roomy)
		invitation := f.add(invited("ann@example.com"))
		member := accepting(invitation)
		err := faulty.ChangeMember(f.Context(), f.memberChange(&invitation, &member))
		if f.memberChanged(err) {
			f.wantMember(member)
			f.wantNoMember(invitation)
			f.wantInvitations("ann@example.com")
		} else {
			f.wantMember(invitation)
			f.wantNoMember(member)
			f.wantInvitations("ann@example.com", invitation)
		}
		f.dismiss(f.roster().Members[1])
	})
}

// memberChanged reports whether the second change of the organization's members is written, going by its activity; it
// must be where it succeeded.
func (f *fixture) memberChanged(err error) bool {
	f.Helper()
	n := 0
	for _, entry := range f.database.Activity(f.T, f.org) {
		if entry.Action == audit.MemberUpdated {
			n++
		}
	}
	if err == nil && n != 2 {
		f.Errorf("the change succeeded, and %d activities are written", n)
	}
	return n == 2
}

func memberCutOff(f *fixture) {
	for _, edit := range []func(*org.Member){nil, standing(org.MemberDisabled)} {
		f.cutOff(func(faulty Store) {
			f.org = f.found(roomy)
			member := f.add()
			c := f.memberChange(&member, nil)
			after := member
			if edit != nil {
				edit(&after)
				c.After = &after
			}
			switch changed := f.memberChanged(faulty.ChangeMember(f.Context(), c)); {
			case changed && edit == nil:
				f.wantNoMember(member)
			case changed:
				f.wantMember(after)
			default:
				f.wantMember(member)
			}
		})
	}
}

func rolesCutOff(f *fixture) {
	f.cutOff(func(faulty Store) {
		f.org = f.found(roomy)
		before := f.setRoles(role("a"))
		err := faulty.ChangeRoles(f.Context(), rolesChange(f.org, before.Version, role("b")))
		after := f.roles()
		if after.Version == before.Version {
			f.wantSame(after, before)
			f.wantActivities(audit.RoleUpdated, 1)
			if err == nil {
				f.Error("the change succeeded, and is not there")
			}
			return
		}
		f.wantSame(after.List, []org.Role{role("b")})
		f.wantActivities(audit.RoleUpdated, 2)
	})
}

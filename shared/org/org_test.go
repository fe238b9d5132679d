package org_test

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/org"
)

var alice = org.Identity{Issuer: "https://id.example", Subject: "alice"}

// Stores hold these names: a release that computed others would lock everybody out.
func TestAPersonsNamesInAStoreAreStable(t *testing.T) {
	if got, want := alice.Hash(), "iGDYsciok5F1j_m0eaWWJA"; got != want {
		t.Errorf("Hash = %q, want %q", got, want)
	}
	if got, want := alice.PersonalOrganization(), org.ID("org_0394f522ebcb4d05"); got != want {
		t.Errorf("PersonalOrganization = %q, want %q", got, want)
	}
}

// Nobody can reach another person's organization by a subject that another issuer gives, nor by moving characters
// between issuer and subject.
func TestDifferentPeopleHaveDifferentNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		person := func(label string) org.Identity {
			return org.Identity{
				Issuer:  "https://" + rapid.StringMatching(`[a-c./]{1,4}`).Draw(t, label+" issuer"),
				Subject: rapid.StringMatching(`[a-c./]{1,4}`).Draw(t, label+" subject"),
			}
		}
		a, b := person("a"), person("b")
		if (a.Hash() == b.Hash()) != (a == b) || (a.PersonalOrganization() == b.PersonalOrganization()) != (a == b) {
			t.Fatalf("%v and %v: %s %s, %s %s", a, b, a.Hash(), b.Hash(), a.PersonalOrganization(), b.PersonalOrganization())
		}
	})
}

func TestNamesHaveTheirForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		person := org.Identity{Issuer: rapid.String().Draw(t, "issuer"), Subject: rapid.String().Draw(t, "subject")}
		if hash := person.Hash(); !regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`).MatchString(hash) {
			t.Fatalf("Hash = %q, want 22 characters of base64url", hash)
		}
		if id := person.PersonalOrganization(); !regexp.MustCompile(`^org_[0-9a-f]{16}$`).MatchString(string(id)) {
			t.Fatalf("PersonalOrganization = %q", id)
		}
	})
}

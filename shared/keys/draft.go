package keys

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/policy"
)

// Draft is a key to be created. The zero value of every field but Name asks for the default.
type Draft struct {
	Name        string
	Description string
	Metadata    map[string]string
	Environment apikey.Environment // empty: production
	Tier        string             // empty: the organization's
	RateLimit   *int64             // nil: the tier's
	Expiry      Expiry
}

// Patch is a change of a key's fields. What is not set stays.
type Patch struct {
	Name        Optional[string]
	Description Optional[string]
	Metadata    Optional[map[string]string]
	Tier        Optional[string] // null: the organization's
	RateLimit   Optional[int64]  // null: the tier's
	Expiry      Expiry
	Active      Optional[bool]
}

// validate checks what needs no store, and gives the draft in normal form.
func (d Draft) validate(catalog *policy.Catalog) (Draft, error) {
	var err error
	if d.Name, err = validName(d.Name); err != nil {
		return d, err
	}
	if d.Environment == "" {
		d.Environment = apikey.Production
	}
	if err := validEnvironment(catalog, d.Environment); err != nil {
		return d, err
	}
	return d, firstError(validDescription(d.Description), validMetadata(d.Metadata))
}

// edit applies the patch to key; it reports whether anything differs now.
func (p Patch) edit(key *apikey.Key, catalog *policy.Catalog, organization org.Organization, now time.Time) (bool, error) {
	before := key.Clone()
	if err := ended(key.StatusAt(now)); err != nil {
		return false, err
	}
	if err := p.editDetails(key); err != nil {
		return false, err
	}
	if err := p.editLimits(key, catalog, organization); err != nil {
		return false, err
	}
	if err := p.editExpiry(key, catalog, now); err != nil {
		return false, err
	}
	if p.Active.Set {
		if p.Active.Null {
			return false, fault.InvalidField("active", "active must be true or false.")
		}
		key.Disabled = !p.Active.Value
	}
	return differ(before, key), nil
}

func (p Patch) editDetails(key *apikey.Key) (err error) {
	if p.Name.Set {
		if key.Name, err = validName(p.Name.Value); err != nil {
			return err
		}
	}
	if p.Description.Set {
		key.Description = p.Description.Value
	}
	if p.Metadata.Set {
		key.Metadata = p.Metadata.Value
	}
	return firstError(validDescription(key.Description), validMetadata(key.Metadata))
}

func (p Patch) editLimits(key *apikey.Key, catalog *policy.Catalog, organization org.Organization) error {
	if !p.Tier.Set && !p.RateLimit.Set {
		return nil // also where what the key has would not be given any more
	}
	tier, own := key.Tier, ownLimit(key)
	if key.TierInherited {
		tier = ""
	}
	if p.Tier.Set {
		if tier = p.Tier.Value; tier == "" && !p.Tier.Null {
			return unknownTier(catalog, tier)
		}
	}
	if p.RateLimit.Set {
		own = &p.RateLimit.Value
		if p.RateLimit.Null {
			own = nil
		}
	}
	return setLimits(key, catalog, organization, tier, own)
}

func (p Patch) editExpiry(key *apikey.Key, catalog *policy.Catalog, now time.Time) error {
	if !p.Expiry.Asked() {
		return nil
	}
	at, err := p.Expiry.resolve(catalog, now)
	key.ExpiresAt = at
	return err
}

func ownLimit(key *apikey.Key) *int64 {
	if !key.OwnLimit {
		return nil
	}
	limit := key.Limits.PerMinute
	return &limit
}

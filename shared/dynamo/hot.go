package dynamo

import (
	"maps"
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/ratelimit"
)

// The attributes of the hot record; layout.go says what they are.
const (
	hotOrganization = "o"
	hotOwner        = "w"
	hotEnvironment  = "e"
	hotRevoked      = "r"
	hotDisabled     = "i"
	hotDigest       = "h"
	hotRetiring     = "g"
	hotGrace        = "k"
	hotTier         = "t"
	hotInherited    = "T"
	hotRoles        = "R"
	hotPermissions  = "P"
	hotMinute       = "l"
	hotDay          = "q"
	hotMonth        = "y"
	hotTotal        = "n"
	hotUsedAt       = "u"
	hotUsedFrom     = "a"
	hotVersion      = "v"
	hotPending      = "p"
	hotExpires      = "x"
	hotOwnLimit     = "O"
	hotInherits     = "I"
	hotServices     = "S"
	hotCustomers    = "C"
	hotAccounts     = "A"
	hotAllowed      = "N"
	hotDenied       = "D"
	hotRulesID      = "z"
	hotApart        = "Z"
)

// settings are the attributes of r that a change may set, but for its rules: all but its counters, last use and version.
func settings(r *apikey.Record) item {
	i := item{
		hotOrganization: text(string(r.Organization)),
		hotEnvironment:  text(string(r.Environment)),
		hotMinute:       number(r.Limits.PerMinute),
	}
	i.setText(hotOwner, r.Owner)
	i.setText(hotInherits, r.Inherits)
	i.setTime(hotRevoked, r.RevokedAt)
	i.setFlag(hotDisabled, r.Disabled)
	i.setTime(hotExpires, r.ExpiresAt)
	i.setText(hotDigest, string(r.Digest))
	i.setText(hotRetiring, string(r.Retiring))
	i.setTime(hotGrace, r.GraceUntil)
	i.setText(hotTier, r.Tier)
	i.setFlag(hotInherited, r.TierInherited)
	i.setFlag(hotOwnLimit, r.OwnLimit)
	i.setNumber(hotDay, r.Limits.PerDay)
	i.setNumber(hotMonth, r.Limits.PerMonth)
	return i
}

// hotItem is the whole hot record, as a create writes it.
func hotItem(r *apikey.Record) item {
	i := settings(r)
	maps.Copy(i, ruling(r))
	maps.Copy(i, authKey(r.ID).item())
	for _, count := range r.Counts {
		i[count.Window.Name()] = number(count.N)
	}
	i.setNumber(hotTotal, r.Total)
	i.setTime(hotUsedAt, r.LastUsedAt)
	i.setText(hotUsedFrom, addressText(r.LastUsedIP))
	i[hotVersion] = number(r.Version)
	return i
}

// recordOf reads a hot record; what it does not know it passes over. Rules that are kept apart are missing.
func recordOf(i item) *apikey.Record {
	rules := rulesOf(i, i.text(hotRulesID))
	return &apikey.Record{
		ID:            idOf(keyOf(i)),
		Organization:  org.ID(i.text(hotOrganization)),
		Owner:         i.text(hotOwner),
		Inherits:      i.text(hotInherits),
		Environment:   apikey.Environment(i.text(hotEnvironment)),
		Disabled:      i.has(hotDisabled), // a spend's condition asks no more
		RevokedAt:     i.time(hotRevoked),
		ExpiresAt:     i.time(hotExpires),
		Digest:        apikey.Digest(i.text(hotDigest)),
		Retiring:      apikey.Digest(i.text(hotRetiring)),
		GraceUntil:    i.time(hotGrace),
		Roles:         rules.Roles,
		Permissions:   rules.Permissions,
		Scope:         rules.Scope,
		Networks:      rules.Networks,
		RulesID:       rules.ID,
		Apart:         i.has(hotApart),
		Tier:          i.text(hotTier),
		TierInherited: i.flag(hotInherited),
		OwnLimit:      i.flag(hotOwnLimit),
		Limits:        ratelimit.Limits{PerMinute: i.number(hotMinute), PerDay: i.number(hotDay), PerMonth: i.number(hotMonth)},
		Counts:        countsOf(i),
		Total:         i.number(hotTotal),
		LastUsedAt:    i.time(hotUsedAt),
		LastUsedIP:    addressOf(i.text(hotUsedFrom)),
		Version:       i.number(hotVersion),
	}
}

// countsOf reads the windows of a record, or of a session's counters.
func countsOf(i item) ratelimit.Counts {
	var counts ratelimit.Counts
	for name := range i {
		if window, ok := ratelimit.ParseWindow(name); ok {
			counts = append(counts, ratelimit.Count{Window: window, N: i.number(name)})
		}
	}
	return counts
}

func addressText(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.String()
}

func addressOf(s string) netip.Addr {
	address, _ := netip.ParseAddr(s) // the zero Addr where there is none
	return address
}

func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

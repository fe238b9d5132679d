package sqlite

import (
	"errors"
	"net/netip"

	"github.com/keyward/keyward/shared/apikey"
)

// ipEntry is an apikey.IPEntry as the file has it.
type ipEntry struct {
	Network netip.Prefix `json:"network"`
	Enabled bool         `json:"enabled"`
	Note    string       `json:"note,omitempty"`
}

var errNoNetwork = errors.New("an entry of an IP list has no network")

// entries reads what entriesOf wrote. An entry without a network is an error: it would restrict nothing.
func (r *row) entries() []apikey.IPEntry {
	var stored []ipEntry
	r.json(&stored)
	var entries []apikey.IPEntry
	for _, entry := range stored {
		if !entry.Network.IsValid() {
			r.err = errors.Join(r.err, errNoNetwork)
		}
		entries = append(entries, apikey.IPEntry(entry))
	}
	return entries
}

func entriesOf(entries []apikey.IPEntry) string {
	var stored []ipEntry
	for _, entry := range entries {
		stored = append(stored, ipEntry(entry))
	}
	return jsonOf(stored)
}

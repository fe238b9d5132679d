package sqlite

import (
	"net/netip"

	"github.com/keyward/keyward/shared/apikey"
)

// ipEntry is an apikey.IPEntry as the file has it.
type ipEntry struct {
	Network netip.Prefix `json:"network"`
	Enabled bool         `json:"enabled"`
	Note    string       `json:"note,omitempty"`
}

// entries reads what entriesOf wrote.
func (r *row) entries() []apikey.IPEntry {
	var stored []ipEntry
	r.json(&stored)
	var entries []apikey.IPEntry
	for _, entry := range stored {
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

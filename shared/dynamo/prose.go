package dynamo

import (
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

// The attributes of a key's details that people write, or that change with its secret.
const (
	detName        = "name"
	detDescription = "description"
	detMetadata    = "metadata"
	detMask        = "mask"
	detFormat      = "format"
	detSecretUntil = "secret_until"
	detLocked      = "locked"
	detSuccessor   = "successor"
	detIPAllow     = "ip_allow"
	detIPDeny      = "ip_deny"

	ipNetwork = "network"
	ipEnabled = "enabled"
	ipNote    = "note"
)

func proseOf(i item) apikey.Details {
	d := apikey.Details{
		CreatedAt:   i.time(detCreatedAt),
		CreatedBy:   i.text(detCreatedBy),
		UpdatedAt:   i.time(detUpdatedAt),
		Released:    i.flag(detReleased),
		Revision:    i.number(detRevision),
		Idempotency: apikey.IdempotencyID(i.text(detIdempotency)),
	}
	readProse(&d, i)
	return d
}

// prose are the attributes of d that a change may write.
func prose(d apikey.Details) item {
	i := item{}
	i.setText(detName, d.Name)
	i.setText(detDescription, d.Description)
	i.setText(detMask, d.Mask)
	i.setText(detFormat, string(d.Format))
	i.setTime(detSecretUntil, d.SecretUntil)
	i.setFlag(detLocked, d.Locked)
	i.setText(detSuccessor, string(d.Successor))
	i.setEntries(detIPAllow, d.IPAllow)
	i.setEntries(detIPDeny, d.IPDeny)
	if len(d.Metadata) > 0 {
		metadata := item{}
		for name, value := range d.Metadata {
			metadata[name] = text(value)
		}
		i[detMetadata] = nested(metadata)
	}
	return i
}

// readProse reads what prose writes.
func readProse(d *apikey.Details, i item) {
	d.Name, d.Description, d.Mask = i.text(detName), i.text(detDescription), i.text(detMask)
	d.Format, d.SecretUntil = apikey.Format(i.text(detFormat)), i.time(detSecretUntil)
	d.Locked, d.Successor = i.flag(detLocked), apikey.ID(i.text(detSuccessor))
	d.IPAllow, d.IPDeny = i.entries(detIPAllow), i.entries(detIPDeny)
	d.Metadata = nil
	if metadata := i.nested(detMetadata); len(metadata) > 0 {
		d.Metadata = make(map[string]string, len(metadata))
		for name := range metadata {
			d.Metadata[name] = metadata.text(name)
		}
	}
}

// setEntries writes IP entries as people wrote them.
func (i item) setEntries(name string, entries []apikey.IPEntry) {
	if len(entries) == 0 {
		return
	}
	list := make([]types.AttributeValue, len(entries))
	for n, entry := range entries {
		written := item{ipNetwork: text(entry.Network.String())}
		written.setFlag(ipEnabled, entry.Enabled)
		written.setText(ipNote, entry.Note)
		list[n] = nested(written)
	}
	i[name] = &types.AttributeValueMemberL{Value: list}
}

// entries reads what setEntries writes. What is there and can't be read is an enabled entry of the zero Prefix, which admits
// nobody: a key's networks are made of its entries with every change.
func (i item) entries(name string) []apikey.IPEntry {
	if !i.has(name) {
		return nil
	}
	var entries []apikey.IPEntry
	for _, value := range i.list(name) {
		entries = append(entries, ipEntryOf(value))
	}
	if len(entries) == 0 {
		return []apikey.IPEntry{{Enabled: true}}
	}
	return entries
}

func ipEntryOf(value types.AttributeValue) apikey.IPEntry {
	written, _ := value.(*types.AttributeValueMemberM)
	if written == nil {
		return apikey.IPEntry{Enabled: true}
	}
	entry := item(written.Value)
	network, err := netip.ParsePrefix(entry.text(ipNetwork))
	return apikey.IPEntry{Network: network, Enabled: entry.has(ipEnabled) || err != nil, Note: entry.text(ipNote)}
}

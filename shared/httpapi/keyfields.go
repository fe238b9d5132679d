package httpapi

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/keys"
)

// everything stands for a scope without limits.
const everything = "all"

// selectionJSON is "all" or a list of ids, in requests and in answers.
type selectionJSON []string

// MarshalJSONTo writes "all" for nil.
func (s selectionJSON) MarshalJSONTo(encoder *jsontext.Encoder) error {
	if s == nil {
		return encoder.WriteToken(jsontext.String(everything))
	}
	return json.MarshalEncode(encoder, []string(s))
}

// askedSelection is a selectionJSON in a request, where an empty list is not the same as "all".
type askedSelection struct{ keys.Selection }

// UnmarshalJSONFrom reads "all" or a list of strings.
func (s *askedSelection) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	if decoder.PeekKind() != '[' {
		var word string
		if err := json.UnmarshalDecode(decoder, &word); err != nil || word != everything {
			field := fieldOf(decoder.StackPointer())
			return fault.InvalidField(field, `%s must be "all" or a list of ids.`, field)
		}
		s.All = true
		return nil
	}
	return json.UnmarshalDecode(decoder, &s.IDs)
}

func selectionOf(asked optional[askedSelection]) keys.Optional[keys.Selection] {
	return keys.Optional[keys.Selection]{Set: asked.Set, Null: asked.Null, Value: asked.Value.Selection}
}

// ipJSON is an entry of an IP list in a request: enabled unless it says otherwise.
type ipJSON struct {
	CIDR    string `json:"cidr"`
	Enabled *bool  `json:"enabled"`
	Note    string `json:"note"`
}

func ipRulesOf(asked optional[[]ipJSON]) keys.Optional[[]keys.IPRule] {
	rules := keys.Optional[[]keys.IPRule]{Set: asked.Set, Null: asked.Null}
	for _, entry := range asked.Value {
		rules.Value = append(rules.Value, keys.IPRule{CIDR: entry.CIDR, Enabled: entry.Enabled, Note: entry.Note})
	}
	return rules
}

// ipEntryJSON is an entry of an IP list in an answer.
type ipEntryJSON struct {
	CIDR    string `json:"cidr"`
	Enabled bool   `json:"enabled"`
	Note    string `json:"note"`
}

func ipEntriesOf(entries []apikey.IPEntry) []ipEntryJSON {
	out := make([]ipEntryJSON, len(entries))
	for i, entry := range entries {
		out[i] = ipEntryJSON{entry.Network.String(), entry.Enabled, entry.Note}
	}
	return out
}

// policyJSON is what a create and a PATCH may both say about what a key may do, where and how much.
type policyJSON struct {
	QuotaPerDay   optional[int64]          `json:"quota_per_day"`
	QuotaPerMonth optional[int64]          `json:"quota_per_month"`
	Roles         optional[[]string]       `json:"roles"`
	Permissions   optional[[]string]       `json:"permissions"`
	Inherit       optional[bool]           `json:"inherit"`
	Services      optional[askedSelection] `json:"services"`
	Customers     optional[askedSelection] `json:"customers"`
	Accounts      optional[askedSelection] `json:"accounts"`
	IPAllow       optional[[]ipJSON]       `json:"ip_allow"`
	IPDeny        optional[[]ipJSON]       `json:"ip_deny"`
	Successor     optional[string]         `json:"successor"`
}

func (p policyJSON) scope() keys.ScopePatch {
	return keys.ScopePatch{Services: selectionOf(p.Services), Customers: selectionOf(p.Customers), Accounts: selectionOf(p.Accounts)}
}

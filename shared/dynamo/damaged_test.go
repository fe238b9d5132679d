package dynamo

import (
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

// damaged are attributes that no list of a scope is written as.
var damaged = map[string]types.AttributeValue{
	"an empty list":          texts([]string{}),
	"a list of nothing":      &types.AttributeValueMemberL{},
	"a string set":           &types.AttributeValueMemberSS{Value: []string{"c1"}},
	"a list of numbers":      &types.AttributeValueMemberL{Value: []types.AttributeValue{number(1)}},
	"a number among strings": &types.AttributeValueMemberL{Value: []types.AttributeValue{text("c1"), number(1)}},
	"an empty string in it":  texts([]string{"c1", ""}),
	"a string":               text("c1"),
	"an empty string":        text(""),
	"a number":               number(0),
	"null":                   &types.AttributeValueMemberNULL{Value: true},
	"a map":                  nested(item{}),
	"a flag":                 flag(false),
	"bytes":                  binary([]byte("c1")),
	"an unknown type":        &types.UnknownUnionMember{Tag: "X"},
	"nothing at all":         nil,
}

// A limit that is lost must not let anybody in: what is there and can't be read is a list that nothing is in, in the record as
// in rules that are kept apart.
func TestAScopeThatCantBeReadHoldsNothing(t *testing.T) {
	for name, value := range damaged {
		for _, attribute := range []string{hotServices, hotCustomers, hotAccounts} {
			i := item{attribute: value}
			for _, scope := range []apikey.Scope{recordOf(i).Scope, rulesOf(i, "A").Scope} {
				got := map[string][]string{hotServices: scope.Services, hotCustomers: scope.Customers, hotAccounts: scope.Accounts}
				for other, list := range got {
					if (list != nil) != (other == attribute) || len(list) > 0 {
						t.Errorf("%s in %s: %s is read as %#v", name, attribute, other, list)
					}
				}
			}
		}
	}
}

// A record whose scope was read as nothing is written back as nothing, whatever else of its rules a change changes.
func TestAScopeThatNothingIsInStaysSo(t *testing.T) {
	before := recordOf(item{hotCustomers: text("c1")})
	after := before.Clone()
	after.Roles = []string{"admin"}
	set, _ := differs(before, after)
	if list := recordOf(set).Scope.Customers; list == nil || len(list) > 0 {
		t.Errorf("written back as %#v", list)
	}
	after.Scope.Customers = nil
	if _, removed := differs(before, after); len(removed) == 0 || after.Scope.Equal(before.Scope) {
		t.Error("from nothing to all is no change")
	}
}

// What is there in place of networks, and is none, admits nobody: not even as if nothing were denied.
func TestNetworksOfAnotherTypeAdmitNobody(t *testing.T) {
	sound := binary(packed([]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}))
	for name, value := range map[string]types.AttributeValue{
		"no bytes": binary(nil), "text": text("192.0.2.0/24"), "an empty text": text(""), "a list": texts([]string{"192.0.2.0/24"}),
		"an empty list": texts(nil), "a set": &types.AttributeValueMemberBS{Value: [][]byte{{24, 192, 0, 2, 0}}}, "a number": number(0),
		"null": &types.AttributeValueMemberNULL{Value: true}, "an unknown type": &types.UnknownUnionMember{Tag: "X"}, "nothing at all": nil,
	} {
		for _, i := range []item{{hotAllowed: value}, {hotDenied: value}, {hotAllowed: sound, hotDenied: value}, {hotAllowed: value, hotDenied: sound}} {
			for _, networks := range []apikey.Networks{recordOf(i).Networks, rulesOf(i, "A").Networks} {
				if networks.Admit(netip.MustParseAddr("192.0.2.7")) || networks.Admit(netip.Addr{}) {
					t.Errorf("%s: %v admits", name, i)
				}
			}
		}
	}
}

// A key's networks are made of its entries again with every change: those that can't be read must not fall away.
func TestEntriesThatCantBeReadAdmitNobody(t *testing.T) {
	entry := func(i item) types.AttributeValue {
		return &types.AttributeValueMemberL{Value: []types.AttributeValue{nested(i)}}
	}
	for name, value := range map[string]types.AttributeValue{
		"an empty list": texts(nil), "text": text("192.0.2.0/24"), "a list of texts": texts([]string{"192.0.2.0/24"}), "nothing at all": nil,
		"no network": entry(item{ipEnabled: flag(true)}), "no network, disabled": entry(item{ipNote: text("office")}),
		"a network that is none": entry(item{ipNetwork: text("192.0.2.0/33"), ipEnabled: flag(true)}),
	} {
		for _, details := range []apikey.Details{proseOf(item{detIPAllow: value}), proseOf(item{detIPDeny: value})} {
			again := proseOf(prose(details))
			for _, d := range []apikey.Details{details, again} {
				if apikey.NetworksOf(d.IPAllow, d.IPDeny).Admit(netip.MustParseAddr("192.0.2.7")) {
					t.Errorf("%s: %+v admits", name, d)
				}
			}
		}
	}
	d := proseOf(item{detIPAllow: entry(item{ipNetwork: text("192.0.2.0/24"), ipEnabled: text("true")})})
	if !apikey.NetworksOf(d.IPAllow, nil).Admit(netip.MustParseAddr("192.0.2.7")) || apikey.NetworksOf(d.IPAllow, nil).None() {
		t.Errorf("an entry whose flag is damaged is read as %+v, want it enabled", d.IPAllow)
	}
}

// A record is Apart, and disabled, whatever stands there to say so: it carries no lists, and a spend's condition asks whether
// the attribute is there.
func TestAFlagThatCantBeReadIsSet(t *testing.T) {
	for _, value := range []types.AttributeValue{flag(true), flag(false), text("no"), number(0), nil} {
		if got := recordOf(item{hotApart: value, hotDisabled: value}); !got.Apart || !got.Disabled {
			t.Errorf("%v: apart %t, disabled %t", value, got.Apart, got.Disabled)
		}
	}
}

package outcomes

import (
	"bytes"
	"encoding/json"
	"regexp"

	"github.com/keyward/keyward/shared/policy"
)

// What the samples made up: the key is of the right form, but was never made.
const (
	MadeUpSecret       = "vg_live_00000000UnknownSampleKey000000gy"
	MadeUpKeyID        = "key_00000000"
	madeUpOrganization = "org_0000000000000000"
	madeUpIssuer       = "https://id.example"
)

var (
	madeUpSession = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.A{86}`)
	responseURL   = regexp.MustCompile(`https://cloudformation-[a-z0-9./-]+`)
)

// Actual is what exists where a sample is tried.
type Actual struct{ Session, Issuer, Organization, Secret, Key string }

// Into is the event with what exists in place of what was made up.
func (a Actual) Into(event []byte) []byte {
	event = madeUpSession.ReplaceAllLiteral(event, []byte(a.Session))
	for madeUp, actual := range map[string]string{
		MadeUpSecret: a.Secret, MadeUpKeyID: a.Key, madeUpOrganization: a.Organization, madeUpIssuer: a.Issuer,
	} {
		event = bytes.ReplaceAll(event, []byte(madeUp), []byte(actual))
	}
	return event
}

// Table is the table that the sample of a replay is for.
const Table = "keyward-restored"

// For is the event of a replay to another table; any other event stays as it is.
func For(table string, event []byte) []byte {
	return bytes.ReplaceAll(event, []byte(Table), []byte(table))
}

// AnswerTo is CloudFormation's event with another URL to answer to.
func AnswerTo(event []byte, url string) []byte {
	return responseURL.ReplaceAllLiteral(event, []byte(url))
}

// What else has to be configured for the samples.
const (
	Proxies = "203.0.113.9/32" // whom they come from
	// AppSync is what the AppSync API of one of them stands for, as in KEYWARD_APPSYNC.
	AppSync = `{"sampleappsyncapiidentifier": {"environment": "production", "service": "dns", "permission": "dns:read"}}`
)

// Catalog is the shipped catalog with a WebSocket's route in the service dns.
func Catalog() ([]byte, error) {
	var catalog map[string]any
	if err := json.Unmarshal(policy.Shipped, &catalog); err != nil {
		return nil, err
	}
	for _, service := range catalog["services"].([]any) {
		if service := service.(map[string]any); service["id"] == "dns" {
			service["routes"] = append(service["routes"].([]any), map[string]string{"method": "GET", "path": "/$connect", "permission": "dns:read"})
		}
	}
	return json.Marshal(catalog)
}

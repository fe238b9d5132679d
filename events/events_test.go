package events

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/httpapi"
	"github.com/keyward/keyward/shared/session/devoidc"
)

// What the samples made up: the key is of the right form, but was never made.
const (
	madeUpSecret       = "vg_live_00000000UnknownSampleKey000000gy"
	madeUpKeyID        = "key_00000000"
	madeUpOrganization = "org_0000000000000000"
	madeUpIssuer       = "https://id.example"
)

var madeUpSession = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.A{86}`)

const (
	production   = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/production/* "
	denied       = "401 Invalid or missing API key: "
	noAccount    = "404 Not found: not_found"
	noKey        = "404 API key not found: key_not_found"
	noMember     = "404 Not found: member_not_found"
	noMembership = "403 Permission denied: member_inactive"
	noRole       = "404 Not found: role_not_found"
)

// Each sample does what it says: as it stands, and with a real key, session and organization in place of the made up
// ones.
func TestEvents_doWhatTheySay(t *testing.T) {
	tried := map[string]bool{}
	for file, want := range map[string]struct{ asItStands, real string }{
		"authorizer/rest-admin":                  {"error Unauthorized", `Allow arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/live/* key="" code=allowed`},
		"authorizer/rest-sample-bearer":          {"error Unauthorized", "Allow " + production + `key="value-of-the-stage-api-key" code=allowed`},
		"authorizer/rest-sample-x-api-key":       {"error Unauthorized", "Allow " + production + `key="value-of-the-stage-api-key" code=allowed`},
		"authorizer/rest-sample-two-keys":        {"error Unauthorized", "error Unauthorized"},
		"authorizer/rest-without-forbidden-exit": {"error Unauthorized", "Allow " + production + `key="" code=allowed`},
		"authorizer/http-v2":                     {"error Unauthorized", "isAuthorized=true code=allowed"},
		"authorizer/websocket-connect":           {"error Unauthorized", "Allow " + production + `key="" code=allowed`},
		"authorizer/appsync":                     {"isAuthorized=false ttlOverride=0 code=<nil>", "isAuthorized=true ttlOverride=0 code=allowed"},
		"create/post-keys-generate":              {noMembership, "201 API key generated successfully"},
		"create/post-keys-base64":                {noMembership, "201 API key generated successfully"},
		"list/get-keys":                          {noAccount, "200 API keys retrieved successfully"},
		"get/get-key":                            {noKey, "200 API key retrieved successfully"},
		"update/patch-key":                       {noAccount, "200 API key updated successfully"},
		"update/post-disable":                    {noKey, "200 API key disabled successfully"},
		"update/post-enable":                     {noKey, "200 API key enabled successfully"},
		"regenerate/post-regenerate":             {noKey, "200 API key regenerated successfully"},
		"explain/post-explain":                   {noKey, "200 Decision explained successfully: valid=true"},
		"account/get-account":                    {noAccount, "200 Account retrieved successfully"},
		"account/patch-account":                  {noAccount, "200 Account updated successfully"},
		"members/get-members":                    {"200 Members retrieved successfully", "200 Members retrieved successfully"},
		"members/get-member":                     {noMember, "200 Member retrieved successfully"},
		"members/put-member":                     {noMembership, "201 Member updated successfully"},
		"members/delete-member":                  {noMember, noMember},
		"roles/get-roles":                        {"200 Roles retrieved successfully", "200 Roles retrieved successfully"},
		"roles/get-role":                         {noRole, noRole},
		"roles/put-role":                         {noMembership, "201 Role updated successfully"},
		"roles/delete-role":                      {noRole, noRole},
		"catalog/get-catalog":                    {"200 Catalog retrieved successfully", "200 Catalog retrieved successfully"},
		"jwks/get-jwks":                          {"200 ", "200 "},
		"retier/from-the-start":                  {"examined=1 changed=0 next= <nil>", "examined=1 changed=0 next= <nil>"},
		"signingkeys/cloudformation-create":      {"SUCCESS, published 1", "SUCCESS, published 1"},
		"signingkeys/cloudformation-delete":      {"SUCCESS, published 1", "SUCCESS, published 1"},
		"signingkeys/rotate":                     {"<nil>, published 2", "<nil>, published 3"},
		"signingkeys/withdraw":                   {"<nil>, published 1", "<nil>, published 1"},
		"revoke/delete-key":                      {noKey, "200 API key revoked successfully"},
		"verify/post-verify":                     {"200 API key verified successfully: valid=false", "200 API key verified successfully: valid=true"},
		"verify/forward-auth-envoy":              {denied + "key_unknown", "204"},
		"verify/forward-auth-caddy":              {denied + "key_unknown", "204"},
		"verify/forward-auth-nginx":              {denied + "key_unknown", "204"},
		"sample/get-zones":                       {"200 Sample answered successfully", "200 Sample answered successfully"},
		"cleanup/scheduler":                      {"finished=true <nil>", "finished=true <nil>"},
	} {
		t.Run(file, func(t *testing.T) {
			f := newFixture(t)
			payload := read(t, file)
			call := f.functions[filepath.Dir(file)]
			if got := call(t, payload); got != want.asItStands {
				t.Errorf("as it stands: %s, want %s", got, want.asItStands)
			}
			if got := call(t, f.real(payload)); got != want.real {
				t.Errorf("with a real key: %s, want %s", got, want.real)
			}
			tried[file+".json"] = true
		})
	}
	for _, file := range files(t) {
		if !tried[file] {
			t.Errorf("%s is driven by no test", file)
		}
	}
}

// real is the event with a real key, session and organization.
func (f fixture) real(payload []byte) []byte {
	payload = madeUpSession.ReplaceAllLiteral(payload, []byte(f.session))
	for madeUp, real := range map[string]string{madeUpSecret: f.secret, madeUpKeyID: f.key, madeUpOrganization: f.organization, madeUpIssuer: devoidc.Issuer} {
		payload = bytes.ReplaceAll(payload, []byte(madeUp), []byte(real))
	}
	return payload
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	payload, err := os.ReadFile(file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// files are all samples.
func files(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("*/*.json")
	if err != nil || len(all) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	return all
}

// Every function has a sample, and every folder of samples has a function.
func TestEvents_areThereForEveryFunction(t *testing.T) {
	folders := map[string]bool{}
	for _, file := range files(t) {
		folder := filepath.Dir(file)
		folders[folder] = true
		if _, err := os.Stat(filepath.Join("..", "functions", folder, "main.go")); err != nil {
			t.Errorf("%s is no function's: %v", file, err)
		}
	}
	for _, function := range httpapi.Functions {
		if !folders[function.Name] {
			t.Errorf("there is no sample for %s", function.Name)
		}
	}
}

// The made up key is one that every check but the store's takes, and no sample holds another secret.
func TestEvents_holdNoSecretOfAnybody(t *testing.T) {
	credential, err := apikey.Parse(apikey.DefaultBrand, madeUpSecret)
	if err != nil || credential.ID.String() != madeUpKeyID {
		t.Fatalf("%s: %v, %v", madeUpSecret, credential.ID, err)
	}
	secret := regexp.MustCompile(`vg_(live|stg|dev|test)_\w{32}`)
	for _, file := range files(t) {
		for _, found := range secret.FindAllString(string(read(t, strings.TrimSuffix(file, ".json"))), -1) {
			if !strings.Contains(found, "UnknownSampleKey") {
				t.Errorf("%s holds %s", file, found)
			}
		}
	}
}

// A sample is written as everybody writes JSON: `sam local invoke -e` and people read it.
func TestEvents_areJSONObjects(t *testing.T) {
	for _, file := range files(t) {
		var event map[string]any
		if err := json.Unmarshal(read(t, strings.TrimSuffix(file, ".json")), &event); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

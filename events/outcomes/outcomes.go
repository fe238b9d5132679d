// Package outcomes says what becomes of every sample event, so that whatever runs the functions can be held to the same:
// their handlers in one process, and the programs that are deployed.
package outcomes

// Outcomes are what becomes of an event, in the words of Tell: as it stands, and with a real key, session and organization in
// place of the made up ones.
type Outcomes struct{ AsItStands, Real string }

const (
	production   = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/production/* "
	denied       = "401 Invalid or missing API key: "
	noAccount    = "404 Not found: not_found"
	noKey        = "404 API key not found: key_not_found"
	noMember     = "404 Not found: member_not_found"
	noMembership = "403 Permission denied: member_inactive"
	noRole       = "404 Not found: role_not_found"
)

// Before are the samples that make what another one is about, which is of the same function.
var Before = map[string]string{
	"members/delete-member": "members/put-member",
	"roles/get-role":        "roles/put-role",
	"roles/delete-role":     "roles/put-role",
}

// All are the outcomes of all samples, by their path below events/, without .json.
var All = map[string]Outcomes{
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
	"members/delete-member":                  {noMember, "200 Member removed successfully"},
	"roles/get-roles":                        {"200 Roles retrieved successfully", "200 Roles retrieved successfully"},
	"roles/get-role":                         {noRole, "200 Role retrieved successfully"},
	"roles/put-role":                         {noMembership, "201 Role updated successfully"},
	"roles/delete-role":                      {noRole, "200 Role removed successfully"},
	"catalog/get-catalog":                    {"200 Catalog retrieved successfully", "200 Catalog retrieved successfully"},
	"jwks/get-jwks":                          {"200 ", "200 "},
	"retier/from-the-start":                  {"examined=1 changed=0 next=", "examined=1 changed=0 next="},
	"replay/filter-log-events":               {"missing=1 revoked=0 left_out=1", "missing=0 revoked=1 left_out=1"},
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
	"cleanup/scheduler":                      {"finished=true", "finished=true"},
}

package iam

import (
	"maps"
	"net/http"
)

// need shows what a right is for.
type need struct {
	errand errand // what fails closed without it
	goesOn errand // of the same function, what does not need it; nil: nothing
	status int    // the errand's with the right, where that is not 2xx
}

// needs are, by function and right, the whole of what functions may do, but for writing their own logs: the emulator writes
// those itself. There is no right that can't be shown.
var needs = map[string]map[string]need{
	"authorizer": {
		"Table GetItem":          {errand: withKey(admin, list), goesOn: asking("GET", "/v1/catalog", nil)},
		"Table BatchGetItem":     {errand: withKey(inheriting, sample), goesOn: withKey(nil, sample)},
		"Table Query":            {errand: withKey(jwt, sample), goesOn: withKey(nil, sample)},
		"Table UpdateItem":       {errand: withKey(nil, sample)},
		"Table PutItem":          {errand: signingIn, goesOn: asking("GET", "/v1/catalog", nil)},
		"Table DeleteItem":       {errand: joining, goesOn: asking("GET", "/v1/catalog", nil)},
		"Peppers GetSecretValue": {errand: withKey(nil, sample), goesOn: asking("GET", "/v1/catalog", nil)},
	},
	"create": {
		"Table GetItem":              {errand: creating(nil, nil)},
		"Table BatchGetItem":         {errand: creating(fields{"permissions": []string{"dns:read"}}, inheriting), goesOn: creating(nil, nil)},
		"Table Query":                {errand: creatingOver(true), goesOn: creating(nil, nil)},
		"Table PutItem":              {errand: creating(nil, nil)},
		"Table UpdateItem":           {errand: creating(nil, nil)},
		"Table DeleteItem":           {errand: creatingOver(false), goesOn: creating(nil, nil)},
		"Peppers GetSecretValue":     {errand: creating(nil, nil)},
		"SigningKeys GetSecretValue": {errand: creating(jwt, nil), goesOn: creating(nil, nil)},
	},
	"list": {
		"Table GetItem":      {errand: onKey(nil, list)},
		"Table BatchGetItem": {errand: onKey(nil, list)},
		"Table Query":        {errand: onKey(nil, list)},
	},
	"get": {
		"Table GetItem":      {errand: onKey(bulky, get), goesOn: onKey(nil, get)},
		"Table BatchGetItem": {errand: onKey(nil, get)},
	},
	"update": changing(rename),
	"revoke": with(changing(revoke), map[string]need{"Table GetItem": {errand: onKey(bulky, revoke), goesOn: onKey(nil, revoke)}}),
	"regenerate": with(changing(regenerate), map[string]need{
		"Table DeleteItem":           {errand: onCutOff(regenerate), goesOn: onKey(nil, regenerate)},
		"Peppers GetSecretValue":     {errand: onKey(nil, regenerate)},
		"SigningKeys GetSecretValue": {errand: onKey(jwt, regenerate), goesOn: onKey(nil, regenerate)},
	}),
	"explain": {
		"Table GetItem":      {errand: onKey(nil, explain)},
		"Table BatchGetItem": {errand: onKey(inheriting, explain), goesOn: onKey(nil, explain)},
		"Table UpdateItem":   {errand: withKey(admin, explain), goesOn: onKey(nil, explain)},
	},
	"verify": {
		// A verify whose key's name can't be read answers without it: nothing is decided by a name.
		"Table GetItem":          {errand: onKey(nil, verifyExplained), goesOn: onKey(nil, verify)},
		"Table BatchGetItem":     {errand: onKey(inheriting, verify), goesOn: withKey(nil, forward)},
		"Table Query":            {errand: onKey(jwt, verify), goesOn: withKey(nil, forward)},
		"Table UpdateItem":       {errand: withKey(nil, forward)},
		"Peppers GetSecretValue": {errand: withKey(nil, forward)},
	},
	"account": {
		"Table GetItem":      {errand: asking("GET", "/v1/account", nil)},
		"Table BatchGetItem": {errand: onKey(nil, changeTier), goesOn: asking("PATCH", "/v1/account", fields{"name": "Acme"})},
		"Table Query":        {errand: onKey(nil, changeTier), goesOn: asking("PATCH", "/v1/account", fields{"name": "Acme"})},
		"Table PutItem":      {errand: asking("PATCH", "/v1/account", fields{"name": "Acme"}), goesOn: asking("GET", "/v1/account", nil)},
		"Table UpdateItem":   {errand: asking("PATCH", "/v1/account", fields{"name": "Acme"}), goesOn: asking("GET", "/v1/account", nil)},
		"Table DeleteItem":   {errand: onCutOff(changeTier), goesOn: onKey(nil, changeTier)},
	},
	"members": {
		"Table GetItem": {errand: asking("GET", "/v1/members", nil)},
		// Only where a key asks who inherits: and a key, which belongs to one environment, gives nobody a role.
		"Table BatchGetItem": {errand: withKey(inheriting, invite), goesOn: asking("GET", "/v1/members", nil), status: http.StatusForbidden},
		"Table Query":        {errand: asking("GET", "/v1/members", nil)},
		"Table PutItem":      {errand: byMember(inviting), goesOn: asking("GET", "/v1/members", nil)},
		"Table UpdateItem":   {errand: byMember(inviting), goesOn: asking("GET", "/v1/members", nil)},
		"Table DeleteItem":   {errand: removing, goesOn: byMember(inviting)},
	},
	"roles": {
		"Table GetItem":      {errand: asking("GET", "/v1/roles", nil)},
		"Table BatchGetItem": {errand: withKey(inheriting, makeRole), goesOn: byMember(making), status: http.StatusForbidden},
		"Table Query":        {errand: unmaking, goesOn: byMember(making)},
		"Table PutItem":      {errand: byMember(making), goesOn: asking("GET", "/v1/roles", nil)},
		"Table UpdateItem":   {errand: byMember(making), goesOn: asking("GET", "/v1/roles", nil)},
	},
	"catalog": {"Table GetItem": {errand: asking("GET", "/v1/catalog", nil)}},
	"jwks":    {"Table Query": {errand: asking("GET", "/.well-known/jwks.json", nil)}},
	"cleanup": {
		"Table GetItem":      {errand: invoking("cleanup", "{}", leaveFollowing)},
		"Table BatchGetItem": {errand: invoking("cleanup", "{}", leaveCutOff)},
		"Table Query":        {errand: invoking("cleanup", "{}", leaveFollowing)},
		"Table PutItem":      {errand: invoking("cleanup", "{}", leaveExpired)},
		"Table UpdateItem":   {errand: invoking("cleanup", "{}", leaveCutOff)},
		"Table DeleteItem":   {errand: invoking("cleanup", "{}", leaveExpired)},
		"Index Query":        {errand: invoking("cleanup", "{}", nil)},
	},
	"retier": {
		"Table Scan":         {errand: invoking("retier", "{}", nil)},
		"Table GetItem":      {errand: invoking("retier", "{}", leaveOutdated(bulky))},
		"Table BatchGetItem": {errand: invoking("retier", "{}", leaveOutdated(nil))},
		"Table PutItem":      {errand: invoking("retier", "{}", leaveOutdated(nil))},
		"Table UpdateItem":   {errand: invoking("retier", "{}", leaveOutdated(nil))},
		"Table DeleteItem":   {errand: invoking("retier", "{}", leaveOutdatedAndCutOff)},
	},
	"replay": {
		"Table GetItem":      {errand: replayingRevocation(bulky), goesOn: replayingRevocation(nil)},
		"Table BatchGetItem": {errand: replayingRevocation(nil)},
		"Table Query":        {errand: replayingRemoval, goesOn: replayingRevocation(nil)},
		"Table PutItem":      {errand: replayingRevocation(nil)},
		"Table UpdateItem":   {errand: replayingRevocation(nil)},
		"Table DeleteItem":   {errand: replayingRevocation(nil)},
	},
	"signingkeys": {
		"Table Query":                {errand: invoking("signingkeys", "{}", nil)},
		"Table UpdateItem":           {errand: invoking("signingkeys", "{}", nil)},
		"Table DeleteItem":           {errand: invoking("signingkeys", `{"withdraw": "s20200101abcdefgh"}`, nil), goesOn: invoking("signingkeys", "{}", nil)},
		"SigningKeys GetSecretValue": {errand: invoking("signingkeys", "{}", nil)},
		"SigningKeys PutSecretValue": {errand: invoking("signingkeys", `{"rotate": true}`, nil), goesOn: invoking("signingkeys", "{}", nil)},
	},
	"sample": {},
}

// changing is what a function needs that changes a key.
func changing(do func(c caller, key fields) outcome) map[string]need {
	return map[string]need{
		"Table GetItem":      {errand: onKey(nil, do)},
		"Table BatchGetItem": {errand: onKey(nil, do)},
		"Table PutItem":      {errand: onKey(nil, do)},
		"Table UpdateItem":   {errand: onKey(nil, do)},
		"Table DeleteItem":   {errand: onKey(nil, do)},
	}
}

func with(some, more map[string]need) map[string]need {
	all := maps.Clone(some)
	maps.Copy(all, more)
	return all
}

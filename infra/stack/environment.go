package stack

import (
	"strings"

	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/httpapi"
)

// environment is what shared/wire reads in the function of row. A function is told only of what its row lets it
// use, and a value that was not chosen is left out, so that wire's own default holds.
func environment(config Config, data *Data, row httpapi.Function) *map[string]*string {
	variables := map[string]*string{
		"KEYWARD_DEPLOYMENT":      &config.Name,
		"KEYWARD_SIGNUP":          &config.Signup,
		"KEYWARD_FIRST_ADMIN":     &config.FirstAdmin,
		"KEYWARD_ORGANIZATION":    &config.Organization,
		"KEYWARD_TRUSTED_PROXIES": &config.TrustedProxies,
		"KEYWARD_BRAND":           &config.Brand,
		"KEYWARD_KEY_ISSUER":      &config.KeyIssuer,
		"KEYWARD_LOG_LEVEL":       &config.LogLevel,
		"KEYWARD_LOG_SAMPLE":      &config.LogSample,
	}
	if len(row.Table) > 0 {
		variables["KEYWARD_TABLE"] = data.Table.TableName()
	}
	if row.Peppers {
		variables["KEYWARD_PEPPERS"] = secretARN(data.Peppers)
	}
	if row.Signing || row.Keymaker {
		variables["KEYWARD_SIGNING_KEYS"] = secretARN(data.SigningKeys)
	}
	if row.Keymaker {
		variables["KEYWARD_KEY_ALGORITHM"] = &config.KeyAlgorithm
	}
	if row.Sessions {
		variables["KEYWARD_ISSUER"] = data.Identity.Issuer
		variables["KEYWARD_AUDIENCE"] = data.Identity.Audience
		variables["KEYWARD_OPERATORS"] = &config.Operators
	}
	if config.RefuseAll {
		variables["KEYWARD_REFUSE_ALL"] = jsii.String("true")
	}
	for name, value := range variables {
		if *value == "" {
			delete(variables, name)
		}
	}
	return &variables
}

// title is a name as CDK ids are written.
func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// Package rows makes what the CDK app deploys of the table of functions, without the CDK: each function with its timeout, its
// memory and its environment. A test holds it to the template.
package rows

import (
	"time"

	"github.com/keyward/keyward/infra/runtimeapi"
	"github.com/keyward/keyward/shared/httpapi"
)

// Deployment is what a deployment tells its functions. What is empty is left out, as in the template.
type Deployment struct {
	Name           string
	Table          string
	Peppers        string // the ARN of the peppers' secret
	SigningKeys    string // the ARN of the signing keys' secret
	KeyAlgorithm   string
	Issuer         string
	Audience       string
	Signup         string
	FirstAdmin     string
	TrustedProxies string
	Operators      string
	LogLevel       string
}

// Variables are the environment variables that the function of row is configured with.
func (d Deployment) Variables(row httpapi.Function) map[string]string {
	variables := map[string]string{
		"KEYWARD_DEPLOYMENT":      d.Name,
		"KEYWARD_SIGNUP":          d.Signup,
		"KEYWARD_FIRST_ADMIN":     d.FirstAdmin,
		"KEYWARD_TRUSTED_PROXIES": d.TrustedProxies,
		"KEYWARD_LOG_LEVEL":       d.LogLevel,
	}
	if len(row.Table) > 0 {
		variables["KEYWARD_TABLE"] = d.Table
	}
	if row.Peppers {
		variables["KEYWARD_PEPPERS"] = d.Peppers
	}
	if row.Signing || row.Keymaker {
		variables["KEYWARD_SIGNING_KEYS"] = d.SigningKeys
	}
	if row.Keymaker {
		variables["KEYWARD_KEY_ALGORITHM"] = d.KeyAlgorithm
	}
	if row.Sessions {
		variables["KEYWARD_ISSUER"] = d.Issuer
		variables["KEYWARD_AUDIENCE"] = d.Audience
		variables["KEYWARD_OPERATORS"] = d.Operators
	}
	for name, value := range variables {
		if value == "" {
			delete(variables, name)
		}
	}
	return variables
}

// Function is the function of row, whose bootstrap is that program.
func (d Deployment) Function(row httpapi.Function, bootstrap string) runtimeapi.Function {
	return runtimeapi.Function{
		Name:        d.Name + "-" + row.Name,
		Bootstrap:   bootstrap,
		Handler:     "bootstrap",
		Timeout:     time.Duration(row.Seconds) * time.Second,
		MemoryMB:    row.MemoryMB,
		Region:      Region,
		Account:     Account,
		Credentials: Credentials,
		Variables:   d.Variables(row),
	}
}

// Where the functions are said to be, and the session of whose role they run in. DynamoDB Local wants letters and digits.
const (
	Region  = "eu-central-1"
	Account = "123456789012"
)

// Credentials are those of every function.
var Credentials = runtimeapi.Credentials{
	AccessKeyID: "ASIAKEYWARDFUNCTION0", SecretAccessKey: "secret0access0key0of0the0functions0role0", SessionToken: "session0token0of0the0functions0role",
}

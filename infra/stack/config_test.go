package stack_test

import (
	"os"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/stack"
)

// TestWrongContextValuesAreNamed says what each mistake is told.
func TestWrongContextValuesAreNamed(t *testing.T) {
	for value, want := range map[string]string{
		"stackName=Keyward":                      "stackName must be",
		"stackName=a-" + strings.Repeat("b", 20): "stackName must be",
		"architecture=x86":                       "architecture must be arm64 or amd64",
		"issuer=https://a.test":                  "issuer and audience must be set together",
		"audience=console":                       "issuer and audience must be set together",
		"trustedProxies=10.0.0.0/33":             `trustedProxies: "10.0.0.0/33" is neither an address nor a CIDR`,
		"trustedProxies=0.0.0.0/0":               `trustedProxies: "0.0.0.0/0" is every address`,
		"keyAlgorithm=RS256":                     `keyAlgorithm "RS256" must be EdDSA or ES256`,
		"keyIssuer=key ward":                     "keyIssuer must be 1 to 200 printable ASCII characters",
		"signup=open":                            "signup must be closed or personal",
		"kms=perhaps":                            `kms must be true, prepared or false, not "perhaps"`,
		"logRetentionDays=91":                    "can't keep logs for a logRetentionDays of 91",
		"logRetentionDays=30":                    "logRetentionDays must be 60 or more, not 30",
		"logRetentionDays=long":                  "logRetentionDays must be a whole number",
		"cleanupMinutes=0":                       "cleanupMinutes must be 1 to 60",
		"alarmEmail=ops":                         "not an e-mail address",
		"stackName=my-data":                      "stackName must not end in -data",
		"environment=a&b":                        "environment must be 1 to 100 letters",
		"brand=VG":                               "brand must be 1 to 12 of a-z and 0-9",
		"tableName=a/b":                          "tableName must be the name of a DynamoDB table",
		"tableMaxWrites=-1":                      "tableMaxReads and tableMaxWrites must be 0",
		"domainName=keys.example.com":            "domainName and certificateArn must be set together",
		"domainName=https://keys.example.com":    "domainName must be a domain",
		"certificateArn=0a1b2c3d":                "certificateArn must be the ARN of a certificate",
		"hostedZoneId=Z0123":                     "hostedZoneId and hostedZoneName must be set together",
		"hostedZoneName=example.com":             `domainName "" is not in the zone hostedZoneName "example.com"`,
		"throttleRate=200":                       "throttleRate and throttleBurst must be set together",
		"refuseAll=perhaps":                      "refuseAll must be true or false",
		"logLevel=loud":                          "logLevel must be debug, info, warn or error",
		"logSample=2":                            "logSample must be a number from 0 to 1",
		"logSample=10%":                          "logSample must be a number from 0 to 1",
		"tracing=sometimes":                      "tracing must be true or false",
	} {
		name, text, _ := strings.Cut(value, "=")
		_, err := stack.ReadConfig(func(asked string) string {
			if asked == name {
				return text
			}
			return ""
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", value, err, want)
		}
	}
}

// TestAnIssuerThatIsNoneIsToldBeforeADeployment is told here, since with it no function that knows sessions would start.
func TestAnIssuerThatIsNoneIsToldBeforeADeployment(t *testing.T) {
	for _, issuer := range []string{"id.example.com", "ftp://id.example.com", "https://"} {
		values := map[string]string{"issuer": issuer, "audience": "console"}
		if _, err := stack.ReadConfig(func(name string) string { return values[name] }); err == nil || !strings.Contains(err.Error(), "issuer and audience: session tokens: ") {
			t.Errorf("%s: %v", issuer, err)
		}
	}
}

// TestKeysAndSessionsHaveDifferentIssuers is told before a deployment, not by its first function.
func TestKeysAndSessionsHaveDifferentIssuers(t *testing.T) {
	values := map[string]string{"issuer": "https://id.test", "audience": "console", "keyIssuer": "https://id.test"}
	_, err := stack.ReadConfig(func(name string) string { return values[name] })
	if err == nil || !strings.Contains(err.Error(), "keyIssuer must not be issuer") {
		t.Errorf("got %v", err)
	}
}

// TestMissingBuildNamesTheCommand is what somebody sees who synthesizes first.
func TestMissingBuildNamesTheCommand(t *testing.T) {
	config, err := stack.ReadConfig(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	config.Build = t.TempDir()
	if err := config.CheckBuild(); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("got %v", err)
	}
}

// TestTwoDeploymentsInOneAccountDoNotMeet holds because whatever has a name has the deployment's.
func TestTwoDeploymentsInOneAccountDoNotMeet(t *testing.T) {
	names := []string{"FunctionName", "AlarmName", "DashboardName", "UsagePlanName", "UserPoolName", "AliasName", "TopicName",
		"TableName", "LogGroupName", "RoleName"}
	for prefix, d := range map[string]deployment{"keyward": usual(), "other": optional()} {
		for _, template := range []template{d.data, d.service} {
			for id, resource := range template.Resources {
				for _, property := range names {
					name, named := resource.Properties[property].(string)
					if named && !strings.HasPrefix(strings.TrimPrefix(name, "alias/"), prefix) {
						t.Errorf("%s %s is called %s", resource.Type, id, name)
					}
				}
				name, named := resource.Properties["Name"].(string)
				if named && resource.Type != "AWS::ApiGateway::Authorizer" && !strings.HasPrefix(name, prefix+"-") {
					t.Errorf("%s %s is called %s", resource.Type, id, name)
				}
			}
		}
	}
}

// TestReadmeHasEveryContextValueAndEveryAlarm keeps the two tables of README.md true.
func TestReadmeHasEveryContextValueAndEveryAlarm(t *testing.T) {
	readme := string(must(os.ReadFile("../README.md")))
	documented := func(name string) {
		if !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("README.md says nothing of %s", name)
		}
	}
	_, err := stack.ReadConfig(func(name string) string {
		documented(name)
		return ""
	})
	if err != nil {
		t.Error(err)
	}
	for _, row := range (stack.Deployment{}).Alarms() {
		documented(family(row))
	}
}

// family is an alarm's name, or <function>-… for one that every function has.
func family(row stack.Alarm) string {
	function, failing, _ := strings.Cut(row.Name, "-")
	if row.Metric.Namespace == "AWS/Lambda" && failing != "silent" {
		return "<function>-" + failing
	}
	return function + "-" + failing
}

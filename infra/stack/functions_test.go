package stack_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/httpapi"
)

// TestEachFunctionMayDoExactlyWhatItsRowSays is the promise that a hole in one function is a hole in its row alone.
func TestEachFunctionMayDoExactlyWhatItsRowSays(t *testing.T) {
	d := usual()
	for _, row := range httpapi.Functions {
		t.Run(row.Name, func(t *testing.T) {
			if diff := cmp.Diff(d.promised(t, row), d.granted(t, d.function(t, "keyward", row.Name))); diff != "" {
				t.Errorf("policy differs from the row (-row +template):\n%s", diff)
			}
		})
	}
}

// TestTheCustomersKeyIsUsedThroughItsServicesOnly is the same promise where a key of the customer's encrypts.
func TestTheCustomersKeyIsUsedThroughItsServicesOnly(t *testing.T) {
	d := optional()
	key, _ := d.data.only(t, "AWS::KMS::Key")
	reads := []string{"kms:Decrypt", "kms:DescribeKey"}
	writes := append([]string{"kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey",
		"kms:GenerateDataKeyWithoutPlaintext"}, reads...)
	for _, row := range httpapi.Functions {
		want := append(d.promised(t, row), "xray:PutTelemetryRecords on *", "xray:PutTraceSegments on *") // it is traced
		actions := reads
		if slices.ContainsFunc(row.Table, func(a string) bool { return strings.HasSuffix(a, "Item") && !strings.HasSuffix(a, "GetItem") }) {
			actions = writes
		}
		through := "dynamodb.${AWS::Region}.amazonaws.com"
		if row.Peppers || row.Signing || row.Keymaker {
			through += " secretsmanager.${AWS::Region}.amazonaws.com"
		}
		for _, action := range actions {
			if len(row.Table) > 0 {
				want = append(want, action+" on ${"+key+".Arn} through "+through)
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, d.granted(t, d.function(t, "other", row.Name))); diff != "" {
			t.Errorf("%s: policy differs from the row (-row +template):\n%s", row.Name, diff)
		}
	}
}

// promised is what a row of the table says, and writing the function's own log.
func (d deployment) promised(t *testing.T, row httpapi.Function) []string {
	table, _ := d.data.only(t, "AWS::DynamoDB::Table")
	secret, _ := d.data.peppers(t)
	signing, _ := d.data.signingKeys(t)
	logs := d.logGroup(row.Name)
	promised := []string{"logs:CreateLogStream on ${" + logs + ".Arn}", "logs:PutLogEvents on ${" + logs + ".Arn}"}
	for _, action := range row.Table {
		where := ""
		if row.PublicKeys {
			where = " within SIGN"
		}
		promised = append(promised, "dynamodb:"+action+" on ${"+table+".Arn}"+where)
	}
	for _, action := range row.Index {
		promised = append(promised, "dynamodb:"+action+" on ${"+table+".Arn}/index/due")
	}
	if row.Peppers {
		promised = append(promised, "secretsmanager:GetSecretValue on ${"+secret+".Id}")
	}
	if row.Signing || row.Keymaker {
		promised = append(promised, "secretsmanager:GetSecretValue on ${"+signing+".Id}")
	}
	if row.Keymaker {
		promised = append(promised, "secretsmanager:PutSecretValue on ${"+signing+".Id}")
	}
	slices.Sort(promised)
	return promised
}

// logGroup is the log group that CDK named for a function.
func (d deployment) logGroup(function string) string {
	for _, id := range d.service.ids("AWS::Logs::LogGroup") {
		if strings.HasPrefix(strings.ToLower(id), function+"logs") {
			return id
		}
	}
	return "no log group of " + function
}

func (d deployment) function(t *testing.T, deployment, name string) resource {
	t.Helper()
	_, function := d.service.named(t, "AWS::Lambda::Function", "FunctionName", deployment+"-"+name)
	return function
}

// granted is all that a function's role allows, one line for each action and resource.
func (d deployment) granted(t *testing.T, function resource) []string {
	t.Helper()
	role := d.service.Resources[at(function.Properties, "Role", "Fn::GetAtt", 0).(string)]
	if role.Properties["ManagedPolicyArns"] != nil {
		t.Error("the role has a managed policy")
	}
	return d.allowed(role)
}

// allowed is all that the policies inside a role allow.
func (d deployment) allowed(role resource) []string {
	var granted []string
	for _, policy := range list(role.Properties["Policies"]) {
		for _, statement := range list(at(policy, "PolicyDocument", "Statement")) {
			granted = append(granted, d.lines(statement)...)
		}
	}
	slices.Sort(granted)
	return granted
}

func (d deployment) lines(statement any) []string {
	var lines []string
	for _, action := range list(at(statement, "Action")) {
		for _, resource := range list(at(statement, "Resource")) {
			line := action.(string) + " on " + d.text(resource)
			if via := at(statement, "Condition", "StringEquals", "kms:ViaService"); via != nil {
				line += " through"
				for _, service := range list(via) {
					line += " " + d.text(service)
				}
			}
			for _, partition := range list(at(statement, "Condition", "ForAllValues:StringEquals", "dynamodb:LeadingKeys")) {
				line += " within " + d.text(partition)
			}
			if at(statement, "Effect") != "Allow" {
				line = "not " + line
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// TestNoPolicyNamesEveryResource looks at every role, functions' or not, and at policies outside of roles. X-Ray's two
// actions know no resource, and are there where tracing is asked for alone.
func TestNoPolicyNamesEveryResource(t *testing.T) {
	for name, d := range map[string]deployment{"usual": usual(), "optional": optional()} {
		if extra := slices.Concat(d.service.ids("AWS::IAM::Policy"), d.data.ids("AWS::IAM::Policy"), d.data.ids("AWS::IAM::Role")); extra != nil {
			t.Errorf("%s: policies that no test looks at: %v", name, extra)
		}
		for _, id := range d.service.ids("AWS::IAM::Role") {
			for _, line := range d.allowed(d.service.Resources[id]) {
				if traces := name == "optional" && (line == "xray:PutTraceSegments on *" || line == "xray:PutTelemetryRecords on *"); strings.Contains(line, "*") && !traces {
					t.Errorf("%s: %s may do %s", name, id, line)
				}
			}
		}
	}
}

// TestEachFunctionRunsAsItsRowSays covers what is not a right: time, memory, machine, log.
func TestEachFunctionRunsAsItsRowSays(t *testing.T) {
	d := usual()
	if got := len(d.service.ids("AWS::Lambda::Function")); got != len(httpapi.Functions) {
		t.Errorf("%d functions, want the table's %d and no other", got, len(httpapi.Functions))
	}
	for _, row := range httpapi.Functions {
		got := maps.Clone(d.function(t, "keyward", row.Name).Properties)
		for _, property := range []string{"Code", "Role", "Environment"} {
			delete(got, property)
		}
		want := map[string]any{
			"FunctionName":  "keyward-" + row.Name,
			"Description":   row.Description,
			"Runtime":       "provided.al2023",
			"Architectures": []any{"arm64"},
			"Handler":       "bootstrap",
			"Timeout":       float64(row.Seconds),
			"MemorySize":    float64(row.MemoryMB),
			"LoggingConfig": map[string]any{"LogGroup": map[string]any{"Ref": d.logGroup(row.Name)}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.Name, diff)
		}
	}
	if got := at(optional().function(t, "other", "get").Properties, "Architectures", 0); got != "x86_64" {
		t.Errorf("architecture amd64 gives %v", got)
	}
}

// TestEachFunctionIsToldOfWhatItMayUseOnly reads the environment that shared/wire will see.
func TestEachFunctionIsToldOfWhatItMayUseOnly(t *testing.T) {
	d := usual()
	table, _ := d.data.only(t, "AWS::DynamoDB::Table")
	secret, _ := d.data.peppers(t)
	signing, _ := d.data.signingKeys(t)
	pool, _ := d.data.only(t, "AWS::Cognito::UserPool")
	client, _ := d.data.only(t, "AWS::Cognito::UserPoolClient")
	for _, row := range httpapi.Functions {
		want := map[string]string{
			"KEYWARD_DEPLOYMENT": "keyward", "KEYWARD_SIGNUP": "closed", "KEYWARD_FIRST_ADMIN": "ada@example.com",
		}
		if row.Table != nil {
			want["KEYWARD_TABLE"] = "${" + table + "}"
		}
		if row.Peppers {
			want["KEYWARD_PEPPERS"] = "${" + secret + ".Id}"
		}
		if row.Signing || row.Keymaker {
			want["KEYWARD_SIGNING_KEYS"] = "${" + signing + ".Id}"
		}
		if row.Keymaker {
			want["KEYWARD_KEY_ALGORITHM"] = "EdDSA"
		}
		if row.Sessions {
			want["KEYWARD_ISSUER"] = "${" + pool + ".ProviderURL}"
			want["KEYWARD_AUDIENCE"] = "${" + client + "}"
		}
		if diff := cmp.Diff(want, d.environment(t, "keyward", row.Name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.Name, diff)
		}
	}
}

// TestContextValuesReachTheFunctions is the other half: what an operator chooses.
func TestContextValuesReachTheFunctions(t *testing.T) {
	d := optional()
	got := d.environment(t, "other", "authorizer")
	delete(got, "KEYWARD_TABLE")
	delete(got, "KEYWARD_PEPPERS")
	want := map[string]string{
		"KEYWARD_DEPLOYMENT":      "other",
		"KEYWARD_SIGNUP":          "closed",
		"KEYWARD_FIRST_ADMIN":     "ada@example.com",
		"KEYWARD_ORGANIZATION":    "Analytical Engines",
		"KEYWARD_TRUSTED_PROXIES": "10.0.0.0/8,192.0.2.1/32",
		"KEYWARD_OPERATORS":       "root",
		"KEYWARD_BRAND":           "ae",
		"KEYWARD_KEY_ISSUER":      "https://keys.example.com",
		"KEYWARD_LOG_LEVEL":       "debug",
		"KEYWARD_LOG_SAMPLE":      "0.1",
		"KEYWARD_ISSUER":          "https://login.example.com",
		"KEYWARD_AUDIENCE":        "console",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func (d deployment) environment(t *testing.T, deployment, function string) map[string]string {
	t.Helper()
	variables := map[string]string{}
	for name, value := range at(d.function(t, deployment, function).Properties, "Environment", "Variables").(map[string]any) {
		variables[name] = d.text(value)
	}
	return variables
}

// TestLogsAreKeptAsLongAsChosen holds for functions and access logs, and after the stack is gone.
func TestLogsAreKeptAsLongAsChosen(t *testing.T) {
	for days, d := range map[float64]deployment{90: usual(), 400: optional()} {
		groups := d.service.ids("AWS::Logs::LogGroup")
		if want := len(httpapi.Functions) + 1; len(groups) != want {
			t.Errorf("%d log groups, want one a function and one for access: %d", len(groups), want)
		}
		for _, id := range groups {
			group := d.service.Resources[id]
			if group.Properties["RetentionInDays"] != days || group.DeletionPolicy != "Retain" {
				t.Errorf("%s: %v, deletion policy %s", id, group.Properties, group.DeletionPolicy)
			}
		}
	}
}

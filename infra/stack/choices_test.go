package stack_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/httpapi"
)

const certificate = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"

// unusual is a deployment on another table, with a domain and a throttle, that refuses everybody.
var unusual = sync.OnceValue(func() deployment {
	return synthesize(map[string]string{
		"firstAdmin": "ada@example.com", "environment": "stage", "tableName": "keyward-restored", "tableMaxReads": "3000", "tableMaxWrites": "2000",
		"domainName": "keys.example.com", "certificateArn": certificate, "hostedZoneId": "Z0123456789", "hostedZoneName": "example.com",
		"throttleRate": "200", "throttleBurst": "400", "refuseAll": "true",
	})
})

// A restored table is used by every function, and by nothing else but them; the deployment's own stays, and may be gone back to.
func TestAnotherTableIsUsedInPlaceOfTheOwn(t *testing.T) {
	d := unusual()
	id, _ := d.data.only(t, "AWS::DynamoDB::Table")
	for _, function := range d.service.ids("AWS::Lambda::Function") {
		name := at(d.service.Resources[function].Properties, "Environment", "Variables", "KEYWARD_TABLE")
		if name != nil && d.text(name) != "keyward-restored" {
			t.Errorf("%s uses the table %v", function, name)
		}
	}
	for _, role := range d.service.ids("AWS::IAM::Role") {
		for _, statement := range list(at(d.service.Resources[role].Properties, "Policies", 0, "PolicyDocument", "Statement")) {
			resource := d.text(at(statement, "Resource"))
			if strings.Contains(resource, id) || strings.Contains(resource, ":table/") && !strings.Contains(resource, ":table/keyward-restored") {
				t.Errorf("%s may use %s", role, resource)
			}
		}
	}
	exports := 0
	for _, output := range d.data.Outputs {
		if output.Export.Name != nil && strings.Contains(d.text(output.Value), id) {
			exports++
		}
	}
	if exports != 2 {
		t.Errorf("%d exports of the own table, want its name and its ARN: the service could not go back to it", exports)
	}
}

// A limit on the table is a limit on its price, never a refusal of the deployment.
func TestTheTablesThroughputMayBeLimited(t *testing.T) {
	_, table := unusual().data.only(t, "AWS::DynamoDB::Table")
	want := map[string]any{"MaxReadRequestUnits": 3000.0, "MaxWriteRequestUnits": 2000.0}
	if diff := cmp.Diff(want, table.Properties["OnDemandThroughput"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A deployment that refuses says so to every function, and to whoever asks for its health.
func TestRefusingIsToldToEveryFunctionAndByHealth(t *testing.T) {
	d := unusual()
	for _, row := range httpapi.Functions {
		_, function := d.service.named(t, "AWS::Lambda::Function", "FunctionName", "keyward-"+row.Name)
		if told := at(function.Properties, "Environment", "Variables", "KEYWARD_REFUSE_ALL"); told != "true" {
			t.Errorf("%s is told %v", row.Name, told)
		}
	}
	refusing := 0
	for _, id := range d.service.ids("AWS::ApiGateway::Method") {
		response := at(d.service.Resources[id].Properties, "Integration", "IntegrationResponses", 0)
		if at(response, "ResponseTemplates", "application/json") == `{"status":"refusing"}` && at(response, "StatusCode") == "503" {
			refusing++
		}
	}
	if refusing != 1 {
		t.Errorf("%d methods say that the deployment refuses, want 1", refusing)
	}
	if _, function := usual().service.named(t, "AWS::Lambda::Function", "FunctionName", "keyward-authorizer"); at(function.Properties, "Environment", "Variables", "KEYWARD_REFUSE_ALL") != nil {
		t.Error("a usual deployment refuses")
	}
}

// Every stage of every API has the throttle, and where none is chosen, none has.
func TestTheThrottleIsOnEveryStage(t *testing.T) {
	stages := unusual().service.ids("AWS::ApiGateway::Stage")
	if len(stages) != 5 {
		t.Errorf("%d stages, want 5", len(stages))
	}
	for _, id := range stages {
		settings := list(unusual().service.Resources[id].Properties["MethodSettings"])
		if len(settings) != 1 || at(settings[0], "ThrottlingRateLimit") != 200.0 || at(settings[0], "ThrottlingBurstLimit") != 400.0 ||
			at(settings[0], "ResourcePath") != "/*" || at(settings[0], "HttpMethod") != "*" {
			t.Errorf("%s: %v", id, settings)
		}
	}
	for _, id := range usual().service.ids("AWS::ApiGateway::Stage") {
		if rate := at(usual().service.Resources[id].Properties, "MethodSettings", 0, "ThrottlingRateLimit"); rate != nil {
			t.Errorf("%s has a throttle of %v that nobody chose", id, rate)
		}
	}
}

// The admin API's own domain has the contract's paths, https://keys.example.com/v1/keys, and no TLS below 1.2.
func TestTheDomainServesTheContractsPaths(t *testing.T) {
	d := unusual()
	id, domain := d.service.only(t, "AWS::ApiGateway::DomainName")
	want := map[string]any{
		"DomainName": "keys.example.com", "RegionalCertificateArn": certificate, "SecurityPolicy": "TLS_1_2",
		"EndpointConfiguration": map[string]any{"Types": []any{"REGIONAL"}},
		"Tags":                  []any{map[string]any{"Key": "keyward:environment", "Value": "stage"}},
	}
	if diff := cmp.Diff(want, domain.Properties); diff != "" {
		t.Errorf("domain (-want +got):\n%s", diff)
	}
	_, mapping := d.service.only(t, "AWS::ApiGateway::BasePathMapping")
	admin, _ := d.service.named(t, "AWS::ApiGateway::RestApi", "Name", "keyward-admin")
	if mapping.Properties["BasePath"] != nil || d.text(mapping.Properties["RestApiId"]) != "${"+admin+"}" || mapping.Properties["Stage"] == nil {
		t.Errorf("mapping: %v", mapping.Properties)
	}
	_, record := d.service.only(t, "AWS::Route53::RecordSet")
	if record.Properties["Name"] != "keys.example.com." || record.Properties["HostedZoneId"] != "Z0123456789" ||
		d.text(at(record.Properties, "AliasTarget", "DNSName")) != "${"+id+".RegionalDomainName}" {
		t.Errorf("record: %v", record.Properties)
	}
	if url := d.text(d.service.Outputs["AdminDomainUrl"].Value); url != "https://${"+id+"}/" {
		t.Errorf("AdminDomainUrl is %s", url)
	}
}

// The environment is a tag of whatever takes tags, so that costs can be told apart.
func TestTheEnvironmentIsATagOfEverything(t *testing.T) {
	want := map[string]any{"Key": "keyward:environment", "Value": "stage"}
	for _, kind := range []string{"AWS::Lambda::Function", "AWS::ApiGateway::Stage", "AWS::ApiGateway::RestApi", "AWS::Logs::LogGroup", "AWS::IAM::Role"} {
		for _, id := range unusual().service.ids(kind) {
			if tags := list(unusual().service.Resources[id].Properties["Tags"]); len(tags) == 0 || !cmp.Equal(any(want), tags[len(tags)-1]) {
				t.Errorf("%s: %v", id, tags)
			}
		}
	}
	if _, table := unusual().data.only(t, "AWS::DynamoDB::Table"); !cmp.Equal(any([]any{want}), table.Properties["Tags"]) {
		t.Errorf("the table's tags: %v", table.Properties["Tags"])
	}
}

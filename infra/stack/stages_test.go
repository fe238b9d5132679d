package stack_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/shared/apikey"
)

// TestStagesSayWhatTheyGuard guards the isolation of environments: the authorizer has them from the deployment.
func TestStagesSayWhatTheyGuard(t *testing.T) {
	_, key := usual().service.only(t, "AWS::ApiGateway::ApiKey")
	want := map[string]any{"keyward-admin/api": map[string]any{"keyward_service": "keyward"}}
	for _, environment := range apikey.Environments {
		want["keyward-sample/"+string(environment)] = map[string]any{
			"keyward_environment":    string(environment),
			"keyward_service":        "dns",
			"keyward_forbidden_exit": key.Properties["Value"],
		}
	}
	got := map[string]any{}
	for _, name := range []string{"keyward-admin", "keyward-sample"} {
		for _, stage := range usual().api(t, name).all("AWS::ApiGateway::Stage") {
			got[name+"/"+stage["StageName"].(string)] = stage["Variables"]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSampleAPIHasTheForbiddenExit checks the API Gateway API key by which the authorizer refuses with a 403: the
// API takes it from the authorizer alone, and the plan that makes it valid on all stages limits nothing.
func TestSampleAPIHasTheForbiddenExit(t *testing.T) {
	d := usual()
	id, sample := d.service.named(t, "AWS::ApiGateway::RestApi", "Name", "keyward-sample")
	if sample.Properties["ApiKeySourceType"] != "AUTHORIZER" {
		t.Errorf("API keys come from %v", sample.Properties["ApiKeySourceType"])
	}
	planID, plan := d.service.only(t, "AWS::ApiGateway::UsagePlan")
	if plan.Properties["Throttle"] != nil || plan.Properties["Quota"] != nil {
		t.Errorf("the usage plan has limits: %v", plan.Properties)
	}
	stages := list(plan.Properties["ApiStages"])
	if len(stages) != len(apikey.Environments) || at(stages, 0, "ApiId", "Ref") != id {
		t.Errorf("the plan is for %v", stages)
	}
	keyID, key := d.service.only(t, "AWS::ApiGateway::ApiKey")
	if key.Properties["Enabled"] != true || len(key.Properties["Value"].(string)) < 20 {
		t.Errorf("key %v", key.Properties)
	}
	_, member := d.service.only(t, "AWS::ApiGateway::UsagePlanKey")
	if at(member.Properties, "KeyId", "Ref") != keyID || at(member.Properties, "UsagePlanId", "Ref") != planID {
		t.Errorf("the key is in %v", member.Properties)
	}
	_, other := optional().service.only(t, "AWS::ApiGateway::ApiKey")
	if other.Properties["Value"] == key.Properties["Value"] {
		t.Error("two deployments have the same value, which one account refuses")
	}
}

// TestAccessLogsHoldNothingThatACallerWrote guards secrets, which callers put in headers and, wrongly, in query
// strings and paths. Execution logs and caches would keep them too: both are off.
func TestAccessLogsHoldNothingThatACallerWrote(t *testing.T) {
	d := usual()
	for _, id := range d.service.ids("AWS::ApiGateway::Stage") {
		stage := d.service.Resources[id].Properties
		format := at(stage, "AccessLogSetting", "Format").(string)
		for _, written := range []string{"header", "query", "$context.path", "userAgent", "protocol", "domain", "$context.requestId", "body"} {
			if strings.Contains(strings.ToLower(format), strings.ToLower(written)) {
				t.Errorf("%s: the access log has %s", id, written)
			}
		}
		var line map[string]string
		if err := json.Unmarshal([]byte(format), &line); err != nil || line["gateway_id"] != "$context.extendedRequestId" {
			t.Errorf("%s: the access log is no JSON with API Gateway's id: %s", id, format)
		}
		want := map[string]any{
			"HttpMethod": "*", "ResourcePath": "/*", "CachingEnabled": false, "DataTraceEnabled": false, "LoggingLevel": "OFF",
		}
		if diff := cmp.Diff(want, at(stage, "MethodSettings", 0)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
		if stage["CacheClusterEnabled"] != nil || stage["TracingEnabled"] != nil {
			t.Errorf("%s: caches or traces", id)
		}
	}
}

// TestTheAccountsLoggingRoleStaysBehind holds because other APIs of the account may write their logs by it; and it
// is left alone where somebody else sets it.
func TestTheAccountsLoggingRoleStaysBehind(t *testing.T) {
	_, account := usual().service.only(t, "AWS::ApiGateway::Account")
	role := at(account.Properties, "CloudWatchRoleArn", "Fn::GetAtt", 0).(string)
	if account.DeletionPolicy != "Retain" || usual().service.Resources[role].DeletionPolicy != "Retain" {
		t.Error("removing the stack takes the account's logging role away")
	}
	if set := optional().service.ids("AWS::ApiGateway::Account"); set != nil {
		t.Errorf("cloudWatchRole=false sets %v", set)
	}
}

// TestTheForbiddenExitIsAChoice: without it there is nothing of it, so that a refusal is a deny.
func TestTheForbiddenExitIsAChoice(t *testing.T) {
	d := synthesize(map[string]string{"firstAdmin": "ada@example.com", "forbiddenExit": "false"})
	for _, kind := range []string{"AWS::ApiGateway::ApiKey", "AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::UsagePlanKey"} {
		if made := d.service.ids(kind); made != nil {
			t.Errorf("there is %v", made)
		}
	}
	for _, stage := range d.api(t, "keyward-sample").all("AWS::ApiGateway::Stage") {
		if value := at(stage, "Variables", "keyward_forbidden_exit"); value != nil {
			t.Errorf("%v says %v", stage["StageName"], value)
		}
	}
}

package observed

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyward/keyward/infra/acceptance"
	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/infra/emulator/emulatortest"
	"github.com/keyward/keyward/infra/stack"
)

// What is deployed writes the lines that docs/observability.md promises, with nothing secret in them, and has the alarms
// and the dashboard of the tables.
func TestDeployment_isObserved(t *testing.T) {
	provider, issuer := emulatortest.Identities(t)
	emulated := emulatortest.Start(t, emulator.Options{})
	build := emulatortest.NewBuild(t)
	outputs, err := emulated.Deploy(t.Context(), build.App, build.Context(issuer, map[string]string{"logLevel": "debug"}), "--all")
	if err != nil {
		t.Fatal(err)
	}
	target := emulatortest.Target(emulated, outputs["keyward"], provider)
	cloud := cloud{emulated}
	secrets, requests := use(t, target)
	lines := cloud.settled(t, requests)
	t.Run("lines", func(t *testing.T) { checkLines(t, lines) })
	t.Run("secrets", func(t *testing.T) {
		for what, secret := range secrets {
			for _, line := range lines {
				if strings.Contains(line, secret) && (what != whoever || parsed(line)["msg"] != "change") {
					t.Errorf("the log has %s: %s", what, strings.ReplaceAll(line, secret, "[it]"))
				}
			}
		}
	})
	t.Run("alarms and dashboard", func(t *testing.T) { checkWatch(t, cloud) })
}

// whoever made a change is in the line that says what it was, as in the activity, and in no other.
const whoever = "who is signed in"

// use asks for one decision of each kind that a caller meets most, from each that decides. It gives what no log may hold,
// and how many decisions and requests there were.
func use(t *testing.T, target acceptance.Target) (secrets map[string]string, want map[string]int) {
	t.Helper()
	token := target.Token(t, "observer@example.com")
	member := map[string]string{"Authorization": "Bearer " + token}
	made := ask(t, http.MethodPost, target.URL+"/v1/keys", member, `{"name":"marked-name","rate_limit":3,"roles":["dns_manager"]}`, http.StatusCreated)
	var created struct {
		Data struct {
			APIKey string `json:"api_key"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(made), &created); err != nil || created.Data.APIKey == "" {
		t.Fatalf("no key was made: %v", err)
	}
	secret := created.Data.APIKey
	holder := map[string]string{"X-API-Key": secret, "User-Agent": "marked-agent"}
	sample := target.Sample("production") + "/zones?marked=query"
	ask(t, http.MethodGet, sample, holder, "", http.StatusOK)
	ask(t, http.MethodGet, target.URL+"/v1/authorize/production/dns/zones/marked-zone", holder, "", http.StatusNoContent)
	ask(t, http.MethodPost, target.URL+"/v1/keys/verify", member, `{"api_key":"`+secret+`","service":"dns","method":"GET","path":"/zones/marked-zone","ip":"203.0.113.9"}`, http.StatusOK)
	ask(t, http.MethodGet, sample, holder, "", http.StatusTooManyRequests)
	ask(t, http.MethodGet, sample, map[string]string{"X-API-Key": "marked-credential"}, "", http.StatusUnauthorized)
	ask(t, http.MethodGet, sample, nil, "", http.StatusUnauthorized)
	return map[string]string{
			"the key": secret, "the key's random part": secret[len(secret)-24:], "the session token": token, "its signature": token[strings.LastIndexByte(token, '.')+1:],
			"a name": "marked-name", "a query": "marked=query", "a path": "marked-zone", "a header": "marked-agent",
			"a malformed credential": "marked-credential", whoever: "observer@example.com",
		}, map[string]int{
			"decision allowed rest": 3, "decision allowed forward": 1, "decision allowed verify": 1, "decision rate_limited rest": 1,
			"decision credential_malformed rest": 1, "decision credential_missing rest": 1, "request ok ": 2,
		}
}

// promised are the fields that the lines of each kind have, as docs/observability.md says.
var promised = map[string][]string{
	"decision": {"time", "level", "msg", "v", "request_id", "surface", "code", "status", "environment", "service", "method", "resource", "ip", "duration_ms", "_aws", "Deployment", "Code", "Decisions", "DecisionLatency"},
	"request":  {"time", "level", "msg", "v", "request_id", "code", "status", "organization", "method", "resource", "ip", "duration_ms"},
}

func checkLines(t *testing.T, lines []string) {
	colds := map[string]bool{}
	for _, line := range lines {
		fields := parsed(line)
		kind, _ := fields["msg"].(string)
		if fields["cold_start"] == true {
			colds[kind] = true
		}
		for _, name := range promised[kind] {
			if _, there := fields[name]; !there && !excused(name, fields) {
				t.Errorf("%s is not in %s", name, line)
			}
		}
		if fields["request_id"] != nil && fields["surface"] == "rest" {
			t.Errorf("the emulator tells an authorizer the request's id: that gap is closed, excuse it no more: %s", line)
		}
		if fields["code"] == "allowed" && fields["service"] == "dns" && (fields["key_id"] == nil || fields["organization"] == nil) {
			t.Errorf("it does not say whose key it was: %s", line)
		}
	}
	if !colds["decision"] || !colds["request"] {
		t.Errorf("nothing began: %v", colds)
	}
}

// excused reports whether a line may lack a promised field: keyward's own API is of no environment, and the emulator tells
// an authorizer no request id.
func excused(name string, fields map[string]any) bool {
	return name == "environment" && fields["service"] == "keyward" || name == "request_id" && fields["surface"] == "rest"
}

// parsed are the fields of a line of ours; none where it is Lambda's.
func parsed(line string) map[string]any {
	var fields map[string]any
	_ = json.Unmarshal([]byte(line), &fields)
	return fields
}

// counted is how many lines there are of each kind, code and surface.
func counted(lines []string) map[string]int {
	counts := map[string]int{}
	for _, line := range lines {
		fields := parsed(line)
		if kind, _ := fields["msg"].(string); promised[kind] != nil {
			surface, _ := fields["surface"].(string)
			counts[kind+" "+fields["code"].(string)+" "+surface]++
		}
	}
	return counts
}

// settled are the lines of all logs, once those that are wanted are there: they come after the answers.
func (c cloud) settled(t *testing.T, want map[string]int) []string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		lines := c.lines(t)
		diff := cmp.Diff(want, counted(lines))
		if diff == "" {
			return lines
		}
		if time.Now().After(deadline) {
			t.Fatalf("the lines (-want +got):\n%s", diff)
		}
	}
}

func checkWatch(t *testing.T, cloud cloud) {
	want := map[string]bool{}
	for _, row := range (stack.Deployment{Name: "keyward"}).Alarms() {
		want["keyward-"+row.Name] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), cloud.names(t, "DescribeAlarms", "AlarmName")); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"keyward"}, cloud.names(t, "ListDashboards", "DashboardName")); diff != "" {
		t.Errorf("dashboards (-want +got):\n%s", diff)
	}
}

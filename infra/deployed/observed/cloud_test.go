package observed

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"testing"

	"github.com/keyward/keyward/infra/deployed/signed"
	"github.com/keyward/keyward/infra/emulator"
)

// cloud is the account, as far as it is asked here.
type cloud struct{ *emulator.Emulator }

// ask sends a request that has to succeed.
func (c cloud) ask(t *testing.T, request signed.Request) string {
	t.Helper()
	answer, err := signed.Must(t.Context(), c.Config(), request)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Text
}

// logs calls CloudWatch Logs.
func (c cloud) logs(t *testing.T, action string, in map[string]any, out any) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	text := c.ask(t, signed.Request{Service: "logs", MediaType: signed.JSON, Target: "Logs_20140328." + action, Body: string(body)})
	if err := json.Unmarshal([]byte(text), out); err != nil {
		t.Fatal(err)
	}
}

// lines are what all functions have logged.
func (c cloud) lines(t *testing.T) []string {
	t.Helper()
	var groups struct {
		LogGroups []struct{ LogGroupName string }
	}
	c.logs(t, "DescribeLogGroups", map[string]any{}, &groups)
	var lines []string
	for _, group := range groups.LogGroups {
		in := map[string]any{"logGroupName": group.LogGroupName}
		for more := true; more; {
			var page struct {
				Events    []struct{ Message string }
				NextToken string
			}
			c.logs(t, "FilterLogEvents", in, &page)
			for _, event := range page.Events {
				lines = append(lines, event.Message)
			}
			in["nextToken"], more = page.NextToken, page.NextToken != ""
		}
	}
	return lines
}

// names are what an action of CloudWatch says in those elements, in order.
func (c cloud) names(t *testing.T, action, element string) []string {
	t.Helper()
	said := c.ask(t, signed.Request{Service: "monitoring", MediaType: signed.Form, Body: "Action=" + action + "&Version=2010-08-01"})
	var names []string
	for _, found := range regexp.MustCompile("<"+element+">([^<]*)<").FindAllStringSubmatch(said, -1) {
		names = append(names, found[1])
	}
	slices.Sort(names)
	return names
}

// ask sends a request to the deployment, which has to answer with that status.
func ask(t *testing.T, method, url string, headers map[string]string, body string, status int) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		t.Fatalf("%s %s: %d, want %d: %s %v", method, request.URL.Path, response.StatusCode, status, text, err)
	}
	return string(text)
}

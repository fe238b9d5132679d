package observed

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/keyward/keyward/infra/emulator"
)

// cloud is the account, as far as it is asked here.
type cloud struct{ *emulator.Emulator }

// send sends a signed request, which has to succeed.
func (c cloud) send(t *testing.T, service string, headers map[string]string, body string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.URL+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	root, err := c.Config().Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), root, request, hex.EncodeToString(sum[:]), service, emulator.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	return answered(t, request, http.StatusOK)
}

// logs calls CloudWatch Logs.
func (c cloud) logs(t *testing.T, action string, in map[string]any, out any) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	headers := map[string]string{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Logs_20140328." + action}
	if err := json.Unmarshal(c.send(t, "logs", headers, string(body)), out); err != nil {
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
	headers := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	said := c.send(t, "monitoring", headers, "Action="+action+"&Version=2010-08-01")
	var names []string
	for _, found := range regexp.MustCompile("<"+element+">([^<]*)<").FindAllSubmatch(said, -1) {
		names = append(names, string(found[1]))
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
	return string(answered(t, request, status))
}

func answered(t *testing.T, request *http.Request, status int) []byte {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		t.Fatalf("%s %s: %d, want %d: %s %v", request.Method, request.URL.Path, response.StatusCode, status, text, err)
	}
	return text
}

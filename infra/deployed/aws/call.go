package aws

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// query calls an action of CloudFormation and reads its answer, where out is not nil.
func (c Cloud) query(ctx context.Context, action string, parameters map[string]string, out any) error {
	form := url.Values{"Action": {action}, "Version": {"2010-05-15"}}
	for name, value := range parameters {
		form.Set(name, value)
	}
	text, err := c.call(ctx, "cloudformation", http.MethodPost, "/", form.Encode(), "application/x-www-form-urlencoded", "")
	if err != nil || out == nil {
		return err
	}
	return xml.Unmarshal(text, out)
}

// logs calls an action of CloudWatch Logs and reads its answer, where out is not nil.
func (c Cloud) logs(ctx context.Context, action string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	text, err := c.call(ctx, "logs", http.MethodPost, "/", string(body), "application/x-amz-json-1.1", "Logs_20140328."+action)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(text, out)
}

// call sends a signed request to a service, and gives the body of its answer. Services that need no SDK of their own here are
// called so.
func (c Cloud) call(ctx context.Context, service, method, path, body, mediaType, target string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.endpoint(service)+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", mediaType)
	if target != "" {
		request.Header.Set("X-Amz-Target", target)
	}
	credentials, err := c.Config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), service, c.Config.Region, time.Now()); err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 300 {
		err = &refusal{service, response.StatusCode, string(text)}
	}
	return text, err
}

func (c Cloud) endpoint(service string) string {
	if c.Config.BaseEndpoint != nil {
		return *c.Config.BaseEndpoint
	}
	return "https://" + service + "." + c.Config.Region + "." + suffix(c.Config.Region)
}

// refusal is an answer that is an error.
type refusal struct {
	service string
	status  int
	text    string
}

func (r *refusal) Error() string { return fmt.Sprintf("%s: %d %s", r.service, r.status, r.text) }

// Package signed calls AWS services that need no SDK of their own here: each of their clients would be a module for a few calls.
package signed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Request is what is asked of a service. What is empty is not sent; Method is then POST, and Path is /.
type Request struct {
	Service, Method, Path string
	MediaType             string
	Target                string // the action, for services that have it in X-Amz-Target
	Body                  string
}

// Answer is what came back, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Text   string
}

// The media types of the protocols that services speak.
const (
	Form = "application/x-www-form-urlencoded"
	JSON = "application/x-amz-json-1.1"
)

// client waits for no answer longer than a function may take that is invoked.
var client = &http.Client{Timeout: 6 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}

// Call sends a request, signed by config's credentials, to config's endpoint or else to AWS. The error is for a request that has
// no answer.
func Call(ctx context.Context, config aws.Config, r Request) (Answer, error) {
	request, err := signedRequest(ctx, config, r)
	if err != nil {
		return Answer{}, err
	}
	response, err := client.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return Answer{response.StatusCode, response.Header, string(text)}, err
}

// Must is Call for a request that has to succeed: the error is for any other answer too.
func Must(ctx context.Context, config aws.Config, r Request) (Answer, error) {
	answer, err := Call(ctx, config, r)
	if err == nil && answer.Status >= 300 {
		err = &Refusal{r.Service, answer.Status, answer.Text}
	}
	return answer, err
}

// Refusal is an answer that is an error.
type Refusal struct {
	Service string
	Status  int
	Text    string
}

// Error says who refused, and how.
func (r *Refusal) Error() string { return fmt.Sprintf("%s: %d %s", r.Service, r.Status, r.Text) }

func signedRequest(ctx context.Context, config aws.Config, r Request) (*http.Request, error) {
	if r.Method == "" {
		r.Method = http.MethodPost
	}
	if r.Path == "" {
		r.Path = "/"
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, endpoint(config, r.Service)+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{"Content-Type": r.MediaType, "X-Amz-Target": r.Target} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	credentials, err := config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(r.Body))
	return request, v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), r.Service, config.Region, time.Now())
}

func endpoint(config aws.Config, service string) string {
	if config.BaseEndpoint != nil {
		return *config.BaseEndpoint
	}
	return "https://" + service + "." + config.Region + "." + Suffix(config.Region)
}

// Suffix is that of AWS's own domain names in a region.
func Suffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// Restart ends the processes of a function of Lambda: the next event starts one. Its timeout is set anew, so that all stays as it is.
func Restart(ctx context.Context, config aws.Config, function string) error {
	path := "/2015-03-31/functions/" + function + "/configuration"
	was, err := Must(ctx, config, Request{Service: "lambda", Method: http.MethodGet, Path: path})
	if err != nil {
		return err
	}
	var same struct{ Timeout int }
	if err := json.Unmarshal([]byte(was.Text), &same); err != nil {
		return err
	}
	_, err = Must(ctx, config, Request{Service: "lambda", Method: http.MethodPut, Path: path, Body: fmt.Sprintf(`{"Timeout": %d}`, same.Timeout)})
	return err
}

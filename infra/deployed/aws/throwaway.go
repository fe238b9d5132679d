package aws

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/keyward/keyward/infra/deployed/signed"
	"github.com/keyward/keyward/infra/emulator/cdk"
	"github.com/keyward/keyward/shared/session/devoidc"
)

// Build is what a deployment is made of: programs that are CDK apps, and the folder of the functions' zips.
type Build struct {
	App          string // keyward's
	Issuer       string // the identity provider's
	Functions    string
	Architecture string // of the functions
}

// ThrowAway is a deployment with an identity provider of its own.
type ThrowAway struct {
	// Provider signs session tokens; its private key never leaves this machine.
	Provider *devoidc.Provider
	// Admin and Sample are where its APIs answer, the sample API's by environment.
	Admin  string
	Sample map[string]string

	cloud  Cloud
	build  Build
	name   string
	values map[string]string
}

// Prepare names a throw-away deployment. Remove removes what Deploy makes of it, however far that came.
func Prepare(cloud Cloud, build Build) *ThrowAway {
	return &ThrowAway{cloud: cloud, build: build, name: "kw-accept-" + strings.ToLower(rand.Text()[:8])}
}

// Deploy deploys it: who operates it is the member operator, and more are further context values.
func (d *ThrowAway) Deploy(ctx context.Context, operator string, more map[string]string) error {
	issuer, err := d.deployIssuer(ctx)
	if err != nil {
		return err
	}
	role, err := d.cloud.hasLoggingRole(ctx)
	if err != nil {
		return err
	}
	d.values = map[string]string{
		"stackName": d.name, "architecture": d.build.Architecture, "build": d.build.Functions, "issuer": issuer,
		"audience": devoidc.Audience, "signup": "personal", "operators": operator, "cloudWatchRole": fmt.Sprint(!role),
	}
	maps.Copy(d.values, more)
	outputs, err := d.cloud.Deploy(ctx, d.build.App, d.values, "--all")
	if err != nil {
		return err
	}
	d.found(outputs)
	return nil
}

// found reads where the APIs answer.
func (d *ThrowAway) found(outputs cdk.Outputs) {
	service := outputs[d.name]
	d.Admin, d.Sample = d.cloud.at(service["AdminApiUrl"]), map[string]string{}
	for name, url := range service {
		if environment, ok := strings.CutPrefix(name, "SampleUrl"); ok {
			d.Sample[strings.ToLower(environment)] = d.cloud.at(url)
		}
	}
}

// deployIssuer deploys an identity provider that is a few documents, and gives its issuer.
func (d *ThrowAway) deployIssuer(ctx context.Context) (issuer string, err error) {
	const unknown = "http://127.0.0.1" // its address is known when it is there; its key is not another then
	provider, err := devoidc.OpenAt(d.cloud.Dir, unknown)
	if err != nil {
		return "", err
	}
	keys, err := document(provider, "/jwks.json")
	if err != nil {
		return "", err
	}
	values := map[string]string{"stackName": d.issuerStack(), "jwks": keys, "at": ""}
	if d.cloud.Config.BaseEndpoint != nil {
		values["at"] = d.cloud.Stage("{api}", "oidc")
	}
	outputs, err := d.cloud.Deploy(ctx, d.build.Issuer, values, d.issuerStack())
	if err != nil {
		return "", err
	}
	issuer = d.cloud.at(outputs[d.issuerStack()]["Url"])
	d.Provider, err = devoidc.OpenAt(d.cloud.Dir, issuer)
	return issuer, err
}

func (d *ThrowAway) issuerStack() string { return d.name + "-oidc" }

// document is one of the provider's.
func document(provider *devoidc.Provider, path string) (string, error) {
	asked, err := http.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return "", err
	}
	var written strings.Builder
	provider.Handler().ServeHTTP(page{&written, http.Header{}}, asked)
	return strings.TrimSpace(written.String()), nil
}

// page is a response that is nothing but a text.
type page struct {
	*strings.Builder
	header http.Header
}

func (p page) Header() http.Header { return p.header }
func (p page) WriteHeader(int)     {}

// hasLoggingRole reports whether the account already has a role by which its APIs write logs. Then the deployment must not set
// its own, which other APIs would depend on after it has gone.
func (c Cloud) hasLoggingRole(ctx context.Context) (bool, error) {
	answer, err := signed.Must(ctx, c.Config, signed.Request{Service: "apigateway", Method: http.MethodGet, Path: "/account"})
	if err != nil {
		return false, fmt.Errorf("asking for the account's role for logs: %w", err)
	}
	var account struct {
		Role string `json:"cloudwatchRoleArn"`
	}
	return json.Unmarshal([]byte(answer.Text), &account) == nil && account.Role != "", nil
}

// Remove removes all that the deployment made: its stacks, and what they keep. It does all that it can, and gives an error
// where something is left.
func (d *ThrowAway) Remove(ctx context.Context) error {
	service, err := d.cloud.Resources(ctx, d.name)
	data, dataErr := d.cloud.Resources(ctx, d.name+"-data")
	problems := []error{err, dataErr}
	for _, stack := range []string{d.name, d.name + "-data", d.issuerStack()} {
		problems = append(problems, d.cloud.remove(ctx, stack))
	}
	left, err := d.cloud.left(ctx, append(service, data...))
	problems = append(problems, err, d.cloud.removeRetained(ctx, left))
	if left, err = d.cloud.left(ctx, left); err != nil || len(left) > 0 {
		problems = append(problems, err, fmt.Errorf("still there: %v", left))
	}
	return errors.Join(problems...)
}

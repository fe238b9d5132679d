package aws

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/url"

	"github.com/keyward/keyward/infra/deployed/signed"
)

// query calls an action of CloudFormation and reads its answer, where out is not nil.
func (c Cloud) query(ctx context.Context, action string, parameters map[string]string, out any) error {
	form := url.Values{"Action": {action}, "Version": {"2010-05-15"}}
	for name, value := range parameters {
		form.Set(name, value)
	}
	answer, err := signed.Must(ctx, c.Config, signed.Request{Service: "cloudformation", MediaType: signed.Form, Body: form.Encode()})
	if err != nil || out == nil {
		return err
	}
	return xml.Unmarshal([]byte(answer.Text), out)
}

// logs calls an action of CloudWatch Logs and reads its answer, where out is not nil.
func (c Cloud) logs(ctx context.Context, action string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := signed.Must(ctx, c.Config, signed.Request{
		Service: "logs", MediaType: signed.JSON, Target: "Logs_20140328." + action, Body: string(body),
	})
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal([]byte(answer.Text), out)
}

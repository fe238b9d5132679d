package emulator

import (
	"context"
	"os"

	"github.com/keyward/keyward/infra/emulator/cdk"
)

// Outputs are those of stacks, by the stack's name and the output's.
type Outputs = cdk.Outputs

// Bootstrap prepares the account for deployments, as `cdk bootstrap` does.
func (e *Emulator) Bootstrap(ctx context.Context) error {
	_, err := e.Run(ctx, e.Dir, "bootstrap", "aws://"+Account+"/"+Region) // where there is no app
	return err
}

// Environment is that of a command that takes the emulator for AWS.
func (e *Emulator) Environment() []string {
	return append(os.Environ(),
		"AWS_ENDPOINT_URL="+e.URL, "AWS_ENDPOINT_URL_S3="+e.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_REGION="+Region, "CDK_DISABLE_CLI_TELEMETRY=true", "CDK_VALIDATION=false", "CI=true")
}

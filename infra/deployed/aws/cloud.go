package aws

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/keyward/keyward/infra/deployed/signed"
	"github.com/keyward/keyward/infra/emulator"
	"github.com/keyward/keyward/infra/emulator/cdk"
)

// Cloud is an account in a region: AWS's, or the emulator's.
type Cloud struct {
	// CLI deploys to it.
	cdk.CLI
	// Config is how the SDK reaches it. BaseEndpoint is set where that is not AWS.
	Config aws.Config
	// Stage is where the stage of a REST API answers, without a slash at the end.
	Stage func(api, stage string) string
}

// OnAWS is the account whose credentials are in the environment.
func OnAWS(root, dir string) (Cloud, error) {
	region := os.Getenv("AWS_REGION")
	credentials := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
	}
	if region == "" || credentials.AccessKeyID == "" || credentials.SecretAccessKey == "" {
		return Cloud{}, errors.New("AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set; `aws configure export-credentials --format env` prints a profile's")
	}
	config := aws.Config{Region: region, Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil })}
	stage := func(api, stage string) string {
		return fmt.Sprintf("https://%s.execute-api.%s.%s/%s", api, region, signed.Suffix(region), stage)
	}
	return Cloud{CLI: cdk.CLI{Root: root, Dir: dir, Env: os.Environ()}, Config: config, Stage: stage}, nil
}

// OnEmulator is the emulator's account.
func OnEmulator(emulated *emulator.Emulator) Cloud {
	return Cloud{CLI: emulated.CLI, Config: emulated.Config(), Stage: emulated.API}
}

// at is where the stage answers that a stack's output calls https://<api>.execute-api.<region>.<suffix>/<stage>/.
func (c Cloud) at(output string) string {
	host, stage, _ := strings.Cut(strings.TrimPrefix(output, "https://"), "/")
	api, _, _ := strings.Cut(host, ".")
	return c.Stage(api, strings.TrimSuffix(stage, "/"))
}

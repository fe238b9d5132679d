package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// SecretsClient is the one call that SecretsManager makes; *secretsmanager.Client has it.
type SecretsClient interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// SecretsManager keeps a ring as the text of one secret of AWS Secrets Manager.
type SecretsManager struct {
	Client   SecretsClient
	SecretID string // name or ARN
}

// secretsTimeout bounds one read, the SDK's retries included.
const secretsTimeout = 3 * time.Second

// Load reads the secret's current version, within three seconds.
func (s SecretsManager) Load(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, secretsTimeout)
	defer cancel()
	output, err := s.Client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.SecretID})
	if err != nil {
		return nil, fmt.Errorf("reading secret %s: %w", s.SecretID, err)
	}
	if output.SecretString == nil {
		return nil, fmt.Errorf("reading secret %s: %w", s.SecretID, errBinary)
	}
	return []byte(*output.SecretString), nil
}

var errBinary = errors.New("it is binary; store the ring as text")

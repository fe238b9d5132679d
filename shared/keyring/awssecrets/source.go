// Package awssecrets is the keyring's source on AWS. It is apart from package keyring, so that what hashes nothing does not
// carry the client of Secrets Manager.
package awssecrets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/keyward/keyward/shared/keyring"
)

// Client is the one call that a Source makes; *secretsmanager.Client has it.
type Client interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// Source keeps a ring as the text of one secret of AWS Secrets Manager. It is a keyring.Source.
type Source struct {
	Client   Client
	SecretID string // name or ARN
}

// secretsTimeout bounds one read, the SDK's retries included.
const secretsTimeout = 3 * time.Second

// Load reads the secret's current version, within three seconds. Where there is none, no such secret, or nothing in it, its
// error is keyring.ErrNone: Secrets Manager does not tell the first two apart.
func (s Source) Load(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, secretsTimeout)
	defer cancel()
	output, err := s.Client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.SecretID})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return nil, fmt.Errorf("reading secret %s: %w: %w", s.SecretID, keyring.ErrNone, err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading secret %s: %w", s.SecretID, err)
	}
	if output.SecretString == nil {
		return nil, fmt.Errorf("reading secret %s: %w", s.SecretID, errBinary)
	}
	if *output.SecretString == "" {
		return nil, fmt.Errorf("reading secret %s: it is empty: %w", s.SecretID, keyring.ErrNone)
	}
	return []byte(*output.SecretString), nil
}

var errBinary = errors.New("it is binary; store the ring as text")

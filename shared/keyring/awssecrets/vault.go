package awssecrets

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Writer is the one call that a Vault makes beside its Source's; *secretsmanager.Client has it.
type Writer interface {
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
}

// Vault is a Source that can be written too. It is a keyring.Vault.
type Vault struct {
	Source
	Writer Writer
}

// Save makes ring the secret's current version, within three seconds.
func (v Vault) Save(ctx context.Context, ring []byte) error {
	ctx, cancel := context.WithTimeout(ctx, secretsTimeout)
	defer cancel()
	text := string(ring)
	_, err := v.Writer.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &v.SecretID, SecretString: &text})
	if err != nil {
		return fmt.Errorf("writing secret %s: %w", v.SecretID, err)
	}
	return nil
}

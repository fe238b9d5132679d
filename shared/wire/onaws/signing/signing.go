// Package signing is the part of a function that signs keys in JWT format.
package signing

import (
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/keyward/keyward/shared/keyring/awssecrets"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws/awsenv"
)

// Part adds the signing keys of the secret in Secrets Manager. They are read when something is signed.
func Part(parts *wire.Parts) {
	client := secretsmanager.NewFromConfig(awsenv.Config("SECRETS_MANAGER"))
	parts.Signing = awssecrets.Source{Client: client, SecretID: parts.Config.SigningKeys}
}

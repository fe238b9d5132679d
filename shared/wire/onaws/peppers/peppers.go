// Package peppers is the part of a function that hashes secrets.
package peppers

import (
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/keyward/keyward/shared/keyring"
	"github.com/keyward/keyward/shared/keyring/awssecrets"
	"github.com/keyward/keyward/shared/wire"
	"github.com/keyward/keyward/shared/wire/onaws/awsenv"
)

// Part adds the keyring of the secret in Secrets Manager.
func Part(parts *wire.Parts) {
	log := parts.Log
	client := secretsmanager.NewFromConfig(awsenv.Config("SECRETS_MANAGER"))
	source := awssecrets.Source{Client: client, SecretID: parts.Config.Peppers}
	parts.Keyring = keyring.New(source, func(err error) {
		log.Error("the peppers could not be read again; the last good ones go on", "error", err)
	})
}

package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/httpapi"
)

// newSigningKeys makes the secret of the keys that sign keys in JWT format, without a value: the function signingkeys puts
// one there, and a deployment never touches it.
func newSigningKeys(stack awscdk.Stack, key awskms.IKey) awssecretsmanager.Secret {
	secret := awssecretsmanager.NewSecret(stack, jsii.String("SigningKeys"), &awssecretsmanager.SecretProps{
		Description:   jsii.String("keyward: the keys that sign keys in JWT format"),
		EncryptionKey: key,
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})
	resource := secret.Node().DefaultChild().(awssecretsmanager.CfnSecret)
	resource.AddPropertyDeletionOverride(jsii.String("GenerateSecretString"))
	suppress(secret, "AwsSolutions-SMG4",
		"A signing key is replaced when an operator says so, since whoever verifies tokens offline has to learn the new one first")
	return secret
}

// signingKeysSeconds is how long CloudFormation waits for signingkeys to answer. Its own timeout is half of that.
const signingKeysSeconds = 60

// makeSigningKeys calls signingkeys with the first deployment, and with each one after it that changes what is named here.
// What signs is not deployed before there is a key.
func makeSigningKeys(stack awscdk.Stack, config Config, data *Data, functions map[string]awslambda.Function) {
	made := awscdk.NewCustomResource(stack, jsii.String("SigningKeys"), &awscdk.CustomResourceProps{
		ServiceToken:   functions["signingkeys"].FunctionArn(),
		ResourceType:   jsii.String("Custom::SigningKeys"),
		ServiceTimeout: awscdk.Duration_Seconds(jsii.Number(signingKeysSeconds)),
		Properties: &map[string]any{
			"Algorithm": config.KeyAlgorithm,
			"Secret":    secretARN(data.SigningKeys),
			"Table":     data.Table.TableName(),
		},
	})
	for _, row := range httpapi.Functions {
		if row.Signing {
			functions[row.Name].Node().AddDependency(made)
		}
	}
}

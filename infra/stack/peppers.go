package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
)

// newPeppers makes the ring of peppers with a first one, k1, that nobody has ever seen. CloudFormation fills it
// once; later peppers are added to it by hand, and a deployment never touches it again.
func newPeppers(stack awscdk.Stack, key awskms.IKey) awssecretsmanager.Secret {
	secret := awssecretsmanager.NewSecret(stack, jsii.String("Peppers"), &awssecretsmanager.SecretProps{
		Description:   jsii.String("keyward: the ring of peppers that hash secrets"),
		EncryptionKey: key,
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			SecretStringTemplate: jsii.String(`{"current":"k1"}`),
			GenerateStringKey:    jsii.String("k1"),
			PasswordLength:       jsii.Number(64),
			ExcludePunctuation:   jsii.Bool(true),
		},
	})
	suppress(secret, "AwsSolutions-SMG4",
		"A pepper must outlive every hash made with it, so rotation replaces nothing: an operator adds a pepper to the ring")
	return secret
}

// secretARN is a secret's whole ARN by its attribute Id, as CloudFormation documents it beside Ref: emulators give a
// name for the latter, which no policy matches.
func secretARN(secret awssecretsmanager.Secret) *string {
	return secret.Node().DefaultChild().(awssecretsmanager.CfnSecret).AttrId()
}

package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
)

// Data is the stack of what must not be lost: the keys, the peppers and the people stay when it goes.
type Data struct {
	Stack       awscdk.Stack
	Key         awskms.IKey // the customer's, which functions may use; nil: there is none
	Table       awsdynamodb.ITable
	Peppers     awssecretsmanager.Secret
	SigningKeys awssecretsmanager.Secret
	Identity    Identity
}

// Identity is the OIDC provider whose tokens are session tokens.
type Identity struct {
	Issuer   *string
	Audience *string // the client's id, where the provider is ours
	Login    *string // the address of the login page; nil where the provider isn't ours
	Pool     *string // the user pool's id; nil likewise
}

func newData(app awscdk.App, config Config) *Data {
	stack := awscdk.NewStack(app, config.name("data"), &awscdk.StackProps{
		Description:           jsii.String("keyward: what must not be lost (keys, peppers, signing keys, people)"),
		TerminationProtection: jsii.Bool(true),
	})
	data := &Data{Stack: stack}
	if config.KMS != NoKey {
		data.Key = newKey(stack, config)
	}
	var encrypts awskms.IKey
	if config.KMS == Encrypts {
		encrypts = data.Key
	}
	data.Table = newTable(stack, config, encrypts)
	data.Peppers = newPeppers(stack, encrypts)
	data.SigningKeys = newSigningKeys(stack, encrypts)
	data.Identity = newIdentity(stack, config)
	data.output()
	return data
}

func newKey(stack awscdk.Stack, config Config) awskms.Key {
	return awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{
		Alias:             jsii.String("alias/" + config.Name),
		Description:       jsii.String("Encrypts keyward's table, peppers and signing keys"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
	})
}

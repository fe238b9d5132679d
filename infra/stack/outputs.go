package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/apikey"
)

// output says what the functions were told of: whose tokens are session tokens, and where the keys are.
func (d *Data) output() {
	output(d.Stack, "Issuer", "Whose tokens are session tokens", d.Identity.Issuer)
	output(d.Stack, "ClientId", "The audience of session tokens: the console's client id", d.Identity.Audience)
	if d.Identity.Login != nil {
		output(d.Stack, "LoginUrl", "Where members sign in", d.Identity.Login)
		output(d.Stack, "UserPoolId", "The user pool, to which an administrator adds people", d.Identity.Pool)
	}
	output(d.Stack, "TableName", "The table", d.Table.TableName())
}

// output says where the APIs are; domain is the admin API's own, or nil.
func (s *Service) output(domain awsapigateway.DomainName) {
	output(s.Stack, "AdminApiUrl", "The admin API: issue and manage keys", s.Admin.Url())
	if domain != nil {
		output(s.Stack, "AdminDomainUrl", "The admin API, at its own domain", jsii.String("https://"+*domain.DomainName()+"/"))
		output(s.Stack, "AdminDomainTarget", "What the domain's CNAME or alias record points at", domain.DomainNameAliasDomainName())
	}
	for _, environment := range apikey.Environments {
		url := jsii.String("https://" + *s.Sample.RestApiId() + ".execute-api." + *s.Stack.Region() + "." +
			*s.Stack.UrlSuffix() + "/" + string(environment) + "/")
		output(s.Stack, "SampleUrl"+title(string(environment)), "The sample protected API, "+string(environment), url)
	}
}

// export says where the authorizer is, under a name by which other stacks import it: those whose own APIs it guards. While one
// does, CloudFormation refuses to take it away from them.
func (s *Service) export() {
	awscdk.NewCfnOutput(s.Stack, jsii.String("AuthorizerArn"), &awscdk.CfnOutputProps{
		Value:       s.Functions["authorizer"].FunctionArn(),
		Description: jsii.String("The function that protects APIs: see docs/protect.md"),
		ExportName:  jsii.String(*s.Stack.StackName() + "-AuthorizerArn"),
	})
}

func output(stack awscdk.Stack, id, description string, value *string) {
	awscdk.NewCfnOutput(stack, &id, &awscdk.CfnOutputProps{Value: value, Description: &description})
}

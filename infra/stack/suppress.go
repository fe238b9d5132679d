package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/keyward/keyward/shared/httpapi"
)

// suppress says why a rule of cdk-nag does not hold for a construct and what is inside it. Reasons stay in the
// template, for whoever reviews it.
func suppress(construct constructs.IConstruct, rule, reason string) {
	cdknag.NagSuppressions_AddResourceSuppressions(construct,
		&[]*cdknag.NagPackSuppression{{Id: &rule, Reason: &reason}}, jsii.Bool(true))
}

// explainAPI and the others here explain what cdk-nag finds in REST APIs, each at the very thing that it is about,
// so that nothing else is excused along with it.
func explainAPI(api awsapigateway.RestApi) {
	suppress(api, "AwsSolutions-APIG2",
		"The functions validate requests themselves: their errors name the field and the rule, API Gateway's do not")
}

func explainStage(stage awsapigateway.Stage) {
	suppress(stage, "AwsSolutions-APIG3",
		"A web ACL is a price and a policy of the operator's; associate one with the stage where it is wanted")
	suppress(stage, "AwsSolutions-APIG6",
		"Execution logs may quote requests, and with them credentials. The access log has every request, without headers and query strings")
}

func explainMethod(method awsapigateway.Method, row httpapi.Route) {
	if row.Caller == httpapi.Anyone {
		suppress(method, "AwsSolutions-APIG4",
			"The table of routes lets anyone call it: the function itself decides, on the credential that the request carries")
	}
	suppress(method, "AwsSolutions-COG4",
		"keyward's own authorizer takes keys as well as Cognito's tokens, and those of any other OIDC provider")
}

func explainMock(method awsapigateway.Method) {
	for _, rule := range []string{"AwsSolutions-APIG4", "AwsSolutions-COG4"} {
		suppress(method, rule, "The answer is fixed and the same for everybody: health, or that there is nothing here")
	}
}

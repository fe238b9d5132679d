// Command issuer is the CDK app of an identity provider for a throw-away deployment: two documents that API Gateway serves by
// itself. Nobody can sign in there: who has the private key signs tokens on their own machine.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	value := func(name string) string { return fmt.Sprint(app.Node().TryGetContext(&name)) }
	if err := build(app, value("stackName"), value("jwks"), value("at")); err != nil {
		fmt.Fprintln(os.Stderr, "issuer:", err)
		os.Exit(1)
	}
	app.Synth(nil)
}

// stage is the stage whose address is the issuer.
const stage = "oidc"

// build makes the stack. keys are the public keys. at is where the stage answers, with {api} for the API's id; empty: at AWS's
// own address.
func build(app awscdk.App, name, keys, at string) error {
	if strings.ContainsAny(keys, "$#") {
		return fmt.Errorf("the keys hold what a mapping template would read: %s", keys)
	}
	stack := awscdk.NewStack(app, &name, &awscdk.StackProps{Description: jsii.String("keyward: an identity provider for a throw-away deployment")})
	api := awsapigateway.NewRestApi(stack, jsii.String("Issuer"), &awsapigateway.RestApiProps{
		RestApiName:    &name,
		EndpointTypes:  &[]awsapigateway.EndpointType{awsapigateway.EndpointType_REGIONAL},
		CloudWatchRole: jsii.Bool(false),
		DeployOptions:  &awsapigateway.StageOptions{StageName: jsii.String(stage)},
	})
	issuer := strings.ReplaceAll(at, "{api}", *api.RestApiId())
	if at == "" {
		issuer = "https://" + *api.RestApiId() + ".execute-api." + *stack.Region() + "." + *stack.UrlSuffix() + "/" + stage
	}
	serve(api, "/.well-known/openid-configuration", `{"issuer":"`+issuer+`","jwks_uri":"`+issuer+`/jwks.json",`+
		`"response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256"]}`)
	serve(api, "/jwks.json", keys)
	awscdk.NewCfnOutput(stack, jsii.String("Url"), &awscdk.CfnOutputProps{Value: api.Url()})
	return nil
}

// serve answers a GET of path with a document.
func serve(api awsapigateway.RestApi, path, document string) {
	integration := awsapigateway.NewMockIntegration(&awsapigateway.IntegrationOptions{
		RequestTemplates: &map[string]*string{"application/json": jsii.String(`{"statusCode":200}`)},
		IntegrationResponses: &[]*awsapigateway.IntegrationResponse{{
			StatusCode:        jsii.String("200"),
			ResponseTemplates: &map[string]*string{"application/json": &document},
		}},
	})
	api.Root().ResourceForPath(&path).AddMethod(jsii.String("GET"), integration, &awsapigateway.MethodOptions{
		AuthorizationType: awsapigateway.AuthorizationType_NONE,
		MethodResponses:   &[]*awsapigateway.MethodResponse{{StatusCode: jsii.String("200")}},
	})
}

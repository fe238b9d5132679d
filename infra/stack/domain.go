package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53targets"
	"github.com/aws/jsii-runtime-go"
)

// newDomain serves api at a domain of its own, without the stage in the path: https://keys.example.com/v1/keys. It is nil where
// config names none.
func newDomain(stack awscdk.Stack, config Config, api awsapigateway.RestApi) awsapigateway.DomainName {
	if config.DomainName == "" {
		return nil
	}
	domain := awsapigateway.NewDomainName(stack, jsii.String("AdminDomain"), &awsapigateway.DomainNameProps{
		DomainName:     &config.DomainName,
		Certificate:    awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String("AdminCertificate"), &config.CertificateARN),
		EndpointType:   awsapigateway.EndpointType_REGIONAL,
		SecurityPolicy: awsapigateway.SecurityPolicy_TLS_1_2,
	})
	domain.AddBasePathMapping(api, &awsapigateway.BasePathMappingOptions{Stage: api.DeploymentStage()})
	if config.HostedZoneID != "" {
		newDomainRecord(stack, config, domain)
	}
	return domain
}

// newDomainRecord points the domain at API Gateway, in a zone of Route 53 that exists.
func newDomainRecord(stack awscdk.Stack, config Config, domain awsapigateway.DomainName) {
	zone := awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("AdminZone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: &config.HostedZoneID,
		ZoneName:     &config.HostedZoneName,
	})
	awsroute53.NewARecord(stack, jsii.String("AdminRecord"), &awsroute53.ARecordProps{
		Zone:       zone,
		RecordName: jsii.String(config.DomainName + "."),
		Target:     awsroute53.RecordTarget_FromAlias(awsroute53targets.NewApiGatewayDomain(domain)),
	})
}

package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"
)

// newIdentity is the identity provider that config names, or else a user pool of our own.
func newIdentity(stack awscdk.Stack, config Config) Identity {
	if config.Issuer != "" {
		return Identity{Issuer: &config.Issuer, Audience: &config.Audience}
	}
	pool := newUserPool(stack, config)
	client := newClient(pool, config)
	return Identity{
		Issuer:   pool.UserPoolProviderUrl(),
		Audience: client.UserPoolClientId(),
		Login:    newLogin(pool, config).BaseUrl(nil),
		Pool:     pool.UserPoolId(),
	}
}

// newUserPool makes a pool where an administrator adds people, by e-mail, and nobody adds themselves.
func newUserPool(stack awscdk.Stack, config Config) awscognito.UserPool {
	pool := awscognito.NewUserPool(stack, jsii.String("Users"), &awscognito.UserPoolProps{
		UserPoolName:        config.name("users"),
		SelfSignUpEnabled:   jsii.Bool(false),
		SignInAliases:       &awscognito.SignInAliases{Email: jsii.Bool(true)},
		SignInCaseSensitive: jsii.Bool(false),
		AutoVerify:          &awscognito.AutoVerifiedAttrs{Email: jsii.Bool(true)},
		AccountRecovery:     awscognito.AccountRecovery_EMAIL_ONLY,
		Mfa:                 awscognito.Mfa_REQUIRED,
		MfaSecondFactor:     &awscognito.MfaSecondFactor{Otp: jsii.Bool(true), Sms: jsii.Bool(false)},
		PasswordPolicy: &awscognito.PasswordPolicy{
			MinLength:        jsii.Number(12),
			RequireLowercase: jsii.Bool(true),
			RequireUppercase: jsii.Bool(true),
			RequireDigits:    jsii.Bool(true),
			RequireSymbols:   jsii.Bool(true),
		},
		DeletionProtection: jsii.Bool(true),
		RemovalPolicy:      awscdk.RemovalPolicy_RETAIN,
	})
	suppress(pool, "AwsSolutions-COG3",
		"Threat protection needs Cognito's Plus plan, a price for each user that is the operator's to accept; a second factor is required of everybody")
	return pool
}

// newClient makes the console's client: a browser can keep no secret, so it has none, and proves itself by PKCE.
func newClient(pool awscognito.UserPool, config Config) awscognito.UserPoolClient {
	return pool.AddClient(jsii.String("Console"), &awscognito.UserPoolClientOptions{
		UserPoolClientName: config.name("console"),
		GenerateSecret:     jsii.Bool(false),
		AuthFlows:          &awscognito.AuthFlow{UserSrp: jsii.Bool(true)},
		OAuth: &awscognito.OAuthSettings{
			Flows:        &awscognito.OAuthFlows{AuthorizationCodeGrant: jsii.Bool(true)},
			Scopes:       &[]awscognito.OAuthScope{awscognito.OAuthScope_OPENID(), awscognito.OAuthScope_EMAIL()},
			CallbackUrls: jsii.Strings(config.LoginCallback),
			LogoutUrls:   jsii.Strings(config.LoginCallback),
		},
		EnableTokenRevocation:      jsii.Bool(true),
		PreventUserExistenceErrors: jsii.Bool(true),
		IdTokenValidity:            awscdk.Duration_Hours(jsii.Number(1)),
		AccessTokenValidity:        awscdk.Duration_Hours(jsii.Number(1)),
		RefreshTokenValidity:       awscdk.Duration_Days(jsii.Number(1)),
	})
}

func newLogin(pool awscognito.UserPool, config Config) awscognito.UserPoolDomain {
	prefix := config.LoginDomain
	if prefix == "" {
		prefix = config.Name + "-" + *awscdk.Aws_ACCOUNT_ID()
	}
	return pool.AddDomain(jsii.String("Login"), &awscognito.UserPoolDomainOptions{
		CognitoDomain: &awscognito.CognitoDomainOptions{DomainPrefix: &prefix},
	})
}

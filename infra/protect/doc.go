// Package protect puts keyward in front of an API of your own: a construct for the CDK app, in Go, that the API is
// part of. REST, HTTP and WebSocket each take the API and the ARN of keyward's authorizer function.
//
// What they promise: every method of the API asks the authorizer, every time, and no answer is remembered, so that
// limits are exact and a revocation holds at once. A method that is to be open is named in Public; one that somebody
// else protects, and is not named there, stops the synthesis. docs/protect.md has the same settings for CloudFormation
// and Terraform.
package protect

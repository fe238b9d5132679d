// Package aws makes a throw-away deployment, with an identity provider of its own, holds it to the contract, and removes all
// that it made. `make accept-aws` does so on an AWS account; the tests do so on the emulator, by the same code.
//
// What the account has to have is in its environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN where there
// is one, and AWS_REGION; and it must have been bootstrapped for the CDK.
package aws

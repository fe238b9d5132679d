// Package deployed holds what is deployed to the contract: the templates that a customer deploys, with the zips that they
// deploy, on an AWS that somebody else wrote. There is nothing but tests in it: they need the emulator and DynamoDB Local, so
// they are run by `make verify`.
package deployed

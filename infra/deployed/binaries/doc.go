// Package binaries holds the programs that are deployed to what they promise: the bootstrap of each zip, run as Lambda runs
// it, on DynamoDB Local. There is nothing but tests in it: they need DynamoDB Local, so they are run by `make verify`.
package binaries

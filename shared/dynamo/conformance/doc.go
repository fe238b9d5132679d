// Package conformance holds the store on DynamoDB to its promises, on DynamoDB Local and through the real SDK. It is
// nothing but tests: those of them that need a server, which `make tools` installs. `make test` leaves it out.
package conformance

// Package runbooks runs the commands of docs/operations.md, as they stand there, against a deployment on the emulator, and
// looks at what they bring about. There is nothing but tests in it.
package runbooks

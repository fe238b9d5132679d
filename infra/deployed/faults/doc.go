// Package faults shows what becomes of keyward when what it stands on fails: the whole house, over HTTP, on the real AWS SDK,
// with DynamoDB, Secrets Manager and the identity provider behind proxies that answer as they do in trouble, or not at all.
// docs/faults.md lists every fault with the test that shows it. There is nothing but tests in it: they need DynamoDB Local, so
// they are run by `make verify`.
package faults

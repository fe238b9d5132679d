// Package ondynamo holds the house on DynamoDB to the contract that it keeps on SQLite. There is nothing but tests in
// it: they need DynamoDB Local, so they are run by `make verify`.
package ondynamo

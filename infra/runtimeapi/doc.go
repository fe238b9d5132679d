// Package runtimeapi runs a function's bootstrap as AWS Lambda runs it: as a process of its own that finds nothing around it
// but Lambda's environment variables and the Runtime API, 2018-06-01, on this machine's loopback.
//
// A Sandbox is what AWS calls an execution environment. It takes one event at a time, kills a process that is not done at its
// deadline, starts another one for the next event, stops the process between events, and keeps what it writes. Where the
// comments here say "Lambda does", AWS's own pages say so:
//
//   - the Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
//   - init, invoke, freeze and shutdown: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
//   - the environment variables: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
//
// What it can't do: a process gets as much of this machine's CPU and memory as it wants, where Lambda gives it a share that
// grows with the memory that is configured; the clock goes on while a process is stopped, as it does in Lambda, but an hour
// takes an hour; files outside of the task's folder can be seen.
package runtimeapi

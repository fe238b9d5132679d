package runtimeapi

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Function is what a Lambda function is configured to be.
type Function struct {
	Name      string
	Bootstrap string // the program's path, as Unpack gives it
	Handler   string // _HANDLER; a bootstrap in Go does not look at it
	Timeout   time.Duration
	MemoryMB  int
	Region    string
	Account   string
	// Credentials are those of the function's role.
	Credentials Credentials
	// Variables are the environment variables that the function is configured with.
	Variables map[string]string
	// Arguments are the program's; Lambda gives none.
	Arguments []string
}

// Credentials are what a role's session has.
type Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// Variables that Lambda sets are the ones of
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime, which for an OS-only
// runtime leaves out AWS_EXECUTION_ENV. _X_AMZN_TRACE_ID is set by the runtime, from a header of each event.
func (f Function) lambdaVariables(api string) map[string]string {
	return map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          api,
		"_HANDLER":                        f.Handler,
		"AWS_REGION":                      f.Region,
		"AWS_DEFAULT_REGION":              f.Region,
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "2026/11/22/[$LATEST]00000000000000000000000000000000",
		"AWS_ACCESS_KEY_ID":               f.Credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":           f.Credentials.SecretAccessKey,
		"AWS_SESSION_TOKEN":               f.Credentials.SessionToken,
		"LAMBDA_TASK_ROOT":                filepath.Dir(f.Bootstrap),
		"LAMBDA_RUNTIME_DIR":              filepath.Dir(f.Bootstrap),
		"LANG":                            "en_US.UTF-8",
		"TZ":                              ":UTC",
		"PATH":                            "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
		"LD_LIBRARY_PATH":                 "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
	}
}

// environment is all that the process finds: nothing of this process's own environment reaches it. What Lambda sets can't be
// configured otherwise.
func (f Function) environment(api string) []string {
	variables := maps.Clone(f.Variables)
	if variables == nil {
		variables = map[string]string{}
	}
	maps.Copy(variables, f.lambdaVariables(api))
	environment := make([]string, 0, len(variables))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		environment = append(environment, name+"="+variables[name])
	}
	return environment
}

// arn is what an event says was invoked.
func (f Function) arn() string {
	return "arn:aws:lambda:" + f.Region + ":" + f.Account + ":function:" + f.Name
}

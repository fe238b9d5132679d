package runtimeapi

import (
	"encoding/json"
	"fmt"
	"time"
)

// Outcome is what whoever invokes a function sees: Lambda's Invoke gives the same.
type Outcome struct {
	Payload []byte        // what the function answered, or an Error in JSON
	Error   *Error        // nil where the function answered
	Took    time.Duration // from when the event was sent until there was an outcome
}

// Error is how a function failed. Where the function said so, it chose both texts; else the platform did.
type Error struct {
	Message string `json:"errorMessage"`
	Type    string `json:"errorType"`
}

// Error is the type and the message.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// The types of errors that the platform reports, as Lambda spells them.
const (
	TypeExit    = "Runtime.ExitError"
	TypeTimeout = "Sandbox.Timedout"
)

// failed is the outcome of an error that the function reported.
func failed(payload []byte) Outcome {
	reported := &Error{}
	if err := json.Unmarshal(payload, reported); err != nil {
		reported = &Error{Message: string(payload), Type: "Runtime.Unknown"}
	}
	return Outcome{Payload: payload, Error: reported}
}

// platform is the outcome of an error that the function can't report any more.
func platform(kind, format string, arguments ...any) Outcome {
	e := &Error{Message: fmt.Sprintf(format, arguments...), Type: kind}
	payload, err := json.Marshal(e)
	if err != nil { // no struct of strings fails
		panic(err)
	}
	return Outcome{Payload: payload, Error: e}
}

// InitError says that a process ended, or asked for no event in time, before its first event.
type InitError struct {
	Exit string // how it ended: "exit status 1"
	Log  []string
}

// Error is how it ended, and what it wrote.
func (e *InitError) Error() string { return fmt.Sprintf("init failed: %s; it wrote %q", e.Exit, e.Log) }

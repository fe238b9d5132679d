// Package fault is the one error type of keyward. A fault has three audiences:
// programs read its Code, the caller reads its Detail (and Field), and the log
// alone reads Err. Whatever is not a fault is an internal error, and says nothing
// to the caller.
//
// The codes, their kinds and their titles are the table in codes.go, which is the
// error table of the HTTP contract.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Error is a fault. The zero value of every field but Code is fine.
type Error struct {
	Code       Code
	Detail     string        // one sentence with the particulars and what to do about them
	Field      string        // the field or parameter at fault, where there is one
	RetryAfter time.Duration // when to try again; only for limits and outages
	Err        error         // the cause, for the log only
}

// New makes a fault whose detail is formatted for the caller.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// InvalidField makes a fault about one field of a request body.
func InvalidField(field, format string, args ...any) *Error {
	return &Error{Code: InvalidFieldValue, Field: field, Detail: fmt.Sprintf(format, args...)}
}

// InvalidParam makes a fault about one parameter of a query or path.
func InvalidParam(name, format string, args ...any) *Error {
	return &Error{Code: InvalidParameter, Field: name, Detail: fmt.Sprintf(format, args...)}
}

// Outage makes a fault that says that a dependency could not answer, so that nobody can tell whether what was asked
// for has happened. doing names what was being done, for the log. A cause that is such a fault already stays as it is.
func Outage(doing string, cause error) *Error {
	if known, ok := errors.AsType[*Error](cause); ok && known.Code == Unavailable {
		return known
	}
	return &Error{
		Code:       Unavailable,
		Detail:     "The service cannot answer right now. Retry after a second.",
		RetryAfter: time.Second,
		Err:        fmt.Errorf("%s: %w", doing, cause),
	}
}

// Error is for the log: it includes the cause.
func (e *Error) Error() string {
	switch {
	case e.Err != nil && e.Detail != "":
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Detail, e.Err)
	case e.Err != nil:
		return fmt.Sprintf("%s: %v", e.Code, e.Err)
	default:
		return fmt.Sprintf("%s: %s", e.Code, e.Detail)
	}
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is work with a Code (fault.NameTaken) and with a Kind (fault.Conflict).
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case Code:
		return e.Code == t
	case Kind:
		return e.Code.Kind() == t
	default:
		return false
	}
}

// From gives the fault in err's chain, or an internal one around err.
func From(err error) *Error {
	if f, ok := errors.AsType[*Error](err); ok {
		return f
	}
	return &Error{Code: InternalError, Detail: "Something went wrong on our side. Report the request_id.", Err: err}
}

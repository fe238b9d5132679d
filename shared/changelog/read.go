package changelog

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ErrOther says that a line of a log is none of a change.
var ErrOther = errors.New("not a line of a change")

// Read reads a line of a log, as a function wrote it. refused says that the change has not happened. The error is ErrOther
// for a line that is about something else, and another for one that can't be understood.
func Read(text []byte) (line Line, refused bool, err error) {
	var logged struct {
		Message string          `json:"msg"`
		Change  json.RawMessage `json:"change"`
	}
	if err := json.Unmarshal(text, &logged); err != nil {
		if strings.Contains(string(text), `"`+Message) { // a line of a change that was cut up must not be passed over
			return Line{}, false, fmt.Errorf("a line that names a change is not whole: %w", err)
		}
		return Line{}, false, ErrOther
	}
	if logged.Message != Message && logged.Message != Refused {
		return Line{}, false, ErrOther
	}
	if err := json.Unmarshal(logged.Change, &line); err != nil {
		return Line{}, false, fmt.Errorf("reading a line of a change: %w", err)
	}
	if line.Version != Version {
		return line, false, fmt.Errorf("a line of a change has version %d, and this release reads %d", line.Version, Version)
	}
	return line, logged.Message == Refused, nil
}

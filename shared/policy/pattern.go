package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxSegments is how many segments a pattern has at most.
const maxSegments = 16

var errPath = errors.New("the path must begin with / and have no empty or dot segments")

// segmentsOf are the segments of a pattern, as they are written.
func segmentsOf(pattern string) ([]string, error) {
	rest, rooted := strings.CutPrefix(pattern, "/")
	if rooted && rest == "" {
		return nil, nil
	}
	segments := strings.Split(rest, "/")
	if len(segments) > maxSegments {
		return nil, fmt.Errorf("the path must have at most %d segments", maxSegments)
	}
	var names []string
	for _, segment := range segments {
		if _, ok := decode(segment); !ok || !rooted {
			return nil, errPath
		}
		name, capture := captured(segment)
		if err := nameable(segment, name, capture); err != nil {
			return nil, err
		}
		if capture && slices.Contains(names, name) {
			return nil, fmt.Errorf("{%s} is there twice", name)
		}
		names = append(names, name)
	}
	return segments, nil
}

// nameable is nil where a segment is a literal one without braces, or a name in them.
func nameable(segment, name string, capture bool) error {
	literal, _ := decode(segment)
	switch {
	case capture && strings.HasSuffix(name, "+"):
		return fmt.Errorf("%s is not supported: a pattern names each segment", segment)
	case capture && !ValidID(name):
		return fmt.Errorf("%s must name its segment in 1 to 64 of A-Z, a-z, 0-9, _, ., : and -", segment)
	case !capture && strings.ContainsAny(literal, "{}"):
		return fmt.Errorf("the segment %s must be {name} or have no braces", segment)
	}
	return nil
}

// captured is the name of a segment {name}.
func captured(segment string) (string, bool) {
	if len(segment) < 2 || segment[0] != '{' || segment[len(segment)-1] != '}' {
		return "", false
	}
	return segment[1 : len(segment)-1], true
}

// captureAt is which segment of pattern is {name}, counted from 0; negative where none is.
func captureAt(pattern, name string) int {
	return slices.Index(strings.Split(strings.TrimPrefix(pattern, "/"), "/"), "{"+name+"}")
}

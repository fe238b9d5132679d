package keys

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/fault"
	"github.com/keyward/keyward/shared/policy"
)

// The bounds of what people write about a key.
const (
	maxName          = 100 // characters
	maxDescription   = 500 // characters
	maxMetadataPairs = 20
	maxMetadataBytes = 2 << 10 // names and values together
)

// validName is name as it is kept, where it is one.
func validName(name string) (string, error) {
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return "", fault.InvalidField("name", "name must have no control characters.")
	}
	name = apikey.NormalName(name)
	if length := utf8.RuneCountInString(name); length < 1 || length > maxName {
		return "", fault.InvalidField("name", "name must have 1 to %d characters, not %d.", maxName, length)
	}
	return name, nil
}

func validDescription(description string) error {
	if length := utf8.RuneCountInString(description); length > maxDescription {
		return fault.InvalidField("description", "description must have at most %d characters, not %d.", maxDescription, length)
	}
	return nil
}

func validMetadata(metadata map[string]string) error {
	if len(metadata) > maxMetadataPairs {
		return fault.InvalidField("metadata", "metadata must have at most %d pairs, not %d.", maxMetadataPairs, len(metadata))
	}
	size := 0
	for name, value := range metadata {
		if name == "" {
			return fault.InvalidField("metadata", "metadata must have no empty names.")
		}
		size += len(name) + len(value)
	}
	if size > maxMetadataBytes {
		return fault.InvalidField("metadata", "metadata must have at most %d bytes in names and values, not %d.", maxMetadataBytes, size)
	}
	return nil
}

func validEnvironment(catalog *policy.Catalog, environment apikey.Environment) error {
	ids := make([]string, len(catalog.Environments))
	for i, offered := range catalog.Environments {
		if offered.ID == environment {
			return nil
		}
		ids[i] = string(offered.ID)
	}
	return fault.InvalidField("environment", "environment must be one of %s, not %q.", strings.Join(ids, ", "), environment)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

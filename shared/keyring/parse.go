package keyring

import (
	"encoding/json"
	"errors"
	"fmt"

	exactly "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	currentField = "current"
	// minPepper is the shortest pepper, in characters: 32 random ones of any usual alphabet are 128 bits or more.
	minPepper = 32
	maxID     = 16
)

// ParseRing reads the form in which a ring is kept: one flat JSON object, which gives each pepper under its
// id and, under "current", the id of the current one:
//
//	{"current": "k2", "k1": "…", "k2": "…"}
//
// Its errors name the field and the rule, and never quote a value; nor a field whose name is no id, since that
// may be a pepper in the wrong place.
func ParseRing(data []byte) (*Ring, error) {
	fields, err := fieldsOf(data)
	if err != nil {
		return nil, err
	}
	current, err := textOf(fields, currentField)
	if err != nil {
		return nil, err
	}
	delete(fields, currentField)
	peppers, err := parsePeppers(fields)
	if err != nil {
		return nil, err
	}
	if peppers[current] == nil {
		return nil, errors.New("keyring: current: names no pepper of the ring; it must be the id of one")
	}
	return newRing(current, peppers), nil
}

// fieldsOf gives the fields of a flat object. One that is there twice is an error: one of the two values would be lost, and with
// it all that was hashed by it.
func fieldsOf(data []byte) (map[string]jsontext.Value, error) {
	var fields map[string]jsontext.Value
	err := exactly.Unmarshal(data, &fields)
	if twice, ok := errors.AsType[*jsontext.SyntacticError](err); ok && errors.Is(err, jsontext.ErrDuplicateName) {
		return nil, fmt.Errorf("keyring: %s: is there twice; each pepper needs an id of its own", shownID(twice.JSONPointer.LastToken()))
	}
	if err != nil || fields == nil {
		return nil, errors.New(`keyring: not a JSON object such as {"current":"k1","k1":"…"}`)
	}
	return fields, nil
}

// shownID is the name of a field as an error may quote it: what is no id may be a pepper in the wrong place.
func shownID(name string) string {
	if validID(name) {
		return name
	}
	return "a field"
}

func parsePeppers(fields map[string]jsontext.Value) (map[string]pepper, error) {
	peppers := make(map[string]pepper, len(fields))
	for id := range fields {
		if !validID(id) {
			return nil, fmt.Errorf("keyring: the name of a field, %d bytes long, is no pepper's id: 1-%d of a-z and 0-9", len(id), maxID)
		}
		text, err := textOf(fields, id)
		if err != nil {
			return nil, err
		}
		if len(text) < minPepper {
			return nil, fmt.Errorf("keyring: %s: a pepper has at least %d characters, not %d", id, minPepper, len(text))
		}
		peppers[id] = newPepper(text)
	}
	return peppers, nil
}

func textOf(fields map[string]jsontext.Value, name string) (string, error) {
	var text *string
	if json.Unmarshal(fields[name], &text) != nil || text == nil {
		return "", fmt.Errorf("keyring: %s: must be there, and be a string", name)
	}
	return *text, nil
}

func validID(id string) bool {
	for _, c := range id {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return id != "" && len(id) <= maxID
}

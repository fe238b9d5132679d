package policy

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Broken is one rule that a catalog breaks.
type Broken struct {
	At   jsontext.Pointer // the item that breaks it, such as /roles/3/permissions/0
	Rule string           // what it is called in the catalog, and the rule
}

// Invalid are all rules that a catalog breaks: the error of Load.
type Invalid []Broken

// Error lists the rules, each on a line of its own.
func (i Invalid) Error() string {
	rules := make([]string, len(i))
	for n, broken := range i {
		rules[n] = broken.Rule
	}
	return "catalog: " + strings.Join(rules, "\n")
}

// Load reads and validates a catalog in JSON. Its error is an Invalid, which names each field and the rule. Package
// catalogfile reads the YAML that people write, and names the line too.
func Load(data []byte) (*Catalog, error) {
	if broken, found := formOf(data); found {
		return nil, Invalid{broken}
	}
	var catalog Catalog
	if err := json.Unmarshal(data, &catalog, json.RejectUnknownMembers(true)); err != nil {
		return nil, Invalid{misread(err)}
	}
	return catalog.validated()
}

// LoadShipped is Load(Shipped) without the reading, for a function that starts: shipped.go has the same catalog as Go.
func LoadShipped() (*Catalog, error) { return shippedCatalog().validated() }

func (c *Catalog) validated() (*Catalog, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	return c, nil
}

// formOf finds what the types of a catalog would let pass: a catalog that is no object, and null, which leaves open
// whether somebody forgot something.
func formOf(data []byte) (Broken, bool) {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(data)) // which reads data where it is
	if kind := decoder.PeekKind(); kind != '{' && kind != jsontext.KindInvalid {
		return Broken{Rule: "must be an object"}, true
	}
	if !bytes.Contains(data, []byte("null")) { // the shipped catalog has none, so that no start reads it twice
		return Broken{}, false
	}
	for {
		token, err := decoder.ReadToken()
		if err != nil {
			return Broken{}, false // the end, or something that the reading proper will stumble over
		}
		if token.Kind() == 'n' {
			at := decoder.StackPointer()
			return Broken{at, named(at, "must not be null; leave it out")}, true
		}
	}
}

// misread says what a JSON reader's error means in a catalog.
func misread(err error) Broken {
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return Broken{Rule: err.Error()}
	}
	at := semantic.JSONPointer
	switch {
	case errors.Is(err, json.ErrUnknownName):
		return Broken{at, named(at.Parent(), fmt.Sprintf("unknown field %q", at.LastToken()))}
	case errors.Is(err, errOrganizations):
		return Broken{at, named(at, errOrganizations.Error())}
	case semantic.GoType == nil:
		return Broken{at, named(at, err.Error())}
	default:
		return Broken{at, named(at, "must be "+form(semantic.GoType))}
	}
}

// named is a rule behind what people call the item that it is about: services[0].routes[2].path.
func named(at jsontext.Pointer, rule string) string {
	var name strings.Builder
	for token := range at.Tokens() {
		switch {
		case token != "" && token[0] >= '0' && token[0] <= '9':
			name.WriteString("[" + token + "]")
		case name.Len() > 0:
			name.WriteString("." + token)
		default:
			name.WriteString(token)
		}
	}
	if name.Len() == 0 {
		return rule
	}
	return name.String() + ": " + rule
}

// form is what a value of that type is called.
func form(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	case reflect.Struct:
		return "an object"
	default:
		return "a text"
	}
}

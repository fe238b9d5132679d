package httpapi

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyward/keyward/shared/fault"
)

// maxBody is how large a request's body may be, in bytes.
const maxBody = 64 << 10

// rawBody is the request's body. A body needs the content type application/json; a request without one may have any.
func (c call) rawBody() ([]byte, error) {
	body := []byte(c.event.Body)
	if c.event.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(c.event.Body)
		if err != nil {
			return nil, fault.New(fault.InvalidBody, "The body can't be read.")
		}
		body = decoded
	}
	if len(body) > maxBody {
		return nil, fault.New(fault.BodyTooLarge, "The body has %d bytes; at most %d are taken. Send less.", len(body), maxBody)
	}
	if len(body) > 0 && !isJSON(c.headers.Get("Content-Type")) {
		return nil, fault.New(fault.UnsupportedType, "Send the body as Content-Type: application/json.")
	}
	return body, nil
}

// optionalBody reads the body of a request that may have none.
func optionalBody[In any](call call) (In, error) {
	var none In
	body, err := call.rawBody()
	if err != nil || len(body) == 0 {
		return none, err
	}
	return decode[In](body)
}

func isJSON(contentType string) bool {
	media, parameters, err := mime.ParseMediaType(contentType)
	charset := parameters["charset"]
	return err == nil && media == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8"))
}

// decode reads the body, one JSON object with none but the fields of In, each at most once.
func decode[In any](body []byte) (In, error) {
	var in In
	if len(body) == 0 {
		return in, fault.New(fault.InvalidBody, "The body is empty. Send a JSON object.")
	}
	if kind := jsontext.Value(body).Kind(); kind != '{' {
		return in, fault.New(fault.InvalidBody, "The body must be one JSON object.")
	}
	err := json.Unmarshal(body, &in, json.RejectUnknownMembers(true))
	if err != nil {
		return in, bodyFault(err)
	}
	return in, nil
}

// fieldsOf are the names of the fields of a body, or of an object in it, in their order.
func fieldsOf(body reflect.Type) string {
	var names []string
	for i := range body.NumField() {
		if field := body.Field(i); field.Anonymous {
			names = append(names, fieldsOf(field.Type))
		} else {
			names = append(names, field.Tag.Get("json"))
		}
	}
	return strings.Join(names, ", ")
}

// bodyFault names the field and the rule that a body broke.
func bodyFault(err error) error {
	if own, ok := errors.AsType[*fault.Error](err); ok {
		return own
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return semanticFault(semantic)
	}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		field := fieldOf(syntactic.JSONPointer)
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return &fault.Error{Code: fault.InvalidBody, Field: field, Detail: "The field " + field + " is there twice. Send it once."}
		}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.New(fault.InvalidBody, "The body ends before its JSON object does.")
	}
	return fault.New(fault.InvalidBody, "The body is not one valid JSON object.")
}

func semanticFault(err *json.SemanticError) error {
	field := fieldOf(err.JSONPointer)
	if errors.Is(err, json.ErrUnknownName) {
		return &fault.Error{Code: fault.UnknownField, Field: field, Detail: "There is no field " + field + " here. " + offered(err.GoType)}
	}
	return fault.InvalidField(field, "%s must be %s.", field, kindWanted(err))
}

// offered is the sentence that tells which fields there are instead.
func offered(body reflect.Type) string {
	if body.NumField() == 0 {
		return "Send an empty object, or no body."
	}
	return "There are " + fieldsOf(body) + "."
}

func fieldOf(pointer jsontext.Pointer) string {
	return strings.ReplaceAll(strings.TrimPrefix(string(pointer), "/"), "/", ".")
}

// kindWanted is the kind of value that a field takes, in words.
func kindWanted(err *json.SemanticError) string {
	if err.GoType == nil {
		return "of another type"
	}
	switch err.GoType.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Bool:
		return "true or false"
	case reflect.Map:
		return "an object of strings"
	case reflect.Slice:
		return "a list"
	case reflect.Struct:
		return "an object"
	default:
		return "of another type"
	}
}

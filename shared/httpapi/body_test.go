package httpapi

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/fault"
)

func withBody(body, contentType string, encoded bool) call {
	return newCall(events.APIGatewayProxyRequest{Body: body, IsBase64Encoded: encoded, Headers: map[string]string{"content-TYPE": contentType}})
}

// API Gateway hands a body over as text or in base64; its length is that of the body itself.
func TestRawBody(t *testing.T) {
	full := "{" + strings.Repeat(" ", maxBody-2) + "}"
	for name, test := range map[string]struct {
		call call
		want string
		code fault.Code
	}{
		"text":                  {withBody(`{}`, "application/json", false), `{}`, ""},
		"base64":                {withBody("e30=", "application/json", true), `{}`, ""},
		"broken base64":         {withBody("e30", "application/json", true), "", fault.InvalidBody},
		"64 KB in base64":       {withBody(base64.StdEncoding.EncodeToString([]byte(full)), "application/json", true), full, ""},
		"a byte more":           {withBody(full+" ", "application/json", false), "", fault.BodyTooLarge},
		"none of any type":      {withBody("", "text/plain", false), "", ""},
		"no type":               {withBody(`{}`, "", false), "", fault.UnsupportedType},
		"too large comes first": {withBody(full+" ", "text/plain", false), "", fault.BodyTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := test.call.rawBody()
			if test.code != "" {
				if !errors.Is(err, test.code) {
					t.Errorf("error = %v, want %s", err, test.code)
				}
				return
			}
			if err != nil || string(body) != test.want {
				t.Errorf("body of %d bytes, %v", len(body), err)
			}
		})
	}
}

// Whatever the body: it is decoded, or the error is a fault about it that says why. It never panics.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{}`, `{"name":"a"}`, `{"name":"a","name":"b"}`, `{"nmae":1}`, `{"metadata":{"a":1}}`, `{"metadata":{"a":"b","a":"c"}}`, `{"rate_limit":1e400}`,
		`{"expires_at":null,"expires_in_days":1.5}`, `{"expires_in":{}}`, `{} {}`, `[]`, `null`, ``, "{\"\xff\":1}", `{"a/b~c":1}`, `{"name":"\ud800"}`, `{"active":"x"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		assertBodyFault(t, body, decodeError[createJSON](body))
		assertBodyFault(t, body, decodeError[updateJSON](body))
		assertBodyFault(t, body, decodeError[verifyJSON](body))
	})
}

func decodeError[In any](body []byte) error {
	_, err := decode[In](body)
	return err
}

func assertBodyFault(t *testing.T, body []byte, err error) {
	t.Helper()
	if err == nil {
		return
	}
	refused, ok := errors.AsType[*fault.Error](err)
	if !ok || refused.Code.Kind() != fault.Invalid || !strings.HasSuffix(refused.Detail, ".") {
		t.Errorf("%q: error = %#v", body, err)
	}
}

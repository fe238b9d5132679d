package acceptance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// takers are the calls that take a body, each with the fields that it takes.
func takers(key key) map[string]string {
	return map[string]string{
		"POST /v1/keys": createFields, "POST /v1/keys/generate": createFields, "PATCH " + key.path(): patchFields, "POST /v1/keys/verify": verifyFields,
	}
}

func testBadBodies(t *testing.T, target Target) {
	ann := newMember(t, target)
	key := ann.create()
	mended := 0 // keys made by what the target mended
	large := `{"name":"` + strings.Repeat("x", 64<<10) + `"}`
	for name, test := range map[string]struct{ body, code, field, text string }{
		"empty":               {"", "invalid_body", "", "The body is empty. Send a JSON object."},
		"a word":              {"nonsense", "invalid_body", "", "The body must be one JSON object."},
		"an array":            {`[{"name":"x"}]`, "invalid_body", "", "The body must be one JSON object."},
		"null":                {"null", "invalid_body", "", "The body must be one JSON object."},
		"a string":            {`"name"`, "invalid_body", "", "The body must be one JSON object."},
		"cut off":             {`{"name":"x`, "invalid_body", "", "The body ends before its JSON object does."},
		"a comma too many":    {`{"name":"x",}`, "invalid_body", "", "The body is not one valid JSON object."},
		"single quotes":       {`{'name':'x'}`, "invalid_body", "", "The body is not one valid JSON object."},
		"a second value":      {`{} {}`, "invalid_body", "", "The body is not one valid JSON object."},
		"rubbish behind it":   {`{}x`, "invalid_body", "", "The body is not one valid JSON object."},
		"not UTF-8":           {"{\"name\":\"{unique}\xff\"}", "invalid_body", "", "The body is not one valid JSON object."},
		"half a surrogate":    {`{"name":"\ud800"}`, "invalid_body", "", "The body is not one valid JSON object."},
		"an unknown field":    {`{"nmae":"x"}`, "unknown_field", "nmae", noField("nmae", "{fields}")},
		"another letter case": {`{"Name":"x"}`, "unknown_field", "Name", noField("Name", "{fields}")},
	} {
		t.Run(name, func(t *testing.T) {
			for call, fields := range takers(key) {
				method, path, _ := strings.Cut(call, " ")
				body := strings.Replace(test.body, "{unique}", newName("x"), 1)
				if strings.HasSuffix(path, "verify") {
					body = strings.ReplaceAll(body, `"name"`, `"api_key"`)
				}
				answer := ann.in(t).do(method, path, body)
				if answer.mended(body) {
					mended += created(answer)
					continue
				}
				answer.wantInvalid(test.code, test.field, strings.ReplaceAll(test.text, "{fields}", fields))
			}
		})
	}
	t.Run("a field twice", func(t *testing.T) {
		for call := range takers(key) {
			method, path, _ := strings.Cut(call, " ")
			field := "name"
			if strings.HasSuffix(path, "verify") {
				field = "api_key"
			}
			ann.in(t).do(method, path, fmt.Sprintf(`{%q:"x",%q:"x"}`, field, field)).
				wantInvalid("invalid_body", field, "The field "+field+" is there twice. Send it once.")
		}
	})
	t.Run("over 64 KB is 413", func(t *testing.T) {
		for call := range takers(key) {
			method, path, _ := strings.Cut(call, " ")
			ann.in(t).do(method, path, large).wantRefusal(http.StatusRequestEntityTooLarge, "body_too_large", "Request body too large",
				fmt.Sprintf("The body has %d bytes; at most 65536 are taken. Send less.", len(large)), "")
		}
	})
	t.Run("64 KB and not a byte more are read", func(t *testing.T) {
		padded := func(length int) string { return `{"name":"x"` + strings.Repeat(" ", length-12) + "}" }
		ann.in(t).do("PATCH", key.path(), padded(64<<10)).wantStatus(http.StatusOK)
		ann.in(t).do("PATCH", key.path(), padded(64<<10+1)).wantStatus(http.StatusRequestEntityTooLarge)
	})
	t.Run("content types", func(t *testing.T) { testContentTypes(ann.in(t), key) })
	t.Run("nothing of all that made or changed a key", func(t *testing.T) { wantTotal(ann.in(t), 1+mended) })
}

func testContentTypes(ann *caller, key key) {
	for _, bad := range []string{"", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
		"application/json; charset=latin1", "application/jsonx", "nonsense"} {
		for call := range takers(key) {
			method, path, _ := strings.Cut(call, " ")
			ann.and("Content-Type", bad).do(method, path, `{}`).wantRefusal(http.StatusUnsupportedMediaType, "unsupported_media_type",
				"Unsupported content type", "Send the body as Content-Type: application/json.", "")
		}
	}
	for _, good := range []string{"application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"} {
		ann.and("Content-Type", good).do("PATCH", key.path(), `{}`).wantStatus(http.StatusOK)
	}
	ann.and("Content-Type", "text/plain").do("GET", key.path(), nil).wantStatus(http.StatusOK) // no body, any type
	ann.and("Content-Type", "text/plain").do("PATCH", key.path(), "").wantInvalid("invalid_body", "", "The body is empty. Send a JSON object.")
}

// created is how many keys an answer tells of having made.
func created(answer *answer) int {
	if answer.status == http.StatusCreated {
		return 1
	}
	return 0
}

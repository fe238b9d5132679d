package acceptance

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everyGap is a target that is known to have all gaps.
var everyGap = Gaps{
	MocksFillNothingIn: "r", DenialsFillNothingIn: "r", NoForbiddenExit: "r", TidiesPaths: "r", DecodesPaths: "r", MendsUTF8: "r",
	JoinsHeaders: "r", BelievesForwarded: "r",
}

// received is an answer of a target with those gaps, to a GET of a path.
func received(known Gaps, status int, id, text string, headers ...string) *answer {
	header := http.Header{"X-Request-Id": {id}}
	for _, name := range headers {
		header.Set(name, "1")
	}
	answer := &answer{
		request: &http.Request{Method: "GET", URL: &url.URL{Path: "/x"}}, status: status, header: header, text: text,
		gaps: newEncounters(known), ofSample: true,
	}
	answer.repair()
	answer.conceal()
	return answer
}

// met are the gaps that a run has met.
func (e *encounters) all() []Gap {
	met := []Gap{}
	for gap := range e.known {
		if e.met[gap] {
			met = append(met, gap)
		}
	}
	return met
}

func TestGaps_aMocksAnswerIsRepairedOnlyWhereNothingWasFilledIn(t *testing.T) {
	const literal, filled = `{"request_id":"$context.requestId"}`, `{"request_id":"r1"}`
	for name, test := range map[string]struct {
		known    Gaps
		id, text string
		want     string // the header and the text afterwards
		met      []Gap
	}{
		"nothing filled in":             {everyGap, "context.requestId", literal, `unknown {"request_id":"unknown"}`, []Gap{MocksFillNothingIn}},
		"no envelope":                   {everyGap, "context.requestId", `{"status":"ok"}`, `unknown {"status":"ok"}`, []Gap{MocksFillNothingIn}},
		"of a target without the gap":   {nil, "context.requestId", literal, "context.requestId " + literal, []Gap{}},
		"as it should be":               {everyGap, "r1", filled, "r1 " + filled, []Gap{}},
		"the header alone is literal":   {everyGap, "context.requestId", filled, "context.requestId " + filled, []Gap{}},
		"the body alone is literal":     {everyGap, "r1", literal, "r1 " + literal, []Gap{}},
		"another variable is left over": {everyGap, "context.stage", literal, "context.stage " + literal, []Gap{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := received(test.known, 404, test.id, test.text)
			if text := got.header.Get("X-Request-Id") + " " + got.text; text != test.want {
				t.Errorf("%s, want %s", text, test.want)
			}
			if diff := cmp.Diff(test.met, got.gaps.all()); diff != "" {
				t.Errorf("gaps met (-want +got)\n%s", diff)
			}
		})
	}
}

func TestGaps_aDenialIsConcealedOnlyWhereNothingWasFilledIn(t *testing.T) {
	unfilled := strings.Replace(denial, "$context.requestId", "r1", 1)
	filled := strings.NewReplacer("$context.authorizer.code", "rate_limited", "$context.requestId", "r1").Replace(denial)
	for name, test := range map[string]struct {
		known   Gaps
		status  int
		text    string
		headers []string
		want    bool
	}{
		"nothing filled in":           {everyGap, 429, unfilled, nil, true},
		"of a target without the gap": {Gaps{MocksFillNothingIn: "r"}, 429, unfilled, nil, false},
		"a part filled in":            {everyGap, 429, filled, nil, false},
		"a header filled in":          {everyGap, 429, unfilled, []string{"X-RateLimit-Limit"}, false},
		"Retry-After filled in":       {everyGap, 429, unfilled, []string{"Retry-After"}, false},
		"another status":              {everyGap, 403, unfilled, nil, false},
		"another text":                {everyGap, 429, unfilled + " ", nil, false},
		"the id not filled in either": {everyGap, 429, denial, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := received(test.known, test.status, "r1", test.text, test.headers...)
			if got.concealed != test.want || len(got.gaps.all()) > 0 != test.want {
				t.Errorf("concealed = %t, met = %v, want %t", got.concealed, got.gaps.all(), test.want)
			}
		})
	}
}

func TestGaps_aDenialCountsAs403OnlyWhereTheSampleAPIHasNoForbiddenExit(t *testing.T) {
	unfilled := strings.Replace(denial, "$context.requestId", "r1", 1)
	for name, test := range map[string]struct {
		answer *answer
		sample bool
		want   bool
	}{
		"a denial that says nothing":  {received(everyGap, 429, "r1", unfilled), true, true},
		"of a target without the gap": {received(Gaps{DenialsFillNothingIn: "r"}, 429, "r1", unfilled), true, false},
		"of the admin API":            {received(everyGap, 429, "r1", unfilled), false, false},
		"a denial that says why":      {received(everyGap, 429, "r1", `{"code":"rate_limited"}`), true, false},
		"an allow":                    {received(everyGap, 200, "r1", unfilled), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			test.answer.ofSample = test.sample
			if got := test.answer.is(http.StatusForbidden); got != test.want {
				t.Errorf("counts as 403 = %t, want %t", got, test.want)
			}
		})
	}
	if !received(everyGap, 403, "r1", "{}").is(403) || received(everyGap, 429, "r1", unfilled).is(200) {
		t.Error("a status does not count as itself, or a denial as an allow")
	}
}

// paths answers every path alike but those that begin with /other.
func paths(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "other: %t", strings.HasPrefix(r.URL.EscapedPath(), "/other"))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestGaps_anotherPathIsOneThatIsAnsweredExactlyAlike(t *testing.T) {
	base := paths(t)
	for name, test := range map[string]struct {
		known Gaps
		path  string
		text  string
		want  bool
	}{
		"a slash at the end":               {Gaps{TidiesPaths: "r"}, "/v1/", "other: false", true},
		"an empty segment":                 {Gaps{TidiesPaths: "r"}, "/v1//x", "other: false", true},
		"an encoded slash":                 {Gaps{DecodesPaths: "r"}, "/v1%2Fx", "other: false", true},
		"both":                             {Gaps{DecodesPaths: "r", TidiesPaths: "r"}, "/v1%2F", "other: false", true},
		"both, and one is known":           {Gaps{DecodesPaths: "r"}, "/v1%2F", "other: false", false},
		"of a target without the gap":      {nil, "/v1/", "other: false", false},
		"answered in another way":          {everyGap, "/v1/", "other: true", false},
		"nothing to tidy":                  {everyGap, "/v1/x", "other: false", false},
		"the path that is meant is not it": {everyGap, "//other", "other: false", false},
	} {
		t.Run(name, func(t *testing.T) {
			asked, err := http.NewRequestWithContext(t.Context(), "GET", base+test.path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			got := &answer{t: t, request: asked, status: 200, header: http.Header{}, text: test.text, gaps: newEncounters(test.known)}
			if got.anotherPath() != test.want {
				t.Errorf("counts as another path = %t, want %t", !test.want, test.want)
			}
		})
	}
}

func TestGaps_onlyABodyThatIsNoUTF8IsMended(t *testing.T) {
	const mended = `{"data":{"name":"x` + "\uFFFD" + `"}}`
	for name, test := range map[string]struct {
		known      Gaps
		status     int
		sent, text string
		want       bool
	}{
		"mended":                      {everyGap, 201, "\xff", mended, true},
		"refused":                     {everyGap, 400, "\xff", `{}`, false},
		"UTF-8 all along":             {everyGap, 201, "\uFFFD", mended, false},
		"taken for something else":    {everyGap, 201, "\xff", `{"data":{"name":"x"}}`, false},
		"of a target without the gap": {nil, 201, "\xff", mended, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := received(test.known, test.status, "r1", test.text)
			got.t = t
			if got.mended(test.sent) != test.want {
				t.Errorf("counts as mended = %t, want %t", !test.want, test.want)
			}
		})
	}
}

func TestGaps_headersAreJoinedOnlyWhereTheAnswersAreAlike(t *testing.T) {
	one := received(everyGap, 403, "r2", `{"code":"scope_denied","request_id":"r2"}`)
	for name, test := range map[string]struct {
		answer *answer
		want   bool
	}{
		"alike":                       {received(everyGap, 403, "r1", `{"code":"scope_denied","request_id":"r1"}`), true},
		"refused in another way":      {received(everyGap, 403, "r1", `{"code":"ip_denied","request_id":"r1"}`), false},
		"allowed":                     {received(everyGap, 204, "r1", ""), false},
		"of a target without the gap": {received(nil, 403, "r1", `{"code":"scope_denied","request_id":"r1"}`), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.answer.joined(one); got != test.want {
				t.Errorf("counts as joined = %t, want %t", got, test.want)
			}
		})
	}
}

// complaints is a test that counts what it is told.
type complaints struct {
	testing.TB
	said []string
}

func (c *complaints) Helper()           {}
func (c *complaints) Error(args ...any) { c.said = append(c.said, fmt.Sprint(args...)) }

// A gap that no answer shows any more has to come off the list.
func TestGaps_oneThatIsNeverMetFailsTheRun(t *testing.T) {
	run := newEncounters(Gaps{MocksFillNothingIn: "copied", TidiesPaths: "split"})
	heard := &complaints{TB: t}
	if run.meet(MendsUTF8) {
		t.Error("a gap that is not known was met")
	}
	run.meet(MocksFillNothingIn)
	run.report(heard)
	if diff := cmp.Diff([]string{closedText(TidiesPaths, "split")}, heard.said); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	run.meet(TidiesPaths)
	heard.said = nil
	if run.report(heard); heard.said != nil {
		t.Errorf("all were met, and still: %v", heard.said)
	}
}

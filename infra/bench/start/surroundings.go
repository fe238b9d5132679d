package start

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// surroundings are what a function finds around it in Lambda: the Runtime API, and AWS. Both are on this machine and
// answer at once, so that what is measured is the function's own.
type surroundings struct {
	runtime, aws *httptest.Server
	next, asked  moment
	closed       chan struct{}
}

func newSurroundings() *surroundings {
	s := &surroundings{next: newMoment(), asked: newMoment(), closed: make(chan struct{})}
	s.runtime = httptest.NewServer(http.HandlerFunc(s.serveRuntime))
	s.aws = httptest.NewServer(http.HandlerFunc(s.serveAWS))
	return s
}

func (s *surroundings) close() {
	close(s.closed)
	s.runtime.Close()
	s.aws.Close()
}

// serveRuntime notes that the function is ready, and has no event for it.
func (s *surroundings) serveRuntime(_ http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/runtime/invocation/next") {
		s.next.come()
	}
	<-s.closed
}

// serveAWS answers what the warm-up asks: the peppers, and a key that does not exist.
func (s *surroundings) serveAWS(w http.ResponseWriter, r *http.Request) {
	s.asked.come()
	answer := "{}"
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetSecretValue") {
		answer = secret()
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_, _ = io.WriteString(w, answer)
}

// secret is the reply of Secrets Manager: a ring of one pepper.
func secret() string {
	ring := `{"current":"k1","k1":"` + strings.Repeat("0", 64) + `"}`
	reply, err := json.Marshal(map[string]string{"Name": "peppers", "SecretString": ring})
	if err != nil { // no map of strings fails
		panic(err)
	}
	return string(reply)
}

// environment are the variables that Lambda and the deployment set.
func (s *surroundings) environment() []string {
	return []string{
		"AWS_LAMBDA_RUNTIME_API=" + s.runtime.Listener.Addr().String(),
		"AWS_ENDPOINT_URL=" + s.aws.URL,
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench", "AWS_SESSION_TOKEN=bench",
		"KEYWARD_TABLE=keyward", "KEYWARD_PEPPERS=peppers", "KEYWARD_SIGNING_KEYS=signing",
		"KEYWARD_ISSUER=https://id.example", "KEYWARD_AUDIENCE=bench",
	}
}

// moment is when something first came.
type moment struct {
	once *sync.Once
	done chan struct{} // closed once it came
	at   time.Time     // to be read when done is closed
}

func newMoment() moment { return moment{once: new(sync.Once), done: make(chan struct{})} }

func (m *moment) come() {
	m.once.Do(func() {
		m.at = time.Now()
		close(m.done)
	})
}

// when is when it came, if it did.
func (m *moment) when() (time.Time, bool) {
	select {
	case <-m.done:
		return m.at, true
	default:
		return time.Time{}, false
	}
}

package start

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/jwtkey"
)

// surroundings are the AWS that a function finds. It is on this machine and answers at once, so that what is measured is the
// function's own.
type surroundings struct {
	aws     *httptest.Server
	signing string // the text of the signing keys' secret
	asked   moment
}

func newSurroundings(signing string) *surroundings {
	s := &surroundings{signing: signing, asked: newMoment()}
	s.aws = httptest.NewServer(http.HandlerFunc(s.serve))
	return s
}

func (s *surroundings) close() { s.aws.Close() }

// added are the variables with those that lead the function here.
func (s *surroundings) added(variables map[string]string) map[string]string {
	variables = maps.Clone(variables)
	if variables == nil {
		variables = map[string]string{}
	}
	variables["AWS_ENDPOINT_URL"] = s.aws.URL
	return variables
}

// serve answers as AWS does where there are peppers, and a table with nothing in it: no condition on an item holds.
func (s *surroundings) serve(w http.ResponseWriter, r *http.Request) {
	s.asked.come()
	status, answer := http.StatusOK, "{}"
	switch _, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); action {
	case "GetSecretValue":
		answer = s.secret(r.Body)
	case "UpdateItem":
		status, answer = http.StatusBadRequest, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"}`
	case "Query", "Scan":
		answer = `{"Count":0,"Items":[],"ScannedCount":0}`
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

// secret is the reply of Secrets Manager: a ring of one pepper, or of one signing key.
func (s *surroundings) secret(body io.Reader) string {
	var asked struct{ SecretId string }
	ring := `{"current":"k1","k1":"` + strings.Repeat("0", 64) + `"}`
	if json.NewDecoder(body).Decode(&asked) == nil && asked.SecretId == deployment.SigningKeys {
		ring = s.signing
	}
	reply, err := json.Marshal(map[string]string{"Name": asked.SecretId, "SecretString": ring})
	if err != nil { // no map of strings fails
		panic(err)
	}
	return string(reply)
}

// signingRing is a ring of one signing key, as its secret has it.
func signingRing() (string, error) {
	ring, err := jwtkey.NewRing("s1", jwtkey.EdDSA)
	if err != nil {
		return "", err
	}
	text, err := ring.Reveal()
	return string(text), err
}

// moment is when something first came.
type moment struct {
	once *sync.Once
	done chan struct{} // closed once it came
	at   *time.Time    // to be read when done is closed
}

func newMoment() moment {
	return moment{once: new(sync.Once), done: make(chan struct{}), at: new(time.Time)}
}

func (m moment) come() {
	m.once.Do(func() {
		*m.at = time.Now()
		close(m.done)
	})
}

// when is when it came, if it did.
func (m moment) when() (time.Time, bool) {
	select {
	case <-m.done:
		return *m.at, true
	default:
		return time.Time{}, false
	}
}

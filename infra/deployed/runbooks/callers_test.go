package runbooks

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/acceptance"
)

// people are who has keys, and who calls with them.
type people struct {
	*testing.T
	target acceptance.Target
	dir    string // the shell's
}

// key is a key and the secret that it was made with.
type key struct {
	ID     string `json:"key_id"`
	Secret string `json:"api_key"`
}

func (p people) ask(method, path, body string) key {
	p.Helper()
	request, err := http.NewRequestWithContext(p.Context(), method, p.target.URL+path, strings.NewReader(body))
	if err != nil {
		p.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+p.target.Token(p, "ann"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		p.Fatalf("%s %s: %d %s, %v", method, path, response.StatusCode, text, err)
	}
	var answer struct{ Data key }
	if err := json.Unmarshal(bytes.TrimSpace(text), &answer); err != nil {
		p.Fatal(err)
	}
	return answer.Data
}

func (p people) create(name, more string) key {
	p.Helper()
	return p.ask("POST", "/v1/keys", `{"name": "`+name+`"`+more+`}`)
}

// call is the status with which the sample API answers a secret; 0 where it doesn't.
func (p people) call(secret string) int {
	status, _ := p.answer(secret)
	return status
}

// limit is how many requests a minute the sample API says that a secret has; 0 where it doesn't.
func (p people) limit(secret string) int {
	_, header := p.answer(secret)
	limit, _ := strconv.Atoi(header.Get("X-RateLimit-Limit"))
	return limit
}

func (p people) answer(secret string) (int, http.Header) {
	request, err := http.NewRequestWithContext(p.Context(), "GET", p.target.Sample("production")+"/zones", nil)
	if err != nil {
		return 0, nil
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil
	}
	response.Body.Close()
	return response.StatusCode, response.Header
}

func (p people) want(status int, keys ...key) {
	p.Helper()
	for _, key := range keys {
		if got := p.call(key.Secret); got != status {
			p.Errorf("%s gets %d, want %d", key.ID, got, status)
		}
	}
}

// meanwhile does work while somebody calls with the keys, one request after the other: none may be refused.
func (p people) meanwhile(work func(), keys ...key) {
	p.Helper()
	end, statuses := make(chan struct{}), make(chan map[int]int)
	p.mark("calling")
	go func() { statuses <- p.calls(end, keys) }()
	work()
	close(end)
	if got := <-statuses; len(got) != 1 || got[200] == 0 {
		p.Errorf("meanwhile the callers got %v, want 200 alone", got)
	} else {
		p.Logf("%d calls meanwhile, none refused", got[200])
	}
}

// calls calls until the end, but while the shell asks to hold, and gives how often there was which status.
func (p people) calls(end <-chan struct{}, keys []key) map[int]int {
	defer os.Remove(filepath.Join(p.dir, "calling"))
	got, look := map[int]int{}, time.NewTicker(20*time.Millisecond)
	defer look.Stop()
	for {
		for p.marked("hold") {
			p.mark("held")
			<-look.C
		}
		for _, key := range keys {
			got[p.call(key.Secret)]++
		}
		select {
		case <-end:
			return got
		default:
		}
	}
}

// mark makes a file in the shell's folder, by which the two know of each other.
func (p people) mark(name string) {
	if err := os.WriteFile(filepath.Join(p.dir, name), nil, 0o600); err != nil {
		p.Error(err)
	}
}

func (p people) marked(name string) bool {
	_, err := os.Stat(filepath.Join(p.dir, name))
	return err == nil
}

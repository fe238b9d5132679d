// Package verify measures what a request costs the local run's process, over HTTP with the embedded store, beside a
// handler of net/http that does nothing.
package verify

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/keyward/keyward/infra/bench/bare"
	"github.com/keyward/keyward/infra/bench/child"
	"github.com/keyward/keyward/infra/bench/house"
	"github.com/keyward/keyward/infra/bench/load"
)

const (
	rounds       = 7     // in which every target has its turn; the first warms up
	requestsEach = 8_000 // of a target in a round
	keys         = 16
)

// subject is a target, and the process that serves it.
type subject struct {
	load.Target
	process *child.Process
	cpu     []time.Duration // a request, by round
	rate    []float64       // requests a second, by round
}

// Measure writes the CPU time of a verify and of a forward-auth, and of the bare handler in the same run.
func Measure(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "keyward-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	home, err := house.Start(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, home.Stop()) }()
	floor, address, err := startBare(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, floor.Stop()) }()
	secrets, err := home.CreateKeys(ctx, keys+1)
	if err != nil {
		return err
	}
	subjects := subjectsOf(home, floor, address, secrets[0], secrets[1:])
	for round := range rounds {
		for _, subject := range subjects {
			if err := subject.turn(ctx, round > 0); err != nil {
				return err
			}
		}
	}
	write(out, subjects)
	return nil
}

func startBare(ctx context.Context) (*child.Process, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	address, err := child.FreeAddress()
	if err != nil {
		return nil, "", err
	}
	process, err := child.Start(self, nil, bare.Command, address)
	if err != nil {
		return nil, "", err
	}
	return process, address, process.Listening(ctx, address)
}

// subjectsOf are what is measured, the floor first.
func subjectsOf(home *house.House, floor *child.Process, address, caller string, secrets []string) []*subject {
	var verifies, forwards [][]byte
	for _, secret := range secrets {
		verifies = append(verifies, load.Request(http.MethodPost, "/v1/keys/verify", `{"api_key":"`+secret+`"}`,
			"X-API-Key: "+caller, "Content-Type: application/json"))
		forwards = append(forwards, load.Request(http.MethodGet, "/v1/authorize/production/dns/zones", "", "X-API-Key: "+secret))
	}
	const valid = `"valid":true`
	return []*subject{
		{Target: load.Target{Name: "bare handler", Address: address, Requests: verifies, Status: http.StatusOK}, process: floor},
		{Target: load.Target{Name: "verify, 16 keys", Address: home.Address, Requests: verifies, Status: http.StatusOK, Contains: valid}, process: home.Process},
		{Target: load.Target{Name: "verify, one key", Address: home.Address, Requests: verifies[:1], Status: http.StatusOK, Contains: valid}, process: home.Process},
		{Target: load.Target{Name: "forward-auth, 16 keys", Address: home.Address, Requests: forwards, Status: http.StatusNoContent}, process: home.Process},
	}
}

// turn sends one round of requests, and keeps what they took where that counts.
func (s *subject) turn(ctx context.Context, counts bool) error {
	before, err := s.process.CPU()
	if err != nil {
		return err
	}
	took, err := load.Run(ctx, s.Target, requestsEach)
	if err != nil {
		return err
	}
	after, err := s.process.CPU()
	if err == nil && counts {
		s.cpu = append(s.cpu, (after-before)/requestsEach)
		s.rate = append(s.rate, requestsEach/took.Seconds())
	}
	return err
}

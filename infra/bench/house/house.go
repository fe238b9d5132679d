// Package house runs the local run's own binary on a store of its own, with an account to measure with.
package house

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/keyward/keyward/infra/bench/child"
	"github.com/keyward/keyward/shared/policy"
)

// House is the local run as a process, with SQLite.
type House struct {
	*child.Process
	Address string
	Token   string // of the member dev

	binary string
	env    []string
}

// Start builds the local run in dir and starts it there. End it with Stop.
func Start(ctx context.Context, dir string) (*House, error) {
	address, err := child.FreeAddress()
	if err != nil {
		return nil, err
	}
	catalog, err := patientCatalog(dir)
	if err != nil {
		return nil, err
	}
	house := &House{Address: address, binary: filepath.Join(dir, "keyward")}
	house.env = []string{"KEYWARD_DATA=" + filepath.Join(dir, "data"), "KEYWARD_ADDR=" + address, "KEYWARD_CATALOG=" + catalog, "KEYWARD_STORE="}
	if err := child.Build(ctx, "./infra/local", house.binary, nil, "-trimpath"); err != nil {
		return nil, err
	}
	if house.Process, err = child.Start(house.binary, house.env, "run"); err != nil {
		return nil, err
	}
	if err := house.Listening(ctx, address); err != nil {
		return nil, errors.Join(err, house.Stop())
	}
	house.Token, err = house.token(ctx)
	return house, err
}

// patientCatalog is the shipped catalog, but that nobody comes near the limit of its highest tier.
func patientCatalog(dir string) (string, error) {
	catalog, err := policy.Load(policy.Shipped)
	if err != nil {
		return "", err
	}
	catalog.RateLimitCeiling = 1_000_000_000
	catalog.Tiers[len(catalog.Tiers)-1].RequestsPerMinute = catalog.RateLimitCeiling
	text, err := json.Marshal(catalog)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "catalog.json")
	return path, os.WriteFile(path, text, 0o600)
}

func (h *House) token(ctx context.Context) (string, error) {
	command := exec.CommandContext(ctx, h.binary, "token")
	command.Env = append(os.Environ(), h.env...)
	out, err := command.Output()
	return strings.TrimSpace(string(out)), err
}

// CreateKeys makes so many keys of the highest tier, and gives their secrets.
func (h *House) CreateKeys(ctx context.Context, count int) ([]string, error) {
	secrets := make([]string, count)
	for n := range secrets {
		var err error
		if secrets[n], err = h.create(ctx, fmt.Sprintf("bench %d", n)); err != nil {
			return nil, err
		}
	}
	return secrets, nil
}

func (h *House) create(ctx context.Context, name string) (string, error) {
	body := fmt.Sprintf(`{"name":%q,"tier":"enterprise"}`, name)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+h.Address+"/v1/keys", bytes.NewBufferString(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+h.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var created struct {
		Data struct {
			APIKey string `json:"api_key"`
		} `json:"data"`
	}
	if err := json.NewDecoder(response.Body).Decode(&created); err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("creating a key: %s", response.Status)
	}
	return created.Data.APIKey, nil
}

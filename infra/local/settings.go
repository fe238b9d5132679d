package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/keyward/keyward/shared/policy/catalogfile"
	"github.com/keyward/keyward/shared/session"
	"github.com/keyward/keyward/shared/session/devoidc"
	"github.com/keyward/keyward/shared/wire"
)

// settings are what the local run is told beside the configuration of the functions.
type settings struct {
	addr   string // KEYWARD_ADDR; empty: 127.0.0.1:8787
	data   string // KEYWARD_DATA: the folder of everything that is kept; empty: .keyward
	store  string // KEYWARD_STORE: sqlite or dynamodb; empty: sqlite
	config wire.Config
}

// The stores.
const (
	storeSQLite   = "sqlite"
	storeDynamoDB = "dynamodb"
)

// readSettings reads the environment. What a deployment must say has defaults here: the development identity
// provider, an organization for everybody who signs in, logs of what goes wrong alone.
func readSettings(getenv wire.Getenv) (settings, error) {
	config, err := wire.ReadConfig(func(name string) string {
		if value := getenv(name); value != "" {
			return value
		}
		return map[string]string{
			"KEYWARD_ISSUER":    devoidc.Issuer,
			"KEYWARD_AUDIENCE":  devoidc.Audience,
			"KEYWARD_LOG_LEVEL": "warn",
			"KEYWARD_TABLE":     "keyward",
		}[name]
	}, catalogfile.Load)
	if err != nil {
		return settings{}, err
	}
	if getenv("KEYWARD_SIGNUP") == "" && config.Catalog.Signup == "" {
		config.Signup = session.SignupPersonal
	}
	settings := settings{
		addr:   or(getenv("KEYWARD_ADDR"), "127.0.0.1:8787"),
		data:   or(getenv("KEYWARD_DATA"), ".keyward"),
		store:  or(getenv("KEYWARD_STORE"), storeSQLite),
		config: config,
	}
	if _, _, err := net.SplitHostPort(settings.addr); err != nil {
		return settings, fmt.Errorf("KEYWARD_ADDR: must be address:port, such as 127.0.0.1:8787: %w", err)
	}
	if settings.store != storeSQLite && settings.store != storeDynamoDB {
		return settings, fmt.Errorf("KEYWARD_STORE: %q must be %s or %s", settings.store, storeSQLite, storeDynamoDB)
	}
	return settings, nil
}

// path is a file in the data folder, which is made where it is missing, for its owner alone.
func (s settings) path(name string) (string, error) {
	if err := os.MkdirAll(s.data, 0o700); err != nil {
		return "", fmt.Errorf("KEYWARD_DATA: %w", err)
	}
	return filepath.Join(s.data, name), nil
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

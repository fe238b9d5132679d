package main

import (
	"fmt"
	"os"
	"time"

	"github.com/keyward/keyward/shared/session/devoidc"
)

// printToken prints a session token for the member, and nothing else.
func printToken(settings settings, member string) error {
	if _, err := settings.path(""); err != nil {
		return err
	}
	provider, err := devoidc.Open(settings.data)
	if err != nil {
		return err
	}
	token, err := provider.Token(member, time.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(os.Stdout, token)
	return err
}

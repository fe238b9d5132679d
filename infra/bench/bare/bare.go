// Package bare is the floor that the local run is compared with: a handler of net/http that reads a request's body and
// answers with a constant.
package bare

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
)

// Command is the argument that turns the bench into this server; the address to listen on follows it.
const Command = "bare"

// answerSize is the size of the answer of a verify, in bytes.
const answerSize = 432

// Serve serves at address until ctx ends.
func Serve(ctx context.Context, address string) error {
	answer := `{"data":"` + strings.Repeat("x", answerSize-len(`{"data":""}`)) + `"}`
	server := &http.Server{Addr: address, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	})}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

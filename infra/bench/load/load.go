// Package load sends requests to a server on this machine over connections that stay open, with as little work of its
// own as can be: on two cores client and server share them.
package load

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Clients is how many clients there are at once, each with a connection.
const Clients = 16

// Target is a server, and what it is asked.
type Target struct {
	Name     string
	Address  string
	Requests [][]byte // as they go over the wire, taken in turn
	Status   int      // what every answer must have
	Contains string   // what every answer's body must contain; empty: anything
}

// Request is a request as it goes over the wire. headers are name: value, each.
func Request(method, path, body string, headers ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n", method, path, len(body))
	for _, header := range headers {
		b.WriteString(header + "\r\n")
	}
	b.WriteString("\r\n" + body)
	return b.Bytes()
}

// Run sends so many requests, and gives how long all of it took. The first wrong answer is an error.
func Run(ctx context.Context, target Target, count int) (time.Duration, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	start := time.Now()
	var next atomic.Int64
	var clients sync.WaitGroup
	for range Clients {
		clients.Go(func() {
			if err := client(ctx, target, &next, int64(count)); err != nil {
				cancel(err)
			}
		})
	}
	clients.Wait()
	return time.Since(start), context.Cause(ctx)
}

// client takes requests until there are none left.
func client(ctx context.Context, target Target, next *atomic.Int64, count int64) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", target.Address)
	if err != nil {
		return err
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for n := next.Add(1); n <= count && ctx.Err() == nil; n = next.Add(1) {
		if _, err := conn.Write(target.Requests[n%int64(len(target.Requests))]); err != nil {
			return err
		}
		if err := target.check(reader); err != nil {
			return err
		}
	}
	return nil
}

func (t Target) check(reader *bufio.Reader) error {
	answer, err := http.ReadResponse(reader, nil)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != t.Status || !bytes.Contains(body, []byte(t.Contains)) {
		return fmt.Errorf("%s answered %d %s", t.Name, answer.StatusCode, body)
	}
	return nil
}

package binaries

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// manner is what a storeProxy does with what a function sends.
type manner int

const (
	pass    manner = iota // DynamoDB Local gets it
	swallow               // nobody gets it, and nothing is answered
	reset                 // nobody gets it, and the connection is reset
)

// storeProxy stands between a function and DynamoDB Local, and treats connections as a network does.
type storeProxy struct {
	url         string
	onSwallowed func()

	target string
	mu     sync.Mutex
	manner manner
	fated  map[*connection]bool // connections that are reset when something is sent
	open   map[*connection]bool
	closed sync.Cond // signalled when a connection is gone
}

// connection is one of a function, and ours to DynamoDB Local for it.
type connection struct {
	function *net.TCPConn
	store    net.Conn
}

func newStoreProxy(t *testing.T) *storeProxy {
	t.Helper()
	store, err := url.Parse(endpoint())
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &storeProxy{url: "http://" + listener.Addr().String(), target: store.Host, open: map[*connection]bool{}, fated: map[*connection]bool{}}
	p.closed.L = &p.mu
	go p.serve(listener)
	t.Cleanup(func() {
		listener.Close()
		p.cut()
	})
	return p
}

func (p *storeProxy) serve(listener net.Listener) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", p.target)
		if err != nil {
			from.Close()
			continue
		}
		c := &connection{function: from.(*net.TCPConn), store: to}
		p.mu.Lock()
		p.open[c] = true
		p.mu.Unlock()
		go p.forward(c)
		go func() {
			_, _ = io.Copy(c.function, c.store)
			c.function.Close()
		}()
	}
}

// set is what becomes of what is sent from now on.
func (p *storeProxy) set(manner manner) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.manner = manner
}

// fateOf is what becomes of what has just been sent on a connection.
func (p *storeProxy) fateOf(c *connection) manner {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fated[c] {
		return reset
	}
	return p.manner
}

// forward passes on what the function sends, until either side has closed or it is to be reset.
func (p *storeProxy) forward(c *connection) {
	defer p.end(c)
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.function.Read(buffer)
		if err != nil {
			return
		}
		switch p.fateOf(c) {
		case swallow:
			if p.onSwallowed != nil {
				p.onSwallowed()
			}
			continue
		case reset:
			_ = c.function.SetLinger(0)
			return
		}
		if _, err := c.store.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *storeProxy) end(c *connection) {
	c.function.Close()
	c.store.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
	delete(p.fated, c)
	p.closed.Broadcast()
}

// cut closes every connection that is open, as a server does with idle ones, and returns when they are.
func (p *storeProxy) cut() (connections int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	connections = len(p.open)
	for c := range p.open {
		c.function.Close()
	}
	for len(p.open) > 0 {
		p.closed.Wait()
	}
	return connections
}

// forget has every connection that is open reset at the next byte, as by a server or a gateway that no longer knows of it.
func (p *storeProxy) forget() (connections int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		p.fated[c] = true
	}
	return len(p.open)
}

package emulator

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
)

// newDoor is a proxy in front of the emulator. It says that requests came by TLS, adds no X-Forwarded-For, which the
// emulator would take for the caller's address, and acknowledges at once what the emulator sends in two pieces: it waits
// for that, 40 ms a request.
func newDoor(direct string) *httptest.Server {
	to, err := url.Parse(direct)
	if err != nil {
		panic(err) // ours
	}
	return httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // it is signed
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
			r.Out.Header.Set("X-Forwarded-Proto", "https")
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true, DialContext: dial},
	})
}

func dial(ctx context.Context, network, address string) (net.Conn, error) {
	connection, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return prompt{connection.(*net.TCPConn)}, nil
}

// prompt is a connection that acknowledges what it receives at once.
type prompt struct{ *net.TCPConn }

func (p prompt) Read(into []byte) (int, error) {
	acknowledgeNow(p.TCPConn)
	return p.TCPConn.Read(into)
}

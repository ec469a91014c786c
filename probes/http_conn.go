package probes

import (
	"context"
	"errors"
	"net"
	"sync"
)

var errFlood = errors.New("much was sent that is no part of an answer")

// politeConn reads nothing before something was written: what a server says
// unasked is then read as its answer, instead of racing with the request. It
// ends with errFlood where more is sent than any answer within our limits has:
// frames of HTTP/2 can go on for ever without one.
type politeConn struct {
	net.Conn
	most  int64 // bytes that are read; 0 for no limit
	read  int64
	once  sync.Once
	begun chan struct{}
}

func newPoliteConn(conn net.Conn) *politeConn {
	return &politeConn{Conn: conn, begun: make(chan struct{})}
}

func (c *politeConn) Read(p []byte) (int, error) {
	<-c.begun
	if c.most > 0 && c.read > c.most {
		return 0, errFlood
	}
	n, err := c.Conn.Read(p)
	c.read += int64(n)
	return n, err
}

func (c *politeConn) Write(p []byte) (int, error) {
	defer c.begin()
	return c.Conn.Write(p)
}

func (c *politeConn) Close() error {
	defer c.begin()
	return c.Conn.Close()
}

func (c *politeConn) begin() { c.once.Do(func() { close(c.begun) }) }

// askResolver connects to a resolver. The connection ends with the look-up,
// which else would wait for an answer after nobody wants it.
func askResolver(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err == nil {
		context.AfterFunc(ctx, func() { conn.Close() })
	}
	return conn, err
}

package probes

import (
	"net"
	"sync"
)

// politeConn reads nothing before something was written: what a server says
// unasked is then read as its answer, instead of racing with the request.
type politeConn struct {
	net.Conn
	once  sync.Once
	begun chan struct{}
}

func newPoliteConn(conn net.Conn) *politeConn {
	return &politeConn{Conn: conn, begun: make(chan struct{})}
}

func (c *politeConn) Read(p []byte) (int, error) {
	<-c.begun
	return c.Conn.Read(p)
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

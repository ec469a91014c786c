package probes

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxBrowserConns = 256              // at once; a browser opens no more than a few dozen
	maxBrowserBytes = 200 << 20        // that a page may transfer
	socksWait       = 10 * time.Second // for the few bytes of a request to the proxy
)

// browserProxy is the only way out of a browser: a SOCKS 5 proxy on the
// loopback for one run. It looks up each name itself and applies the network
// policy to the address that it connects to.
type browserProxy struct {
	from     *Vantage
	listener net.Listener
	ctx      context.Context
	cancel   context.CancelFunc
	running  sync.WaitGroup
	slots    chan struct{}
	received atomic.Int64 // bytes from all servers

	mu    sync.Mutex
	dials map[string]*dialled // the first to each host and port
}

// dialled is what became of a connection.
type dialled struct {
	hop   *hop
	ended time.Time // connected, or failed
	fault *Fault
}

func newBrowserProxy(ctx context.Context, from *Vantage) (*browserProxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &browserProxy{
		from: from, listener: listener, slots: make(chan struct{}, maxBrowserConns), dials: make(map[string]*dialled),
	}
	p.ctx, p.cancel = context.WithCancel(ctx)
	p.running.Go(p.accept)
	return p, nil
}

func (p *browserProxy) address() string { return p.listener.Addr().String() }

// close ends all connections and waits for what serves them.
func (p *browserProxy) close() {
	p.cancel()
	p.listener.Close()
	p.running.Wait()
}

// dialTo returns what became of the first connection to the host and port of
// the URL; nil where there was none.
func (p *browserProxy) dialTo(u *url.URL) *dialled {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dials[address(u)]
}

func (p *browserProxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		select {
		case p.slots <- struct{}{}:
			p.running.Go(func() {
				defer func() { <-p.slots }()
				p.serve(conn)
			})
		default:
			conn.Close()
		}
	}
}

// serve makes one connection for the browser and copies between the two.
func (p *browserProxy) serve(client net.Conn) {
	defer client.Close()
	stop := context.AfterFunc(p.ctx, func() { client.Close() })
	defer stop()
	client.SetDeadline(time.Now().Add(socksWait))
	host, port, err := readSOCKS(client)
	if err != nil {
		return
	}
	client.SetDeadline(time.Time{})
	server, fault := p.dial(host, port)
	if fault != nil {
		replySOCKS(client, socksRefused)
		return
	}
	defer server.Close()
	stopServer := context.AfterFunc(p.ctx, func() { server.Close() })
	defer stopServer()
	if replySOCKS(client, socksDone) != nil {
		return
	}
	var up sync.WaitGroup
	up.Go(func() {
		_, err := io.Copy(server, client)
		if half, ok := server.(*net.TCPConn); ok && err == nil {
			half.CloseWrite()
			return
		}
		server.Close()
	})
	io.Copy(client, &countedReader{server, p})
	client.Close()
	server.Close()
	up.Wait()
}

// countedReader counts what comes from servers, and ends beyond the bound.
type countedReader struct {
	net.Conn
	proxy *browserProxy
}

func (c *countedReader) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.proxy.received.Add(int64(n)) > maxBrowserBytes {
		return 0, errTooLarge
	}
	return n, err
}

// dial connects to the host as the HTTP prober does, under the same policy and
// with the same faults.
func (p *browserProxy) dial(host string, port uint16) (net.Conn, *Fault) {
	to := &url.URL{Host: net.JoinHostPort(host, strconv.Itoa(int(port)))}
	x := newExchange(new(HTTP), p.from)
	d := &dialled{hop: x.current}
	p.mu.Lock()
	if len(p.dials) < 10*maxBrowserConns && p.dials[to.Host] == nil {
		p.dials[to.Host] = d
	}
	p.mu.Unlock()
	conn, fault := net.Conn(nil), p.from.excluded(host)
	if fault == nil {
		var err error
		if conn, err = x.dialer.DialContext(x.current.trace(p.ctx), "tcp", to.Host); err != nil {
			fault = x.connectFault(p.ctx, to, err)
		} else {
			x.current.connectedTo(conn)
		}
	}
	p.mu.Lock()
	d.fault, d.ended = fault, time.Now()
	p.mu.Unlock()
	return conn, fault
}

// The replies of a SOCKS 5 proxy (RFC 1928, section 6) that are used here.
const (
	socksDone    = 0
	socksRefused = 1
)

var errSOCKS = errors.New("not a request of SOCKS 5 to connect")

// readSOCKS reads the greeting, answers it, and reads the request to connect.
func readSOCKS(conn io.ReadWriter) (host string, port uint16, err error) {
	var b [257]byte
	read := func(n int) []byte {
		if err == nil {
			_, err = io.ReadFull(conn, b[:n])
		}
		return b[:n]
	}
	const version, noAuthentication, connect = 5, 0, 1
	head := read(2)
	if err != nil || head[0] != version {
		return "", 0, errSOCKS
	}
	read(int(head[1])) // the methods of authentication on offer
	if err == nil {
		_, err = conn.Write([]byte{version, noAuthentication})
	}
	request := read(4)
	if err != nil || request[0] != version || request[1] != connect {
		return "", 0, errSOCKS
	}
	switch request[3] {
	case 1:
		host = netip.AddrFrom4([4]byte(read(4))).String()
	case 4:
		host = netip.AddrFrom16([16]byte(read(16))).String()
	case 3:
		host = string(read(int(read(1)[0])))
	default:
		return "", 0, errSOCKS
	}
	port = binary.BigEndian.Uint16(read(2))
	if err != nil || host == "" || port == 0 {
		return "", 0, errSOCKS
	}
	return host, port, nil
}

func replySOCKS(conn io.Writer, code byte) error {
	_, err := conn.Write([]byte{5, code, 0, 1, 0, 0, 0, 0, 0, 0})
	return err
}

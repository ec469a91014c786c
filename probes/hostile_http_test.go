package probes_test

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"observatoire/probes"
)

// gzipped returns as many zeros, compressed.
func gzipped(t testing.TB, zeros int64) string {
	t.Helper()
	var text bytes.Buffer
	w, err := gzip.NewWriterLevel(&text, gzip.BestCompression)
	if err == nil {
		_, err = io.CopyN(w, zeroReader{}, zeros)
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return text.String()
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// brotliBomb is 256 MB of zeros, compressed by brotli.
const brotliBomb = "cfffff7ff82700e2b14020f7fe9ffffffff04f00c4610180eefd3fffffffe19f0088c32200ddfb7ffeffffc33f0110870500baf7fffcffff877f02200e0b0074effff9ffff0fff04401c1600e8defff3ffff1ffe0980382c00d0bdffe7ffff3ffc1300715800a07bffcfffff7ff82700e2b00040f7fe9ffffffff04f00c4610180eefd3fffffffe19f0088c30200ddfb7ffeffffc33f0110870500baf7fffcffff877f02200e0b0074effff9ffff0fff04401c1600e8defff3ffff1ffe0980382c00d0bdffcfffff7ffc1300715800a07bff0f"

// What a server does with a connection, over HTTP/1.1.
func TestHostileHTTP(t *testing.T) {
	const (
		ok      = "HTTP/1.1 200 OK\r\n"
		chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"
		zipped  = ok + "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
	)
	brotli, err := hex.DecodeString(brotliBomb)
	if err != nil {
		t.Fatal(err)
	}
	padding, emptyZip := strings.Repeat("x", 1000), gzipped(t, 0)
	closed := "connection closed without a complete answer"
	for name, test := range map[string]struct {
		serve func(net.Conn)
		want  verdict
	}{
		"says nothing and closes":     {func(net.Conn) {}, down(probes.ClassConnect, closed)},
		"reads and closes":            {after(""), down(probes.ClassConnect, closed)},
		"resets":                      {inTurn(after(""), reset), down(probes.ClassConnect, closed)},
		"silent":                      {hold, late("no first byte after 300ms")},
		"half a head":                 {after(ok + "Content-Length: 4\r\n"), down(probes.ClassConnect, closed)},
		"half a head, and holds":      {inTurn(after(ok+"Content-"), hold), late("no last byte after 300ms, 0 bytes of body read")},
		"half a body":                 {after(ok + "Content-Length: 10\r\n\r\nhalf"), down(probes.ClassConnect, "after 4 bytes of body")},
		"half a body, and holds":      {inTurn(after(ok+"Content-Length: 10\r\n\r\nhalf"), hold), late("no last byte after 300ms, 4 bytes of body read")},
		"half a body, and resets":     {inTurn(after(ok+"Content-Length: 10\r\n\r\nhalf"), reset), down(probes.ClassConnect, "connection closed")},
		"half a chunk":                {after(chunked + "5\r\nhal"), down(probes.ClassConnect, "in the middle")},
		"503 and half a body":         {after("HTTP/1.1 503 No\r\nContent-Length: 10\r\n\r\nhalf"), down(probes.ClassStatus, "status 503, expected 200 to 299")},
		"longer than it says":         {after(ok + "Content-Length: 4\r\n\r\nwhole and more"), up()},
		"two lengths":                 {after(ok + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nwhole"), down(probes.ClassProtocol, "not valid HTTP")},
		"negative length":             {after(ok + "Content-Length: -4\r\n\r\n"), down(probes.ClassProtocol, "not valid HTTP")},
		"length beyond the limit":     {inTurn(after(ok+"Content-Length: 1000001\r\n\r\n"), hold), unknown(probes.ClassSize, "larger than the 1MB that the probe reads: raise max_body")},
		"bad chunk":                   {after(chunked + "zz\r\n"), down(probes.ClassProtocol, "not valid HTTP")},
		"garbage":                     {after("\x00\x01\x02 what is this\r\n\r\n"), down(probes.ClassProtocol, "not valid HTTP")},
		"speaks first":                {inTurn(func(c net.Conn) { io.WriteString(c, "220 mail.example ESMTP\r\n") }, after("")), down(probes.ClassProtocol, "not valid HTTP")},
		"switches":                    {after("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), down(probes.ClassProtocol, "switch of protocols")},
		"one byte at a time, head":    {inTurn(after(ok), dribble("X-Slow: 1\r\n")), late("no last byte after 300ms, 0 bytes")},
		"one byte at a time, body":    {inTurn(after(chunked), dribble("1\r\nx\r\n")), late("no last byte after 300ms")},
		"endless status line":         {inTurn(after("HTTP/1.1 200 "), wireEndless(padding)), down(probes.ClassProtocol, "headers exceeded").within(8 << 20)},
		"endless headers":             {inTurn(after(ok), wireEndless("X-Padding: "+padding+"\r\n")), down(probes.ClassProtocol, "headers exceeded").within(8 << 20)},
		"endless header":              {inTurn(after(ok+"X-Padding: "), wireEndless(padding)), down(probes.ClassProtocol, "headers exceeded").within(8 << 20)},
		"endless small headers":       {inTurn(after(ok), wireEndless(strings.Repeat("a:\r\n", 1000))), down(probes.ClassProtocol, "headers exceeded").within(32 << 20)},
		"endless interim answers":     {inTurn(after(""), wireEndless("HTTP/1.1 103 Early Hints\r\n\r\n")), down(probes.ClassProtocol, "too many interim")},
		"interim answer, and holds":   {inTurn(after("HTTP/1.1 103 Early Hints\r\n\r\n"), hold), late("no first byte after 300ms")},
		"endless body":                {inTurn(after(ok+"\r\n"), wireEndless(padding)), unknown(probes.ClassSize, "larger than the 1MB that the probe reads: raise max_body").within(16 << 20)},
		"endless chunks":              {inTurn(after(chunked), wireEndless(strings.Repeat("1\r\nx\r\n", 1000))), unknown(probes.ClassSize, "larger than the 1MB").within(16 << 20)},
		"endless chunk extension":     {inTurn(after(chunked+"1;"), wireEndless(padding)), down(probes.ClassProtocol, "not valid HTTP")},
		"endless trailer":             {inTurn(after(chunked+"0\r\n"), wireEndless("X-Padding: x\r\n")), down(probes.ClassProtocol, "not valid HTTP")},
		"endless body with a 500":     {inTurn(after("HTTP/1.1 500 No\r\n\r\n"), wireEndless(padding)), down(probes.ClassStatus, "status 500").within(16 << 20)},
		"gzip bomb":                   {after(ok + "Content-Encoding: gzip\r\n\r\n" + gzipped(t, 32<<20)), unknown(probes.ClassSize, "larger than the 1MB").within(16 << 20)},
		"endless empty gzip":          {inTurn(after(ok+"Content-Encoding: gzip\r\n\r\n"), wireEndless(emptyZip)), unknown(probes.ClassSize, "larger than the 1MB").within(16 << 20)},
		"not gzip":                    {after(ok + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain"), down(probes.ClassProtocol, "gzip")},
		"half of gzip":                {after(ok + "Content-Encoding: gzip\r\n\r\n" + emptyZip[:15]), down(probes.ClassProtocol, "gzip")},
		"endless zeros, said zipped":  {inTurn(after(zipped), wireEndless("1\r\n\x00\r\n")), down(probes.ClassProtocol, "gzip")},
		"brotli bomb":                 {after(ok + "Content-Encoding: br\r\n\r\n" + string(brotli)), up()},
		"brotli bomb in gzip":         {after(ok + "Content-Encoding: br, gzip\r\n\r\n" + string(brotli)), up()},
		"invalid UTF-8, body":         {after(ok + "\r\n\xff\xfe\x80"), up()},
		"invalid UTF-8, header":       {after(ok + "X-Name: \xff\xfe\x80\r\n\r\n"), up()},
		"invalid UTF-8, name":         {after(ok + "X-\xff: a\r\n\r\n"), down(probes.ClassProtocol, "not valid HTTP")},
		"invalid UTF-8, reason":       {after("HTTP/1.1 500 \xff\xfe\x80\r\nContent-Length: 0\r\n\r\n"), down(probes.ClassStatus, "status 500")},
		"invalid UTF-8, status":       {after("HTTP/1.1 \xff\xfe\x80\r\n\r\n"), down(probes.ClassProtocol, "not valid HTTP")},
		"control characters, version": {after("HTTP/\x1b[31m 200 OK\r\n\r\n"), down(probes.ClassProtocol, "not valid HTTP")},
	} {
		t.Run(name, func(t *testing.T) {
			r := test.want.of(t, get(t, "http://"+speak(t, test.serve)), loopback())
			if r.Size > 1e6 {
				t.Errorf("kept %d bytes", r.Size)
			}
		})
	}
	t.Run("never accepts", func(t *testing.T) {
		late("no connection after 300ms").of(t, get(t, "http://"+fullBacklog(t)), loopback())
	})
}

// What is asserted of an answer that is made to be hard to read.
func TestHostileBodies(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n\r\n"
	name := &probes.JSON{Path: "$..name"}
	depth := inTurn(after(ok), func(c net.Conn) { io.CopyN(c, strings.NewReader(strings.Repeat("[", 100e6)), 100e6) })
	brotli, err := hex.DecodeString(brotliBomb)
	if err != nil {
		t.Fatal(err)
	}
	for row, test := range map[string]struct {
		serve     func(net.Conn)
		limit     probes.Bytes
		assertion probes.Assertion
		want      verdict
	}{
		"100 MB of JSON depth":            {depth, 100e6, name, down(probes.ClassAssertion, "exceeded max depth").within(600 << 20)},
		"100 MB of JSON depth, by 1 MB":   {depth, 1e6, name, unknown(probes.ClassSize, "larger than the 1MB").within(300 << 20)},
		"invalid UTF-8":                   {after(ok + "\xff\xfe\x80"), 1e6, &probes.Body{Contains: "é"}, down(probes.ClassAssertion, "")},
		"invalid UTF-8 in JSON":           {after(ok + "{\"name\": \"\xff\xfe\x80\"}"), 1e6, &probes.JSON{Path: "$.name", Matches: "^a"}, down(probes.ClassAssertion, "found")},
		"brotli, which we never ask for":  {after("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n" + string(brotli)), 1e6, name, down(probes.ClassAssertion, "not JSON")},
		"invalid UTF-8 in a header":       {after("HTTP/1.1 200 OK\r\nX-Name: \xff\xfe\x1b\r\n\r\n"), 1e6, &probes.Header{Name: "X-Name", Equals: "a"}, down(probes.ClassProtocol, "not valid HTTP")},
		"invalid UTF-8 in another header": {after("HTTP/1.1 200 OK\r\nX-Name: \xff\xfe\r\n\r\n"), 1e6, &probes.Header{Name: "X-Name", Equals: "a"}, down(probes.ClassAssertion, "X-Name")},
	} {
		t.Run(row, func(t *testing.T) {
			h := get(t, "http://"+speak(t, test.serve), func(h *probes.HTTP) { h.MaxBody = test.limit })
			test.want.of(t, h, loopback(), test.assertion)
		})
	}
}

// Where a server sends us.
func TestHostileRedirects(t *testing.T) {
	loop := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/?access_token=hidden", http.StatusFound)
	})
	longer := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path+strings.Repeat("a", 200_000), http.StatusFound)
	})
	slow := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	onlyIPv4 := loopback()
	onlyIPv4.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for name, test := range map[string]struct {
		url  string
		want verdict
	}{
		"loop":              {loop, down(probes.ClassRedirect, "more than 5 redirects, the last from "+loop+"/?access_token=***")},
		"longer and longer": {longer, down(probes.ClassProtocol, "headers exceeded").within(32 << 20)},
		"to the slow":       {redirecting(t, slow), late("no first byte after 300ms, having followed 1 redirect")},
		"file":              {redirecting(t, "file:///etc/passwd"), down(probes.ClassRedirect, "the scheme file")},
		"other scheme":      {redirecting(t, "gopher://127.0.0.1:6379/_FLUSHALL"), down(probes.ClassRedirect, "the scheme gopher")},
		"no address":        {redirecting(t, "http://[::1"), down(probes.ClassRedirect, "not an address")},
		"no host":           {redirecting(t, "http:///x"), down(probes.ClassRedirect, "cannot be followed")},
		"port 0":            {redirecting(t, "http://127.0.0.1:0/"), down(probes.ClassRedirect, "the port must be")},
		"metadata":          {redirecting(t, "http://169.254.169.254/latest/meta-data/"), unknown(probes.ClassForbidden, "169.254.169.254")},
		"metadata, mapped":  {redirecting(t, "http://[::ffff:a9fe:a9fe]/"), unknown(probes.ClassForbidden, "169.254.169.254")},
		"metadata, NAT64":   {redirecting(t, "http://[64:ff9b::a9fe:a9fe]/"), unknown(probes.ClassForbidden, "64:ff9b::a9fe:a9fe")},
		"loopback, IPv6":    {redirecting(t, "http://[::1]/"), unknown(probes.ClassForbidden, "::1")},
		"any address":       {redirecting(t, "http://0.0.0.0/"), unknown(probes.ClassForbidden, "0.0.0.0")},
		"private":           {redirecting(t, "//10.0.0.1/"), unknown(probes.ClassForbidden, "10.0.0.1")},
		"link-local, zone":  {redirecting(t, "http://[fe80::1%25lo]/"), unknown(probes.ClassForbidden, "fe80::1")},
	} {
		t.Run(name, func(t *testing.T) { test.want.of(t, get(t, test.url), onlyIPv4) })
	}
}

// What a server does with frames, over HTTP/2.
func TestHostileHTTP2(t *testing.T) {
	ca := newAuthority(t)
	zeros := make([]byte, 16<<10)
	// An entry of 4000 bytes in the table of HPACK, and 16,000 mentions of it.
	bomb := append(append([]byte{0x88, 0x40, 1, 'x', 0x7f, 0xa1, 0x1e}, zeros[:4000]...), bytes.Repeat([]byte{0xbe}, 12000)...)
	fill := func(b []byte) []byte {
		for i, c := range b {
			if c == 0 {
				b[i] = 'x'
			}
		}
		return b
	}
	const flood = 96 << 20 // what a flood may cost us, however long the deadline is
	for name, test := range map[string]struct {
		deaf   bool
		answer func(*frames)
		want   verdict
	}{
		"silent":    {false, func(f *frames) { f.wait() }, late("no first byte after 300ms")},
		"goes away": {false, func(f *frames) { f.WriteGoAway(0, http2.ErrCodeNo, nil) }, down(probes.ClassConnect, "connection closed")},
		"GOAWAY storm": {false, func(f *frames) {
			f.storm(func() error { return f.WriteGoAway(f.stream, http2.ErrCodeNo, zeros[:1000]) })
		}, down(probes.ClassProtocol, "no part of an answer").within(flood)},
		"GOAWAY storm, all": {false, func(f *frames) {
			f.storm(func() error { return f.WriteGoAway(0, http2.ErrCodeEnhanceYourCalm, zeros[:1000]) })
		}, down(probes.ClassConnect, "").within(flood)},
		"RST_STREAM":       {false, func(f *frames) { f.WriteRSTStream(f.stream, http2.ErrCodeInternal); f.wait() }, down(probes.ClassProtocol, "stream error")},
		"RST_STREAM storm": {false, func(f *frames) { f.storm(func() error { return f.WriteRSTStream(f.stream, http2.ErrCodeCancel) }) }, down(probes.ClassProtocol, "stream error").within(flood)},
		"RST_STREAM storm, others": {false, func(f *frames) {
			id := f.stream
			f.storm(func() error { id += 2; return f.WriteRSTStream(id, http2.ErrCodeCancel) })
		}, down(probes.ClassProtocol, "no part of an answer").within(flood)},
		"RST_STREAM in the body": {false, func(f *frames) { f.begin(); f.WriteRSTStream(f.stream, http2.ErrCodeInternal); f.wait() }, down(probes.ClassProtocol, "stream error")},
		"SETTINGS flood": {false, func(f *frames) {
			f.storm(func() error { return f.WriteSettings(http2.Setting{ID: http2.SettingMaxFrameSize, Val: 16384}) })
		}, down(probes.ClassProtocol, "no part of an answer").within(flood)},
		"PING flood":          {false, func(f *frames) { f.storm(func() error { return f.WritePing(false, [8]byte{}) }) }, down(probes.ClassProtocol, "no part of an answer").within(flood)},
		"PING flood, deaf":    {true, func(f *frames) { f.storm(func() error { return f.WritePing(false, [8]byte{}) }) }, late("no first byte after 300ms").within(flood)},
		"WINDOW_UPDATE flood": {false, func(f *frames) { f.storm(func() error { return f.WriteWindowUpdate(f.stream, 1) }) }, down(probes.ClassProtocol, "no part of an answer").within(flood)},
		"window overflow":     {false, func(f *frames) { f.storm(func() error { return f.WriteWindowUpdate(0, 1<<31-1) }) }, down(probes.ClassProtocol, "FLOW_CONTROL_ERROR").within(flood)},
		"unknown frames":      {false, func(f *frames) { f.storm(func() error { return f.WriteRawFrame(0xbe, 0, f.stream, zeros[:100]) }) }, down(probes.ClassProtocol, "no part of an answer").within(flood)},
		"empty DATA flood":    {false, func(f *frames) { f.begin(); f.storm(func() error { return f.WriteData(f.stream, false, nil) }) }, down(probes.ClassProtocol, "no part of an answer").within(flood)},
		"endless DATA":        {false, func(f *frames) { f.begin(); f.storm(func() error { return f.WriteData(f.stream, false, zeros) }) }, unknown(probes.ClassSize, "larger than the 1MB").within(flood)},
		"DATA at once":        {false, func(f *frames) { f.WriteData(f.stream, false, zeros); f.wait() }, down(probes.ClassProtocol, "PROTOCOL_ERROR")},
		"interim answers": {false, func(f *frames) {
			f.storm(func() error { // 103 in HPACK, not indexed
				return f.WriteHeaders(http2.HeadersFrameParam{StreamID: f.stream, BlockFragment: []byte("\x08\x03103"), EndHeaders: true})
			})
		}, down(probes.ClassProtocol, "too many interim").within(flood)},
		"CONTINUATION flood": {false, func(f *frames) {
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: f.stream, BlockFragment: head})
			f.storm(func() error { return f.WriteContinuation(f.stream, false, []byte("\x00\x01a\x01b")) })
		}, down(probes.ClassProtocol, "PROTOCOL_ERROR").within(flood)},
		"HPACK bomb": {false, func(f *frames) {
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: f.stream, BlockFragment: fill(bomb), EndHeaders: true, EndStream: true})
			f.wait()
		}, down(probes.ClassProtocol, "header list larger").within(flood)},
		"push": {false, func(f *frames) {
			f.WritePushPromise(http2.PushPromiseParam{StreamID: f.stream, PromiseID: 2, BlockFragment: head, EndHeaders: true})
			f.wait()
		}, down(probes.ClassProtocol, "PROTOCOL_ERROR")},
		"frame too large": {false, func(f *frames) { f.out.WriteString("\xff\xff\xff\x00\x00\x00\x00\x00\x01"); f.wait() }, down(probes.ClassProtocol, "frame too large")},
		"garbage":         {false, func(f *frames) { io.WriteString(f.out, strings.Repeat("what is this?", 100)); f.wait() }, down(probes.ClassProtocol, "")},
	} {
		t.Run(name, func(t *testing.T) {
			test.want.of(t, get(t, ca.speakHTTP2(t, test.deaf, test.answer)), ca.trusting())
		})
	}
}

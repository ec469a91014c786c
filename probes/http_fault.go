package probes

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

var errInterim = errors.New("too many interim answers")

// localErrors are errors of the system that are ours, wherever they appear.
var localErrors = []error{
	syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL, syscall.EADDRINUSE, syscall.EAFNOSUPPORT,
	syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EPERM, syscall.EACCES,
}

// brokenErrors are errors of a connection that the other side, or something on
// the way, ended.
var brokenErrors = []error{
	io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
	syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, syscall.ETIMEDOUT,
}

func isAny(err error, targets []error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// connectFault says why there is no connection, or no handshake on it.
func (x *exchange) connectFault(ctx context.Context, to *url.URL, err error) *Fault {
	x.end()
	h := x.current
	h.mu.Lock()
	tried, connected := h.attempts, !h.connected.IsZero()
	h.mu.Unlock()

	if refused, ok := errors.AsType[*forbidden](err); ok {
		return faultf(ClassForbidden, err, "%v", refused)
	}
	if unresolved, ok := errors.AsType[*net.DNSError](err); ok && len(tried) == 0 {
		if unresolved.IsNotFound && x.plan.link != nil && x.plan.link.network != "tcp" {
			return faultf(ClassDNS, err, "the name %s has no address of IPv%s", to.Hostname(), x.plan.link.network[3:])
		}
		if unresolved.IsNotFound {
			return faultf(ClassDNS, err, "the name %s does not resolve", to.Hostname())
		}
		return faultf(ClassLocal, err, "our resolver gave no answer for %s", to.Hostname())
	}
	if fault := x.stopped(ctx, err); fault != nil {
		return fault
	}
	if _, ok := errors.AsType[*net.AddrError](err); ok && len(tried) == 0 && !x.plan.link.fits(to) {
		return faultf(ClassRedirect, err, "redirected to %s, which is not of IPv%s", to.Hostname(), x.plan.link.network[3:])
	}
	if connected {
		return x.handshakeFault(to, err)
	}
	return dialFault(tried, err)
}

// dialFault says why no address could be connected to. What one address tells
// about the service outweighs what another tells about us, such as that we
// have no IPv6.
func dialFault(tried []attempt, err error) *Fault {
	for _, a := range tried {
		switch {
		case a.err == nil || isAny(a.err, localErrors):
		case errors.Is(a.err, syscall.ECONNREFUSED):
			return faultf(ClassConnect, err, "connection to %s refused", a.address)
		case errors.Is(a.err, syscall.EHOSTUNREACH):
			return faultf(ClassConnect, err, "no route to the host %s", a.address)
		case errors.Is(a.err, syscall.ETIMEDOUT), errors.Is(a.err, context.DeadlineExceeded):
			return faultf(ClassConnect, err, "connection to %s timed out", a.address)
		case isAny(a.err, brokenErrors):
			return faultf(ClassConnect, err, "connection to %s broken", a.address)
		}
	}
	return faultf(ClassLocal, err, "we cannot connect: %v", root(err))
}

// root returns the innermost error, which says what happened without where.
func root(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

func (x *exchange) handshakeFault(to *url.URL, err error) *Fault {
	if isAny(err, localErrors) {
		return faultf(ClassLocal, err, "our system failed during the TLS handshake: %v", root(err))
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return faultf(ClassTLS, err, "answered the TLS handshake with something that is not TLS")
	}
	if unverified, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		x.observed.TLS = &tls.ConnectionState{PeerCertificates: unverified.UnverifiedCertificates}
		return x.certificateFault(to, unverified)
	}
	if refused := x.proofRefused(err); refused != nil {
		return refused
	}
	if isAny(err, brokenErrors) {
		return faultf(ClassTLS, err, "connection closed during the TLS handshake")
	}
	return faultf(ClassTLS, err, "TLS handshake failed: %v", root(err))
}

func (x *exchange) certificateFault(to *url.URL, err *tls.CertificateVerificationError) *Fault {
	if _, ok := errors.AsType[x509.SystemRootsError](err); ok || x.rootless() {
		return faultf(ClassLocal, err, "we have no root certificates to trust")
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return faultf(ClassTLS, err, "the certificate is not for %s", to.Hostname())
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return faultf(ClassTLS, err, "the certificate is signed by an authority that is not trusted, or its chain is incomplete")
	}
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	if ok && invalid.Reason == x509.Expired && invalid.Cert != nil {
		const form = time.DateTime + " UTC"
		if x.observed.Time.Before(invalid.Cert.NotBefore) {
			return faultf(ClassTLS, err, "the certificate is not valid before %s", invalid.Cert.NotBefore.UTC().Format(form))
		}
		return faultf(ClassTLS, err, "the certificate expired on %s", invalid.Cert.NotAfter.UTC().Format(form))
	}
	return faultf(ClassTLS, err, "the certificate is not valid: %v", root(err))
}

// rootless reports whether we could not trust any certificate at all.
func (x *exchange) rootless() bool {
	roots := x.plan.link.roots(x.from)
	if roots == nil {
		system, err := x509.SystemCertPool()
		if err != nil {
			return true
		}
		roots = system
	}
	return roots.Equal(x509.NewCertPool())
}

// answerFault says why the connection gave no complete answer.
func (x *exchange) answerFault(ctx context.Context, err error) *Fault {
	x.end()
	if fault := x.stopped(ctx, err); fault != nil {
		return fault
	}
	if isAny(err, localErrors) {
		return faultf(ClassLocal, err, "our system failed during the exchange: %v", root(err))
	}
	if refused := x.proofRefused(err); refused != nil {
		return refused
	}
	if bad, ok := errors.AsType[errEncoding](err); ok {
		return faultf(ClassProtocol, err, "the body is not the gzip that it is said to be: %v", root(bad))
	}
	if errors.Is(err, errFlood) {
		return faultf(ClassProtocol, err, "the answer is not valid HTTP: %v", errFlood)
	}
	if isAny(err, brokenErrors) || saysClosed(err) {
		if x.observed.Status == 0 {
			return faultf(ClassConnect, err, "connection closed without a complete answer")
		}
		return faultf(ClassConnect, err, "connection closed in the middle of the answer, after %d bytes of body", len(x.observed.Body))
	}
	return faultf(ClassProtocol, err, "the answer is not valid HTTP: %v", root(err))
}

// saysClosed reports whether the error is one of those of net/http that have
// no type and say that the server closed the connection.
func saysClosed(err error) bool {
	for _, text := range []string{"server closed", "client connection lost", "client conn is closed", "client conn not usable", "GOAWAY", notEstablished} {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}

// stopped returns the fault of an exchange that the deadline or our own stop
// ended, and nil when neither did.
func (x *exchange) stopped(ctx context.Context, err error) *Fault {
	if errors.Is(ctx.Err(), context.Canceled) {
		return faultf(ClassLocal, ctx.Err(), "we stopped before the answer was complete")
	}
	deadline, ok := ctx.Deadline()
	if !ok || ctx.Err() == nil && (time.Now().Before(deadline) || !isAny(err, []error{context.DeadlineExceeded, os.ErrDeadlineExceeded})) {
		return nil
	}
	h := x.current
	h.mu.Lock()
	defer h.mu.Unlock()
	after := brief(deadline.Sub(x.observed.Time).Round(10 * time.Millisecond))
	where := ""
	if n := x.observed.Redirects; n > 0 {
		where = ", having followed " + plural(n, "redirect")
	}
	switch {
	case h.lookup && h.looked.IsZero():
		return faultf(ClassLocal, err, "our resolver gave no answer after %s%s", after, where)
	case h.connected.IsZero():
		return faultf(ClassTimeout, err, "no connection after %s%s", after, where)
	case h.secured.IsZero():
		return faultf(ClassTimeout, err, "no TLS handshake after %s%s", after, where)
	case h.first.IsZero():
		return faultf(ClassTimeout, err, "no first byte after %s%s", after, where)
	}
	return faultf(ClassTimeout, err, "no last byte after %s%s, %d bytes of body read", after, where, len(x.observed.Body))
}

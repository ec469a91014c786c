package probes

import (
	"errors"
	"net"
	"strings"
	"time"
)

// notEstablished is what net/http says, without a type, of a connection of
// HTTP/2 that ended before the server's first frame.
const notEstablished = "client conn could not be established"

// proofRefused says that a server does not take our client certificate, or
// misses one: our missing right. It is nil where the error tells of neither.
func (x *exchange) proofRefused(err error) *Fault {
	remote, ok := errors.AsType[*net.OpError](err)
	if !ok || remote.Op != "remote error" {
		return x.unprovedFault(err)
	}
	// crypto/tls has a text but no type for what the other side says.
	switch said, _ := strings.CutPrefix(remote.Err.Error(), "tls: "); said {
	case "certificate required", "handshake failure":
		if !x.unproved.Load() {
			return nil
		}
		return faultf(ClassRight, err, "the server wants a client certificate")
	case "bad certificate", "unsupported certificate", "revoked certificate", "expired certificate",
		"unknown certificate", "unknown certificate authority", "access denied":
		return faultf(ClassRight, err, "the server does not take our client certificate: %s", said)
	}
	return nil
}

// unprovedFault is that of a connection which ended before an answer, where the
// server had wanted a client certificate and got none. What it says of that may
// be lost on the way, so nothing can be concluded.
func (x *exchange) unprovedFault(err error) *Fault {
	if !x.unproved.Load() || x.observed.Status != 0 || !isAny(err, brokenErrors) && !saysClosed(err) {
		return nil
	}
	return faultf(ClassInconclusive, err, "connection closed without an answer, after the server wanted a client certificate and got none")
}

// after returns the fault of an exchange that began only when a token was
// there. Where that took much of the time, running out of it tells nothing.
func (f *Fault) after(token, exchange time.Duration) *Fault {
	if f.Class != ClassTimeout || token < (token+exchange)/10 {
		return f
	}
	return faultf(ClassInconclusive, f, "token server: its answer took %s, which left the API too little time: %s", brief(token), f.Detail)
}

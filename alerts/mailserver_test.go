package alerts_test

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"observatoire/alerts"
	"observatoire/alerts/alertstest"
	"observatoire/secret"
)

// mailServer is a real mail server on loopback that answers as told.
type mailServer struct {
	answer  alertstest.Answer
	refused map[string]int // code by recipient

	mu       sync.Mutex
	accepted []alertstest.Message
	to       [][]string
	secure   bool
	stop     chan struct{}
}

func (s *mailServer) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secure := c.TLSConnectionState()
	s.mu.Lock()
	s.secure = secure
	s.mu.Unlock()
	return &mailSession{server: s, conn: c}, nil
}

func (s *mailServer) messages() []alertstest.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accepted)
}

type mailSession struct {
	server *mailServer
	conn   *smtp.Conn
	to     []string
}

func (*mailSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (*mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "observatoire" || password != mailPassword {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no: " + password}
		}
		return nil
	}), nil
}

func (s *mailSession) Mail(string, *smtp.MailOptions) error {
	switch s.server.answer {
	case alertstest.RefuseForNow:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later " + mailPassword}
	case alertstest.RefuseForGood:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "never " + mailPassword}
	case alertstest.Hang:
		<-s.server.stop
		return errors.New("stopped")
	case alertstest.Drop:
		s.conn.Close()
	}
	return nil
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if code := s.server.refused[to]; code != 0 {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "unknown here"}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := parseMail(raw)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.accepted = append(s.server.accepted, m)
	s.server.to = append(s.server.to, s.to)
	return nil
}

func (s *mailSession) Reset()      { s.to = nil }
func (*mailSession) Logout() error { return nil }

func parseMail(raw []byte) (alertstest.Message, error) {
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return alertstest.Message{}, err
	}
	title, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
	if err != nil {
		return alertstest.Message{}, err
	}
	m := alertstest.Message{
		ID: parsed.Header.Get("Message-ID"), Thread: parsed.Header.Get("References"), Title: title,
		Header: parsed.Header, Size: len(raw),
	}
	_, parameters, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil {
		return m, err
	}
	parts := multipart.NewReader(parsed.Body, parameters["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return m, nil
		} else if err != nil {
			return m, err
		}
		if encoding := part.Header.Get("Content-Transfer-Encoding"); encoding != "quoted-printable" {
			return m, fmt.Errorf("encoding %q", encoding)
		}
		content, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return m, err
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			m.HTML = string(content)
		} else {
			m.Text = string(content)
		}
	}
}

// startMail starts a mail server and returns a notifier of it.
func startMail(t *testing.T, server *mailServer, protection string) *alerts.Email {
	t.Helper()
	server.stop = make(chan struct{})
	// The certificate of httptest is good for 127.0.0.1.
	certificates := httptest.NewTLSServer(nil)
	config := &tls.Config{Certificates: certificates.TLS.Certificates}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificates.Certificate().Raw})
	certificates.Close()
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	backend := smtp.NewServer(server)
	backend.Domain = "mail.test"
	backend.ErrorLog = log.New(io.Discard, "", 0)
	if protection == "starttls" {
		backend.TLSConfig = config
	}
	address := listener.Addr().(*net.TCPAddr)
	if protection == "tls" {
		listener = tls.NewListener(listener, config)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = backend.Serve(listener) })
	t.Cleanup(func() {
		close(server.stop)
		backend.Close()
		serving.Wait()
	})
	notifier, _ := alerts.NewChannel("email")
	e := notifier.(*alerts.Email)
	e.Host, e.Port, e.CA, e.TLS = "127.0.0.1", address.Port, ca, protection
	e.From, e.To = "Observatoire <observatoire@example.fr>", []string{"Astreinte <ops@example.fr>", "chef@example.fr"}
	if protection != "none" {
		e.Username, e.Password = "observatoire", secret.New(mailPassword)
	}
	if err := e.Validate(); err != nil {
		t.Fatal(err)
	}
	return e
}

// babbler returns a notifier of a server whose greeting never ends.
func babbler(t *testing.T) alerts.Notifier {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for err == nil {
			_, err = io.WriteString(c, "220-"+strings.Repeat("x", 1<<12))
		}
	})
	t.Cleanup(serving.Wait)
	t.Cleanup(func() { listener.Close() })
	notifier, _ := alerts.NewChannel("email")
	e := notifier.(*alerts.Email)
	e.Host, e.Port = "127.0.0.1", listener.Addr().(*net.TCPAddr).Port
	e.From, e.To = "observatoire@example.fr", []string{"ops@example.fr"}
	e.Username, e.Password = "observatoire", secret.New(mailPassword)
	return e
}

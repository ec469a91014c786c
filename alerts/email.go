package alerts

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"observatoire/secret"
)

// How the connection to a mail server is protected.
const (
	startTLS = "starttls" // begun in clear and then protected; refused without
	directly = "tls"      // protected from the first byte on
	inClear  = "none"     // for a relay on the same machine
)

// Email sends each alert as a mail in text and in HTML, by way of a mail server.
// Message-ID stays the same when a delivery is tried again, and the mails about
// the beginning and the end of a breach belong to one thread. Answers 4xx of the
// server and faults of the network are tried again, an answer 5xx is final. The
// mail goes to those recipients that the server accepts; those that it refuses
// for good are an error all the same.
type Email struct {
	Host     string       `yaml:"host" doc:"name of the mail server" required:"true"`
	Port     int          `yaml:"port" doc:"port of the mail server"`
	Username string       `yaml:"username" doc:"account at the mail server; without it none is used"`
	Password secret.Value `yaml:"password" doc:"password of the account"`
	From     string       `yaml:"from" doc:"address of the sender, such as Observatoire <observatoire@example.fr>" required:"true"`
	To       []string     `yaml:"to" doc:"addresses of the recipients" required:"true"`
	TLS      string       `yaml:"tls" doc:"starttls, tls (from the first byte on) or none"`
	CA       string       `yaml:"ca" doc:"file of certificates (PEM) that are trusted beside the system's"`
	Language string       `yaml:"language" doc:"of the mails: fr or en"`
}

func newEmail() *Email {
	return &Email{Port: 587, TLS: startTLS, Language: defaultLanguage}
}

// Validate returns the first fault of the settings, its field first.
func (e *Email) Validate() error {
	if e.Host == "" || strings.ContainsAny(e.Host, " /:@\r\n") && net.ParseIP(e.Host) == nil {
		return fmt.Errorf("host: %q is not the name of a server", e.Host)
	}
	if e.Port < 1 || e.Port > 65535 {
		return fmt.Errorf("port: %d is not a port: want 1 to 65535", e.Port)
	}
	if _, err := mail.ParseAddress(e.From); err != nil {
		return fmt.Errorf("from: %q is not an address", e.From)
	}
	if len(e.To) == 0 {
		return errors.New("to: required")
	}
	for _, to := range e.To {
		if _, err := mail.ParseAddress(to); err != nil {
			return fmt.Errorf("to: %q is not an address", to)
		}
	}
	switch e.TLS {
	case startTLS, directly:
	case inClear:
		if e.Username != "" {
			return errors.New("tls: none would send the password in clear")
		}
	default:
		return fmt.Errorf("tls: %q is not starttls, tls or none", e.TLS)
	}
	if e.Username != "" && e.Password.IsZero() {
		return errors.New("password: required with a username")
	}
	if err := validLanguage(e.Language); err != nil {
		return err
	}
	_, err := trusted(e.CA)
	return err
}

// Notify sends the mail.
func (e *Email) Notify(ctx context.Context, id string, a Alert) (retry bool, err error) {
	where := "email " + net.JoinHostPort(e.Host, strconv.Itoa(e.Port))
	m, err := e.compose(id, a)
	if err != nil {
		return false, fmt.Errorf("%s: %s", where, e.redact(err))
	}
	if err := e.send(ctx, m); err != nil {
		return temporary(err), fmt.Errorf("%s: %s", where, e.redact(err))
	}
	return false, nil
}

// temporary reports whether trying again may help: always, unless the server
// said for good that it will not.
func temporary(err error) bool {
	refusal, ok := errors.AsType[*textproto.Error](err)
	return !ok || refusal.Code < 500
}

func (e *Email) redact(err error) string {
	password := e.Password.Reveal()
	return redacted(err, "\x00"+e.Username+"\x00"+password, password)
}

//go:embed mail.html
var mailHTML string

// compose returns the mail of an alert.
func (e *Email) compose(id string, a Alert) (*gomail.Msg, error) {
	from, err := mail.ParseAddress(e.From)
	if err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(from)
	for _, to := range e.To {
		address, err := mail.ParseAddress(to)
		if err != nil {
			return nil, fmt.Errorf("to: %w", err)
		}
		m.AddToMailAddress(address)
	}
	domain := from.Address[strings.LastIndex(from.Address, "@")+1:]
	thread := fmt.Sprintf("<%s@%s>", digest(a.Key, a.Start.UTC().Format(time.RFC3339Nano)), domain)
	m.SetMessageIDWithValue(digest(id) + "@" + domain)
	m.SetGenHeaderPreformatted(gomail.HeaderReferences, thread)
	if a.State == Resolved {
		m.SetGenHeaderPreformatted(gomail.HeaderInReplyTo, thread)
	}
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetDate()

	content := compose(a, e.Language)
	m.Subject(content.Title)
	layout, err := template.New("mail").Parse(mailHTML)
	if err != nil {
		return nil, err
	}
	var html bytes.Buffer
	if err := layout.Execute(&html, content); err != nil {
		return nil, err
	}
	m.SetBodyString(gomail.TypeTextPlain, content.text())
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	return m, nil
}

// digest returns texts as a word that is fit for a Message-ID.
func digest(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return fmt.Sprintf("%x", sum[:16])
}

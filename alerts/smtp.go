package alerts

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// maxSaid bounds what is read of all that a mail server says in one exchange.
const maxSaid = 1 << 20

var errTalkative = errors.New("the server says more than a mail server has to say")

// send makes one exchange with the mail server. It ends with ctx.
func (e *Email) send(ctx context.Context, m *gomail.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, attemptDeadline)
	defer cancel()
	tlsConfig, err := trusted(e.CA)
	if err != nil {
		return err
	}
	tlsConfig.ServerName = e.Host

	// The library heeds ctx only while it dials, and leaves the connection open
	// when the greeting, the handshake or the login fails.
	dial := func(dialling context.Context, network, address string) (net.Conn, error) {
		var dialer net.Dialer
		raw, err := dialer.DialContext(dialling, network, address)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { raw.Close() })
		bounded := &boundedConn{Conn: raw, left: maxSaid}
		if e.TLS == directly {
			return tls.Client(bounded, tlsConfig), nil
		}
		return bounded, nil
	}
	mailer, err := gomail.NewClient(e.Host, e.options(tlsConfig, dial)...)
	if err != nil {
		return err
	}
	client, err := mailer.DialToSMTPClientWithContext(ctx)
	if err == nil {
		err = hand(client, m)
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("no complete answer in time: %w", ctx.Err())
	}
	return err
}

func (e *Email) options(tlsConfig *tls.Config, dial gomail.DialContextFunc) []gomail.Option {
	policy := gomail.TLSMandatory
	switch e.TLS {
	case directly:
		policy = gomail.TLSOpportunistic // no server offers STARTTLS within TLS
	case inClear:
		policy = gomail.NoTLS
	}
	options := []gomail.Option{
		gomail.WithPort(e.Port), gomail.WithTimeout(attemptDeadline), gomail.WithTLSConfig(tlsConfig),
		gomail.WithTLSPolicy(policy), gomail.WithDialContextFunc(dial),
	}
	if e.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(e.Username), gomail.WithPassword(e.Password.Reveal()))
	}
	return options
}

// hand gives the server the mail for all recipients that it accepts. One that
// may be accepted later holds the mail back for all, so that none gets it twice.
func hand(client *smtp.Client, m *gomail.Msg) error {
	sender, err := m.GetSender(false)
	if err != nil {
		return err
	}
	recipients, err := m.GetRecipients()
	if err != nil {
		return err
	}
	if err := client.Mail(sender); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	var refusals []error
	for _, recipient := range recipients {
		if err := client.Rcpt(recipient); err != nil {
			err = fmt.Errorf("recipient %s: %w", recipient, err)
			if temporary(err) {
				return err
			}
			refusals = append(refusals, err)
		}
	}
	if len(refusals) == len(recipients) {
		return errors.Join(refusals...)
	}
	body, err := client.Data()
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	if _, err := m.WriteTo(body); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	if err := body.Close(); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	_ = client.Quit() // the mail is accepted, whatever follows
	return errors.Join(refusals...)
}

// boundedConn ends a connection on which too much comes in.
type boundedConn struct {
	net.Conn
	left int
}

func (c *boundedConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTalkative
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

package alerts_test

import (
	"net/mail"
	"slices"
	"strings"
	"testing"

	"observatoire/alerts"
	"observatoire/alerts/alertstest"
	"observatoire/secret"
)

const mailPassword = "mail-password-5d1e"

func TestEmail(t *testing.T) {
	alertstest.Run(t, alertstest.Kit{
		Secrets: []string{mailPassword},
		Serve: func(t *testing.T, answer alertstest.Answer) (alerts.Notifier, func() []alertstest.Message) {
			if answer == alertstest.Babble {
				return babbler(t), func() []alertstest.Message { return nil }
			}
			server := &mailServer{answer: answer}
			return startMail(t, server, "starttls"), server.messages
		},
	})
}

func TestEmailProtection(t *testing.T) {
	for protection, secure := range map[string]bool{"starttls": true, "tls": true, "none": false} {
		t.Run(protection, func(t *testing.T) {
			server := &mailServer{}
			notifier := startMail(t, server, protection)
			firing, _ := alertstest.Outage()
			if _, err := notifier.Notify(t.Context(), "1-a", firing); err != nil {
				t.Fatal(err)
			}
			if server.secure != secure {
				t.Errorf("protected: %t, want %t", server.secure, secure)
			}
			if got := server.to[0]; !slices.Equal(got, []string{"ops@example.fr", "chef@example.fr"}) {
				t.Errorf("recipients %q", got)
			}
		})
	}
	t.Run("starttls that is not offered", func(t *testing.T) {
		server := &mailServer{}
		notifier := startMail(t, server, "none")
		notifier.TLS = "starttls"
		firing, _ := alertstest.Outage()
		if _, err := notifier.Notify(t.Context(), "1-a", firing); err == nil || len(server.messages()) > 0 {
			t.Errorf("error %v, %d messages: a mail went out in clear", err, len(server.messages()))
		}
	})
	t.Run("unknown certificate", func(t *testing.T) {
		server := &mailServer{}
		notifier := startMail(t, server, "starttls")
		notifier.CA = ""
		firing, _ := alertstest.Outage()
		if retry, err := notifier.Notify(t.Context(), "1-a", firing); err == nil || !retry || len(server.messages()) > 0 {
			t.Errorf("retry %t, error %v", retry, err)
		}
	})
}

func TestEmailLogin(t *testing.T) {
	server := &mailServer{}
	notifier := startMail(t, server, "starttls")
	wrong := "wrong-password-0a"
	notifier.Password = secret.New(wrong)
	firing, _ := alertstest.Outage()
	retry, err := notifier.Notify(t.Context(), "1-a", firing)
	if err == nil || retry {
		t.Errorf("retry %t, error %v; want a final error", retry, err)
	}
	if err != nil && strings.Contains(err.Error(), wrong) {
		t.Errorf("the error shows the password: %v", err)
	}
}

func TestEmailRecipients(t *testing.T) {
	tests := map[string]struct {
		refused map[string]int
		sent    int
		retry   bool
	}{
		"one for good": {map[string]int{"chef@example.fr": 550}, 1, false},
		"all for good": {map[string]int{"chef@example.fr": 550, "ops@example.fr": 553}, 0, false},
		"one for now":  {map[string]int{"chef@example.fr": 450}, 0, true},
		"mixed":        {map[string]int{"chef@example.fr": 450, "ops@example.fr": 550}, 0, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := &mailServer{refused: test.refused}
			notifier := startMail(t, server, "starttls")
			firing, _ := alertstest.Outage()
			retry, err := notifier.Notify(t.Context(), "1-a", firing)
			if err == nil || !strings.Contains(err.Error(), "@example.fr") || retry != test.retry {
				t.Errorf("retry %t, error %v", retry, err)
			}
			if got := len(server.messages()); got != test.sent {
				t.Errorf("%d mails accepted, want %d", got, test.sent)
			}
		})
	}
}

func TestEmailHeader(t *testing.T) {
	server := &mailServer{}
	notifier := startMail(t, server, "none")
	firing, resolved := alertstest.Outage()
	for id, a := range map[string]alerts.Alert{"1-a": firing, "2-b": resolved} {
		if _, err := notifier.Notify(t.Context(), id, a); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range server.messages() {
		header := mail.Header(m.Header)
		if got := header.Get("Auto-Submitted"); got != "auto-generated" {
			t.Errorf("Auto-Submitted %q", got)
		}
		if _, err := header.Date(); err != nil {
			t.Errorf("Date: %v", err)
		}
		answers := strings.HasPrefix(m.Title, "[Rétabli]")
		if got := header.Get("In-Reply-To"); (got == m.Thread) != answers || (got != "") != answers {
			t.Errorf("%s: In-Reply-To %q, thread %q", m.Title, got, m.Thread)
		}
		if !strings.HasSuffix(m.ID, "@example.fr>") {
			t.Errorf("Message-ID %q", m.ID)
		}
		if !strings.Contains(m.HTML, `<html lang="fr">`) || !strings.Contains(m.HTML, `href="https://observatoire.example.fr/apis/api-geo"`) {
			t.Errorf("HTML %s", m.HTML)
		}
	}
}

func TestEmailValidate(t *testing.T) {
	tests := map[string]struct {
		change func(*alerts.Email)
		want   string // the error's beginning; empty for none
	}{
		"good":              {func(*alerts.Email) {}, ""},
		"no host":           {func(e *alerts.Email) { e.Host = "" }, "host: "},
		"host with port":    {func(e *alerts.Email) { e.Host = "a:25" }, "host: "},
		"IPv6":              {func(e *alerts.Email) { e.Host = "::1" }, ""},
		"port":              {func(e *alerts.Email) { e.Port = 0 }, "port: "},
		"from":              {func(e *alerts.Email) { e.From = "nobody" }, "from: "},
		"no to":             {func(e *alerts.Email) { e.To = nil }, "to: "},
		"to with line":      {func(e *alerts.Email) { e.To = []string{"a@b.fr\r\nBcc: c@d.fr"} }, "to: "},
		"tls":               {func(e *alerts.Email) { e.TLS = "maybe" }, "tls: "},
		"password in clear": {func(e *alerts.Email) { e.TLS = "none" }, "tls: "},
		"no password":       {func(e *alerts.Email) { e.Password = secret.New("") }, "password: "},
		"language":          {func(e *alerts.Email) { e.Language = "" }, "language: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			notifier, _ := alerts.NewChannel("email")
			e := notifier.(*alerts.Email)
			e.Host, e.From, e.To = "mail.example.fr", "o@example.fr", []string{"ops@example.fr"}
			e.Username, e.Password = "o", secret.New(mailPassword)
			test.change(e)
			err := e.Validate()
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
			} else if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v, want one that begins with %q", err, test.want)
			}
		})
	}
}

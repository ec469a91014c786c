package probes_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"observatoire/probes"
)

// nginx starts the real server on the listener, with what stands in its server
// block, and returns the folder that it serves.
func nginx(t *testing.T, ca *authority, server string) (url, folder string) {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("nginx (Debian package nginx) is missing")
		}
		t.Skip("nginx is not installed: apt-get install nginx")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	folder = t.TempDir()
	cert, key := ca.pair(t, "nginx", x509.ExtKeyUsageServerAuth, time.Now().Add(24*time.Hour))
	for name, text := range map[string]string{
		"cert.pem": cert, "key.pem": key, "ca.pem": certPEM(ca.cert.Raw),
		"nginx.conf": fmt.Sprintf(`daemon off; user root; worker_processes 1; pid nginx.pid; error_log error.log;
			events {}
			http {
				access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
				gzip on; gzip_types text/plain; gzip_min_length 1; keepalive_requests 1;
				server {
					listen %s ssl http2;
					ssl_certificate cert.pem; ssl_certificate_key key.pem; ssl_client_certificate ca.pem;
					default_type text/plain; root .;
					%s
				}
			}`, listener.Addr(), server),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// It takes over the socket, which listens already: nothing is to be waited for.
	command := exec.Command(program, "-p", folder, "-c", "nginx.conf", "-e", "error.log")
	command.ExtraFiles = []*os.File{socket}
	command.Env = append(os.Environ(), "NGINX=3;")
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	socket.Close()
	t.Cleanup(func() {
		command.Process.Signal(syscall.SIGTERM) // its worker ends with it
		command.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(folder, "error.log"))
			t.Logf("nginx: %s%s", said.Bytes(), log)
		}
	})
	return "https://" + listener.Addr().String(), folder
}

// The real server: HTTP/2 over TLS, compressed, with a client certificate that
// it checks.
func TestNginx(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	late := time.Now().Add(time.Hour)
	const who = `return 200 "$ssl_client_verify $ssl_client_s_dn $server_protocol $http_accept_encoding";`
	url, folder := nginx(t, ca, `ssl_verify_client optional;
		location = /who { `+who+` }
		location = /closed { if ($ssl_client_verify != SUCCESS) { return 403; } `+who+` }
		location = /drop { return 444; }
		location = /moved { return 302 /big.txt; }`)
	big := strings.Repeat("observatoire ", 50_000)
	if err := os.WriteFile(filepath.Join(folder, "big.txt"), []byte(big), 0o644); err != nil {
		t.Fatal(err)
	}
	settings := func(proof *probes.ClientCertificate, more ...func(*probes.HTTP)) []func(*probes.HTTP) {
		return append(more, func(h *probes.HTTP) { h.ClientCertificate, h.CA = proof, filepath.Join(folder, "ca.pem") })
	}
	good := ca.proof(t, late)
	for name, test := range map[string]struct {
		path   string
		proof  *probes.ClientCertificate
		class  probes.ErrorClass
		detail string
		body   string
	}{
		"client certificate": {"/closed", good, probes.ClassNone, "", "SUCCESS CN=observatoire HTTP/2.0 gzip"},
		"none":               {"/who", nil, probes.ClassNone, "", "NONE  HTTP/2.0 gzip"},
		"none, closed":       {"/closed", nil, probes.ClassRight, "status 403", ""},
		"stranger's":         {"/who", stranger.proof(t, late), probes.ClassStatus, "status 400", ""},
		"redirect":           {"/moved", good, probes.ClassNone, "", big},
		"dropped":            {"/drop", good, probes.ClassProtocol, "stream error", ""},
		"missing":            {"/none", good, probes.ClassStatus, "status 404", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, get(t, url+test.path, settings(test.proof)...), loopback(), &probes.Body{Contains: test.body, Matches: "(?s)."})
			if r.Class != test.class || !strings.Contains(r.Detail, test.detail) {
				t.Errorf("%s %s: %s", r.Outcome, r.Class, r.Detail)
			}
			if p := r.Phases; p.TLS == 0 || p.Wait == 0 || name == "redirect" && (len(r.Hops) != 2 || r.Size != int64(len(big))) {
				t.Errorf("phases %+v, hops %+v, %d bytes", p, r.Hops, r.Size)
			}
		})
	}
	t.Run("journey", func(t *testing.T) {
		j := journey(
			probes.JourneyStep{Name: "Qui", URL: url + "/who", Take: []probes.Take{{Name: "cn", Regex: `CN=(\w+)`}}},
			probes.JourneyStep{Name: "Document", URL: url + "/big.txt?{{cn}}", Assert: critical(&probes.Body{Contains: "observatoire"})},
		)
		j.Connection = probes.Connection{CA: filepath.Join(folder, "ca.pem"), ClientCertificate: good}
		r := run(t, j, loopback())
		expect(t, r, probes.Up, probes.ClassNone)
		if r.Steps[1].Size != int64(len(big)) {
			t.Errorf("%+v", r.Steps)
		}
	})
}

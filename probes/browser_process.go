package probes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/chromedp"
)

// maxMessage is the most bytes of one message of the browser that are read: a
// page may make it say as much as it likes.
const maxMessage = 32 << 20

var (
	errBrowserTalks = errors.New("the browser said too much at once")
	errNoBrowser    = errors.New("no Chromium is installed here")
)

// executables are the names that a Chromium is looked for under.
var executables = [...]string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"}

// findBrowser returns the path of the executable.
func findBrowser(configured string) (string, error) {
	if configured != "" {
		return exec.LookPath(configured)
	}
	for _, name := range executables {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoBrowser
}

// chromium starts one browser for one run, with a profile of its own in a
// folder that is removed with it. It implements [chromedp.Allocator]: the one
// of chromedp reads messages without a bound and leaves the group alone.
type chromium struct {
	path  string
	flags []string
	dir   string // profile, home and temporary files

	ended    func() // called when the process ended
	messages boundedMessages
	exited   chan struct{} // closed once the process was waited for

	mu      sync.Mutex
	cmd     *exec.Cmd
	browser *chromedp.Browser
	stopped bool
}

func newChromium(path string, flags []string) (*chromium, error) {
	dir, err := os.MkdirTemp("", "obs-browser-")
	if err != nil {
		return nil, err
	}
	c := &chromium{path: path, flags: flags, dir: dir, exited: make(chan struct{})}
	if err = os.Mkdir(filepath.Join(dir, "Default"), 0o700); err == nil {
		err = os.WriteFile(filepath.Join(dir, "Default", "Preferences"), []byte(preferences), 0o600)
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return c, nil
}

// preferences of each profile: no connection is made before it is wanted, so
// that each is measured, and WebRTC sends nothing past the proxy.
const preferences = `{"net": {"network_prediction_options": 2}, "webrtc": {"ip_handling_policy": "disable_non_proxied_udp"}}`

// Allocate implements [chromedp.Allocator].
func (c *chromium) Allocate(ctx context.Context, opts ...chromedp.BrowserOption) (*chromedp.Browser, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return nil, context.Cause(ctx)
	}
	childR, parentW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer childR.Close()
	parentR, childW, err := os.Pipe()
	if err != nil {
		parentW.Close()
		return nil, err
	}
	defer childW.Close()
	if err := c.start(childR, childW); err != nil {
		parentR.Close()
		parentW.Close()
		return nil, err
	}
	c.messages.from = parentR
	pipe := chromedp.NewPipeConn(&c.messages, parentW)
	c.browser, err = chromedp.NewBrowserTransport(ctx, pipe, opts...)
	if err != nil {
		pipe.Close()
		return nil, err
	}
	return c.browser, nil
}

// start runs the process. Its commands come on descriptor 3, its answers go to
// descriptor 4, and it inherits nothing of our environment.
func (c *chromium) start(commands, answers *os.File) error {
	complaints, err := os.Create(filepath.Join(c.dir, "stderr"))
	if err != nil {
		return err
	}
	defer complaints.Close()
	cmd := exec.Command(c.path, append(c.flags, "--remote-debugging-pipe", "--user-data-dir="+c.dir, "about:blank")...)
	cmd.ExtraFiles = []*os.File{commands, answers}
	cmd.Stderr = complaints
	cmd.Dir = c.dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=Europe/Paris",
		"HOME=" + c.dir, "TMPDIR=" + c.dir, "XDG_CONFIG_HOME=" + c.dir, "XDG_CACHE_HOME=" + c.dir, "XDG_RUNTIME_DIR=" + c.dir,
		"DBUS_SESSION_BUS_ADDRESS=disabled:", "DBUS_SYSTEM_BUS_ADDRESS=disabled:",
	}
	group(cmd)
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the kernel ends the browser with the thread that started it
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			c.cmd = cmd
		}
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(c.exited)
			c.ended()
		}
	}()
	return <-started
}

// Wait implements [chromedp.Allocator]; stop is what waits.
func (c *chromium) Wait() {}

// gone returns a channel that is closed when the browser says no more.
func (c *chromium) gone() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.browser == nil {
		return nil
	}
	return c.browser.LostConnection
}

// complaint returns the beginning of what the browser said before it gave up.
func (c *chromium) complaint() string {
	f, err := os.Open(filepath.Join(c.dir, "stderr"))
	if err != nil {
		return ""
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, MaxDetail))
	return string(text)
}

// stop ends the browser with everything that it started, and removes what it
// left on disk. The context of the browser is done before, so that nothing
// waits for an answer.
func (c *chromium) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return
	}
	c.stopped = true
	if c.cmd != nil {
		killGroup(c.cmd)
		<-c.exited
		killGroup(c.cmd) // had it ended by itself, its helpers may remain
		reapGroup(c.cmd)
	}
	if c.browser != nil {
		<-c.browser.LostConnection
	}
	// The last of them may still be about to end, in the middle of a write.
	for range 20 {
		if os.RemoveAll(c.dir) == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// boundedMessages reads messages, each of which ends with a zero byte, and
// fails at one that is too long.
type boundedMessages struct {
	from io.ReadCloser
	size int
	over atomic.Bool // one was too long
}

func (b *boundedMessages) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	for _, c := range p[:n] {
		if b.size++; c == 0 {
			b.size = 0
		}
	}
	if b.size > maxMessage {
		b.over.Store(true)
		return 0, errBrowserTalks
	}
	return n, err
}

func (b *boundedMessages) Close() error { return b.from.Close() }

// browserFlags are the flags of each browser. What a page does goes through the
// proxy or nowhere: no name is resolved, no UDP is sent, and no request of the
// browser's own is made.
func browserFlags(proxy string, width, height int) []string {
	flags := []string{
		"--headless", "--disable-gpu", "--hide-scrollbars", "--mute-audio",
		"--proxy-server=socks5://" + proxy, "--proxy-bypass-list=<-loopback>",
		"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
		"--disable-quic", "--dns-prefetch-disable",
		"--webrtc-ip-handling-policy=disable_non_proxied_udp", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
		"--no-first-run", "--no-default-browser-check", "--no-pings", "--no-service-autorun",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
		"--disable-extensions", "--disable-domain-reliability", "--disable-client-side-phishing-detection",
		"--safebrowsing-disable-auto-update", "--metrics-recording-only", "--disable-breakpad", "--disable-crash-reporter",
		"--disable-dev-shm-usage", "--disable-renderer-backgrounding", "--disable-background-timer-throttling",
		"--disable-backgrounding-occluded-windows", "--disable-hang-monitor", "--disable-prompt-on-repost",
		"--disable-site-isolation-trials", "--password-store=basic", "--use-mock-keychain", "--lang=fr-FR",
		"--disable-features=IsolateOrigins,site-per-process,Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider," +
			"AutofillServerCommunication,CertificateTransparencyComponentUpdater,InterestFeedContentSuggestions,HttpsUpgrades," +
			"HttpsFirstBalancedModeAutoEnable,AsyncDns,DnsOverHttps,NetworkTimeServiceQuerying,PrivacySandboxSettings4",
		"--disk-cache-size=50000000", "--js-flags=--max-old-space-size=512",
		fmt.Sprintf("--window-size=%d,%d", width, height),
	}
	if os.Geteuid() == 0 {
		flags = append(flags, "--no-sandbox") // it does not start as root with one
	}
	return flags
}

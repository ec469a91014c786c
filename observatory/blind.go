package observatory

import (
	"net"
	"net/url"
	"time"

	"observatoire/probes"
)

const (
	blindWithin = 2 * time.Minute // how long ago a result may have been measured to tell of now
	blindHosts  = 5               // that must be out of our reach at least
)

// lookOut notes since when the observatory sees nothing: when at least half of
// what was measured just now ended with a fault of its own, over several hosts.
// Where nothing was measured it stays as it was.
func (o *Observatory) lookOut(now time.Time) {
	measured, lost := 0, 0
	hosts := map[string]bool{}
	first := now
	for _, t := range o.tracks {
		if t.latest.Time.IsZero() || now.Sub(t.latest.Time) > blindWithin {
			continue
		}
		measured++
		if t.latest.Outcome != probes.Unknown || t.latest.Class != probes.ClassLocal {
			continue
		}
		lost++
		hosts[t.host] = true
		if t.latest.Time.Before(first) {
			first = t.latest.Time
		}
	}
	switch {
	case measured == 0:
	case 2*lost < measured:
		o.blind = time.Time{}
	case o.blind.IsZero() && len(hosts) >= blindHosts:
		o.blind = first
	}
}

// hostOf returns the host of a probe's target: of a URL, of a host with a port
// or of one alone.
func hostOf(target string) string {
	if u, err := url.Parse(target); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	if host, _, err := net.SplitHostPort(target); err == nil {
		return host
	}
	return target
}

package demo

import (
	"hash/fnv"
	"math"
	"time"
)

// personality is how one simulated service behaves, live and in the history alike.
type personality struct {
	mean      time.Duration // of the judged time: server time of an API, page time of a démarche
	spread    float64       // standard deviation of that time's logarithm; 0 means 0.25
	drift     float64       // how it was a year before, as a share: 0.8 is 80 % longer, -0.4 is 40 % shorter
	secure    bool          // served over TLS
	redirects bool          // answers at another address than the one asked
	status    int           // of an answer; 0 means 200
	size      int           // bytes of an answer; 0 means 1,200
	updates   time.Duration // period of its data; 0 means an hour
	stuck     time.Duration // its data was last updated so long before the end of the history
	expires   time.Duration // its certificate ends so long after the end of the history; 0 means 60 days
	troubles  []trouble     // the first one that strikes counts
}

// Shares of busy hours and of single slow answers in the times.
const (
	daily     = 0.18 // busy hours lengthen times by this share, quiet ones shorten them
	spikes    = 0.01 // share of single answers that are much slower
	spikeness = 4.0  // and how many times slower they are
	slowest   = 4500 * time.Millisecond
)

// time returns one judged time. normal is drawn from the standard normal
// distribution, uniform from [0, 1); load goes from -1 (quiet) to 1 (busy);
// past goes from 1 (a year before the end of the history) to 0 (now).
func (p *personality) time(normal, uniform, load, past float64) time.Duration {
	spread := p.sigma()
	factor := math.Exp(spread*normal-spread*spread/2) / (1 + spikes*(spikeness-1))
	if uniform < spikes {
		factor *= spikeness
	}
	factor *= (1 + daily*load) * (1 + p.drift*past)
	return min(slowest, time.Duration(float64(p.mean)*factor))
}

func (p *personality) sigma() float64 {
	if p.spread == 0 {
		return 0.25
	}
	return p.spread
}

func (p *personality) bytes() int {
	if p.size == 0 {
		return 1200
	}
	return p.size
}

func (p *personality) code() int {
	if p.status == 0 {
		return 200
	}
	return p.status
}

// dataTime returns the date of the data that is served at t; the history ends at end.
func (p *personality) dataTime(t, end time.Time) time.Time {
	period := p.updates
	if period == 0 {
		period = time.Hour
	}
	date := t.Truncate(period)
	if p.stuck == 0 {
		return date
	}
	if last := end.Truncate(24 * time.Hour).Add(-p.stuck); date.After(last) {
		return last
	}
	return date
}

// notAfter returns the end of the certificate; the history ends at end.
func (p *personality) notAfter(end time.Time) time.Time {
	switch {
	case !p.secure:
		return time.Time{}
	case p.expires == 0:
		return end.Add(lasting)
	}
	return end.Add(p.expires)
}

// load says how busy a local time is, from -1 to 1; over a week it is about 0.
func load(local time.Time) float64 {
	hour, day := local.Hour(), local.Weekday()
	switch {
	case day == time.Saturday || day == time.Sunday:
		return -0.2
	case hour < 8 || hour >= 22:
		return -0.9
	case hour >= 18:
		return 0.2
	case hour == 12 || hour == 13:
		return 0.5
	}
	return 1
}

// of returns the personality of a service: that of the simulated one of this
// name, or else one that is drawn by its name.
func of(id string, demarche bool) personality {
	if p, ok := apis[id]; ok && !demarche {
		return p
	}
	if d, ok := demarches[id]; ok && demarche {
		return d.personality(id)
	}
	availability, mean := quantile(availabilities, share(id, "availability")), quantile(serverTimes, share(id, "time"))
	if demarche {
		mean = quantile(pageTimes, share(id, "time"))
	}
	d := figures{availability: availability, mean: time.Duration(mean * float64(time.Millisecond))}
	p := d.personality(id)
	p.drift = 0.5*share(id, "drift") - 0.25
	return p
}

// point is one point of a distribution: so large a share is at or below value.
type point struct{ share, value float64 }

// The distributions of DINUM's own measurements of démarches, August 2026: 16 %
// are available for less than 98.5 % of the time, 22 % for less than 99.9 %.
var (
	availabilities = []point{{0, 0.62}, {0.02, 0.88}, {0.06, 0.955}, {0.16, 0.984}, {0.161, 0.986}, {0.38, 0.9985}, {0.381, 0.9993}, {0.55, 1}, {1, 1}}
	pageTimes      = []point{{0, 138}, {0.25, 165}, {0.5, 207}, {0.75, 333}, {0.9, 459}, {0.95, 651}, {0.98, 1200}, {1, 4000}}
	serverTimes    = []point{{0, 15}, {0.35, 48}, {0.7, 140}, {0.9, 380}, {1, 600}}
)

// quantile returns the value that so large a share of a distribution is at or below.
func quantile(points []point, share float64) float64 {
	for i, p := range points[1:] {
		if share <= p.share {
			before := points[i]
			return before.value + (p.value-before.value)*(share-before.share)/(p.share-before.share)
		}
	}
	return points[len(points)-1].value
}

// seed returns a number that depends on the names alone.
func seed(names ...string) uint64 {
	h := fnv.New64a()
	for _, name := range names {
		h.Write([]byte(name))
		h.Write([]byte{0})
	}
	// FNV leaves the high bits of similar names alike: mix them.
	x := h.Sum64()
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// share returns a number from [0, 1) that depends on the names alone.
func share(names ...string) float64 { return float64(seed(names...)>>11) / (1 << 53) }

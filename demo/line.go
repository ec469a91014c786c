package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"observatoire/probes"
)

// line makes up one series.
type line struct {
	Series
	personality
	grid
	offset    float64
	spells    []timeline
	random    *rand.Rand
	roundTrip float64 // milliseconds, of the network
	end       time.Time
	ends      time.Time // of the certificate
}

// newLine prepares a series. lost are the times at which no service could be reached from here.
func newLine(s Series, g grid, lost []spell) *line {
	id, _, _ := strings.Cut(s.Probe, "/")
	l := &line{
		Series: s, personality: of(id, s.Demarche), grid: g, offset: s.offset(),
		random:    rand.New(rand.NewPCG(seed(s.Probe, s.Vantage), 1)),
		roundTrip: 2 + 6*share(id, "network"),
		end:       time.UnixMilli(g.to).UTC(),
	}
	l.ends = l.notAfter(l.end)
	// All probes of a service are struck at the same times.
	random := rand.New(rand.NewPCG(seed(id), 2))
	l.spells = []timeline{{spells: lost}}
	for _, t := range l.troubles {
		l.spells = append(l.spells, newTimeline(t, g, random))
	}
	return l
}

// mode returns how the service fails at a time. Times do not go back.
func (l *line) mode(at int64) mode {
	found := fine
	for i := range l.spells {
		if m := l.spells[i].at(at); m != fine && found == fine {
			found = m
		}
	}
	return found
}

// result makes up the measurement at a time.
func (l *line) result(at, period int64, busy float64) probes.Result {
	r := probes.Result{
		Probe: l.Probe, Vantage: l.Vantage,
		Time: time.UnixMilli(at).UTC(), Period: time.Duration(period) * time.Millisecond,
		NotAfter: l.ends,
	}
	mode := l.mode(at)
	if l.maintained(r.Time) {
		r.Maintenance = true
		if l.random.Float64() < 0.6 {
			mode = unavailable
		}
	}
	e := effects[mode]
	r.Outcome, r.Class, r.Status, r.Detail = e.outcome, e.class, e.status, e.detail
	switch {
	case mode == expiring:
		r.Detail = fmt.Sprintf(e.detail, l.ends.Format(time.DateTime+" UTC"), l.ends.Sub(r.Time).Hours()/24)
	case e.class == probes.ClassStatus && l.status != 0:
		r.Detail = fmt.Sprintf("%s, %d", e.detail, l.status)
	}
	l.phases(&r, mode, busy)
	truncate(&r.Phases)
	if !r.Answered() {
		return r
	}
	r.Status = l.code()
	r.Size = int64(l.bytes()) + l.random.Int64N(64)
	if l.Dated {
		r.DataTime = l.dataTime(r.Time, l.end)
	}
	return r
}

func (l *line) maintained(t time.Time) bool {
	if len(l.Maintenance) == 0 {
		return false
	}
	local := t.In(l.zone)
	for _, m := range l.Maintenance {
		if m.Contains(local) {
			return true
		}
	}
	return false
}

// deadline is the one of a probe that waits in vain.
const deadline = 5 * time.Second

// phases fills in the times of the exchange, as far as it came.
func (l *line) phases(r *probes.Result, m mode, busy float64) {
	trip := time.Duration(l.roundTrip * (0.8 + 0.4*l.random.Float64()) * float64(time.Millisecond))
	p := &r.Phases
	if m == ours {
		r.NotAfter = time.Time{}
		return
	}
	p.DNS = trip/4 + time.Duration(l.random.Int64N(int64(time.Millisecond)))
	p.Connect = trip
	if m == refused {
		r.NotAfter = time.Time{}
		return
	}
	if l.secure {
		p.TLS = 2*trip + 2*time.Millisecond
	}
	past := float64(l.to-r.Time.UnixMilli()) / float64((365 * day).Milliseconds())
	judged := l.time(l.random.NormFloat64(), l.random.Float64(), busy, past)
	switch {
	case m == hang:
		p.Wait = deadline - p.Total()
	case r.Outcome == probes.Down || r.Outcome == probes.Unknown:
		p.Wait = trip + judged/4
	case l.Demarche: // what is judged is wait and transfer together
		p.Transfer = time.Duration(float64(judged) * transferred)
		p.Wait = judged - p.Transfer
	default: // what is judged is the wait less the round trip
		p.Wait = judged + trip
		p.Transfer = time.Duration(l.bytes()) * 100
	}
	if l.redirects && m != hang {
		p.Redirect = p.DNS + 2*p.Connect
	}
}

// truncate leaves microseconds, as the prober does.
func truncate(p *probes.Phases) {
	for _, phase := range [...]*time.Duration{&p.Redirect, &p.DNS, &p.Connect, &p.TLS, &p.Wait, &p.Transfer} {
		*phase = phase.Truncate(time.Microsecond)
	}
}

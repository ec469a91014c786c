package demo

import (
	"time"

	"observatoire/probes"
)

// mode is a way to fail.
type mode uint8

const (
	fine        mode = iota
	varied           // history only: another way each time
	unavailable      // 503
	broken           // 500
	hang             // no answer
	cut              // the connection is closed instead of an answer
	refused          // history only: no connection
	contract         // a field that was promised is not there: critical
	cosmetic         // one that is not critical
	quota            // 429
	forbidden        // 403
	undecided        // a ping route that cannot tell
	gateway          // a ping route whose supplier fails
	expiring         // the certificate ends soon: not critical
	ours             // history only: the observatory itself had no network
)

// effect is what a probe finds of a way to fail.
type effect struct {
	outcome probes.Outcome
	class   probes.ErrorClass
	status  int
	detail  string
}

// effects are written as the prober writes them.
var effects = [...]effect{
	fine:        {outcome: probes.Up},
	unavailable: {probes.Down, probes.ClassStatus, 503, "status 503, expected 200"},
	broken:      {probes.Down, probes.ClassStatus, 500, "status 500, expected 200"},
	hang:        {probes.Down, probes.ClassTimeout, 0, "no first byte after 5s"},
	cut:         {probes.Down, probes.ClassConnect, 0, "connection closed without a complete answer"},
	refused:     {probes.Down, probes.ClassConnect, 0, "connection to 192.0.2.10:443 refused"},
	contract:    {probes.Down, probes.ClassAssertion, 200, "json $.resultats[0].nom: expected something, found nothing"},
	cosmetic:    {probes.Degraded, probes.ClassAssertion, 200, "json $.licence: expected something, found nothing"},
	quota:       {probes.Unknown, probes.ClassQuota, 429, "status 429: we asked more often than the service allows, retry after 60"},
	forbidden:   {probes.Unknown, probes.ClassRight, 403, "status 403: we have no right to ask"},
	undecided:   {probes.Unknown, probes.ClassInconclusive, 200, `json $.status: expected it does not equal "unknown", found "unknown"`},
	gateway:     {probes.Down, probes.ClassAssertion, 502, `json $.status: expected it equals "ok", found "bad_gateway"`},
	expiring:    {probes.Degraded, probes.ClassAssertion, 200, "certificate expires on %s, in %.1f days, expected at least 14 days"},
	ours:        {probes.Unknown, probes.ClassLocal, 0, "we cannot connect: network is unreachable"},
}

// ordinary are the ways of an outage like any other.
var ordinary = [...]mode{unavailable, unavailable, hang, hang, refused, broken, cut}

// trouble is a way to fail, and when it strikes.
type trouble struct {
	mode  mode
	share float64       // of the time that it strikes in the history
	spell int           // mean number of measurements in a row that it strikes there; 0 means 3
	since time.Duration // it began so long before the end of the history, and lasts on
	live  cycle         // when it strikes live; never, when it is zero and since is too
}

// cycle strikes again and again: for lasts, once in each every, at its end.
type cycle struct{ lasts, every time.Duration }

func (c cycle) strikes(elapsed time.Duration) bool {
	return c.every > 0 && elapsed%c.every >= c.every-c.lasts
}

// live returns how the service fails at so long after the start of the simulation.
func (p *personality) live(elapsed time.Duration) mode {
	for _, t := range p.troubles {
		if t.since > 0 || t.live.strikes(elapsed) {
			return t.mode
		}
	}
	return fine
}

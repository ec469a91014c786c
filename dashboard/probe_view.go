package dashboard

import (
	"html/template"
	"strconv"
	"strings"
	"time"

	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/storage"
)

// probeView is one probe of a service and its last result.
type probeView struct {
	Name, Kind, Target, Period string
	Measured                   bool
	At                         moment
	Outcome                    badge
	Cause, Detail, Hint        string
	Status                     string
	Total                      string
	Phases                     []phaseView
	Waterfall                  template.HTML
	Expires                    moment
}

// phaseView is one phase of the last exchange.
type phaseView struct{ Name, Class, Value string }

func (v *visit) probes(s *observatory.Service) []probeView {
	all := make([]probeView, 0, len(s.Probes))
	for _, p := range s.Probes {
		one := probeView{Name: probeName(p.ID), Kind: p.Kind, Target: p.Target, Period: v.span(p.Period), Hint: v.Hints[p.Hint]}
		if r := p.Latest; !r.Time.IsZero() {
			one.Measured, one.At = true, v.at(r.Time.In(v.Zone))
			one.Outcome = badge{r.Outcome.String(), v.States[r.Outcome.String()].Name}
			if r.Outcome != probes.Up {
				one.Cause, one.Detail = v.cause(r.Class.String()), r.Detail
			}
			if r.Status > 0 {
				one.Status = strconv.Itoa(r.Status)
			}
			one.Expires = v.on(r.NotAfter.In(v.Zone))
			if r.NotAfter.IsZero() {
				one.Expires = moment{}
			}
			v.phases(&one, r.Phases)
		}
		all = append(all, one)
	}
	return all
}

// phases lists and draws the phases one after the other.
func (v *visit) phases(view *probeView, p probes.Phases) {
	total := p.Total()
	if total <= 0 {
		return
	}
	view.Total = v.seconds(total.Seconds())
	var b strings.Builder
	b.WriteString(`<svg class="waterfall" viewBox="0 0 600 12" preserveAspectRatio="none" aria-hidden="true">`)
	x := 0.0
	for n, d := range []time.Duration{p.Redirect, p.DNS, p.Connect, p.TLS, p.Wait, p.Transfer} {
		class := "c" + strconv.Itoa(n+1)
		if d <= 0 {
			continue
		}
		width := 600 * float64(d) / float64(total)
		b.WriteString(`<rect class="` + class + `" x="` + coordinate(x) + `" width="` + coordinate(max(0.5, width)) + `" height="12"/>`)
		x += width
		view.Phases = append(view.Phases, phaseView{v.Phases[storage.Measure(n)], class, v.seconds(d.Seconds())})
	}
	b.WriteString("</svg>")
	view.Waterfall = template.HTML(b.String())
}

// probeName is a probe's own name, without its service's.
func probeName(id string) string {
	if _, name, ok := strings.Cut(id, "/"); ok {
		return name
	}
	return id
}

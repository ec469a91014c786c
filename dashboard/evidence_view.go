package dashboard

import (
	"html/template"
	"strconv"
	"strings"
	"time"

	"observatoire/probes"
)

// evidenceView is what was seen of one failure.
type evidenceView struct {
	ID            string
	At            moment
	Outcome       badge
	Cause, Detail string
	URL           string
	StatusLine    string
	Remote        string
	Failed        []probes.Check
	Waterfall     template.HTML
	Phases        []phaseView
	Total         string
	Header        []probes.HeaderField
	Body, Note    string
	Certificate   []fact
	Hops          []string
}

func (v *visit) evidence(kept []probes.Result) []evidenceView {
	var all []evidenceView
	for n, r := range kept {
		e := r.Evidence
		one := evidenceView{
			ID: "evidence-" + strconv.Itoa(n+1), At: v.exact(r.Time.In(v.Zone)), Outcome: badge{r.Outcome.String(), v.States[r.Outcome.String()].Name},
			Cause: v.cause(r.Class.String()), Detail: r.Detail, URL: e.URL, StatusLine: e.StatusLine, Remote: e.Remote,
			Failed: e.Checks, Header: e.Header, Body: e.Body, Note: v.bodyNote(r), Certificate: v.certificate(e.Certificate),
		}
		var drawn probeView
		v.phases(&drawn, r.Phases)
		one.Waterfall, one.Phases, one.Total = drawn.Waterfall, drawn.Phases, drawn.Total
		for _, h := range e.Hops {
			hop := h.URL
			if h.Status > 0 {
				hop = strconv.Itoa(h.Status) + " " + hop
			}
			one.Hops = append(one.Hops, hop)
		}
		all = append(all, one)
	}
	return all
}

// bodyNote says what is not shown of a body, and why.
func (v *visit) bodyNote(r probes.Result) string {
	t := v.texts.OneIncident
	size := v.count(r.Size)
	switch e := r.Evidence; {
	case e.BodyHidden == probes.HiddenPrivate:
		return fill(t.Private, size)
	case e.BodyHidden == probes.HiddenBinary:
		return fill(t.Binary, size)
	case e.BodyCut:
		return fill(t.Cut, size)
	case e.Body == "" && e.StatusLine != "":
		return t.Empty
	}
	return ""
}

func (v *visit) certificate(c *probes.Presented) []fact {
	if c == nil {
		return nil
	}
	t := v.texts.OneIncident
	return []fact{
		{Label: t.Subject, Text: c.Subject}, {Label: t.Issuer, Text: c.Issuer}, {Label: t.Names, Text: strings.Join(c.Names, ", ")},
		{Label: t.NotBefore, Text: v.at(c.NotBefore.In(v.Zone)).Text}, {Label: t.NotAfter, Text: v.at(c.NotAfter.In(v.Zone)).Text},
		{Label: t.Fingerprint, Text: c.Fingerprint},
	}
}

// exact is at with the seconds.
func (l *language) exact(t time.Time) moment {
	m := l.at(t)
	if l.code == "fr" {
		m.Text += fixed + "min" + fixed + t.Format("05") + fixed + "s"
	} else {
		m.Text += t.Format(":05")
	}
	return m
}

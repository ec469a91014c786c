package alerts

import "time"

func english() *language {
	return &language{
		code: "en", point: ".", thousands: ",", percentSign: "%", colon: ": ", day: "day", days: "days",
		producer: "Producer", since: "Since", began: "Beginning", ended: "End", lasted: "Duration", cause: "Cause", hint: "Hint", detail: "Technical detail", probe: "Probe",
		measurements: "Measurements", profile: "Profile", source: "Source", affected: "Procedures that depend on it", link: "Page of the service",
		coverage: "%s (%s of the period)", more: " and %s more",
		tags: map[Kind][2]string{
			Outage: {"[Outage]", "[Recovered]"}, Level: {"[Weak level]", "[Level restored]"},
			Commitment: {"[Commitment missed]", "[Commitment kept]"}, Staleness: {"[Stale data]", "[Data up to date]"},
			Blind: {"[Blind]", "[Sight restored]"},
		},
		otherTag: "[Alert]", goneTag: "[No longer watched]",
		gone: map[string]string{serviceGone: serviceGone, probeGone: probeGone, levelGone: levelGone},
		causes: map[string]string{
			"dns": "domain name not found", "connect": "connection refused or broken", "tls": "TLS failure or invalid certificate",
			"timeout": "timed out", "redirect": "redirect that cannot be followed", "protocol": "answer against the protocol",
			"size": "answer too large", "status": "unexpected status", "assertion": "unexpected content",
		},
		hints: map[string]string{"dead": "the address looks dead", "moved": "the service seems to have changed its address"},
		indicators: map[string]noun{
			"availability": {"availability", "The availability"},
			"server_time":  {"server response time", "The server response time"},
			"page_time":    {"page load time", "The page load time"},
			"freshness":    {"age of the data", "The age of the data"},
		},
		windows: map[string]string{
			"P1D": "so far today", "P1M": "so far this month", "P3M": "so far this quarter", "latest": "when last measured",
		},
		lastDays:   "over the last %s" + nbsp + "days",
		shortStart: englishStart, summary: englishSummary, leading: englishLead,
		dateAndTime: func(t time.Time) string { return t.Format("Monday 2 January 2006 at 15:04") },
		zoneName:    func(zone *time.Location) string { return zoneName(zone, "Paris time", "") },
	}
}

func englishStart(a Alert) string {
	start, now := a.Start.In(location(a)), a.Time.In(location(a))
	if start.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return start.Format("15:04")
	}
	return start.Format("2 January at 15:04")
}

func englishSummary(l *language, a Alert) string {
	resolved := a.State == Resolved
	measured := a.ServiceName + ": " + l.indicator(a).within + " " + l.value(a, a.Value)
	old := a.ServiceName + ": data " + l.value(a, a.Value) + " old"
	limit := l.target(a)
	switch {
	case a.Kind == Blind && resolved:
		return "The observatory sees again, after " + l.span(a.End.Sub(a.Start).Seconds())
	case a.Kind == Blind:
		return "The observatory has seen nothing since " + l.shortStart(a)
	case a.Kind == Outage && resolved:
		return a.ServiceName + " answers again, after an outage of " + l.span(a.End.Sub(a.Start).Seconds())
	case a.Kind == Outage && unanswered(a.Cause):
		return a.ServiceName + " has not answered since " + l.shortStart(a) + " (" + l.causeOf(a) + ")"
	case a.Kind == Outage:
		return a.ServiceName + " has not answered as expected since " + l.shortStart(a) + inBrackets(l.causeOf(a))
	case a.Kind == Commitment:
		return measured + " " + l.over(a) + ", " + limit + " promised"
	case a.Kind == Staleness && resolved:
		return old + ", within the limit of " + limit + " again"
	case a.Kind == Staleness:
		return old + ", beyond the limit of " + limit
	case isRatio(a) && resolved:
		return measured + ", threshold of " + limit + " reached again"
	case isRatio(a):
		return measured + ", threshold of " + limit + " not reached"
	case resolved:
		return measured + ", within the limit of " + limit + " again"
	}
	return measured + ", limit of " + limit + " not met"
}

func englishLead(l *language, a Alert) string {
	resolved := a.State == Resolved
	name := "“" + a.ServiceName + "”"
	subject := l.indicator(a).first + " of " + name
	limit := ", against a limit of " + l.target(a)
	figures := l.value(a, a.Value) + " on average " + l.over(a) + limit
	if isRatio(a) {
		figures = l.value(a, a.Value) + " " + l.over(a) + ", against a threshold of " + l.target(a)
	}
	if reason, gone := l.gone[a.Detail]; gone && resolved {
		return "The alert about " + name + " ends: " + reason + "."
	}
	switch {
	case a.Kind == Blind && resolved:
		return "The observatory has measured again since " + l.moment(a, a.End) + ". What it could not measure counts against no service."
	case a.Kind == Blind:
		return "The observatory has seen nothing since " + l.moment(a, a.Start) + ": most measurements fail through a fault of ours. No service is to blame."
	case a.Kind == Outage && resolved:
		return name + " has answered again since " + l.moment(a, a.End) + ". The outage lasted " + l.span(a.End.Sub(a.Start).Seconds()) + "."
	case a.Kind == Outage && unanswered(a.Cause):
		return name + " has not answered since " + l.moment(a, a.Start) + "."
	case a.Kind == Outage:
		return name + " has not answered as expected since " + l.moment(a, a.Start) + "."
	case a.Kind == Commitment && resolved:
		return subject + " reaches again what its producer promises: " + l.value(a, a.Value) + " " + l.over(a) + ", " + l.target(a) + " promised."
	case a.Kind == Commitment:
		return subject + " falls short of what its producer promises: " + l.value(a, a.Value) + " " + l.over(a) + ", " + l.target(a) + " promised."
	case a.Kind == Staleness && resolved:
		return "The data of " + name + " is up to date again: it is " + l.value(a, a.Value) + " old" + limit + "."
	case a.Kind == Staleness:
		return "The data of " + name + " is late: it is " + l.value(a, a.Value) + " old" + limit + "."
	case resolved:
		return subject + " is no longer at the weak level: " + figures + "."
	}
	return subject + " is at the weak level: " + figures + "."
}

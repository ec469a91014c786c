package dashboard

import (
	"net/http"
	"time"

	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
)

// english returns the site's texts in English.
func english() *texts {
	return &texts{
		Nav: navTexts{
			Language: "English", Languages: "Language", Main: "Main navigation", Overview: "Overview", Incidents: "Incidents",
			Producers: "Producers", Methodology: "Methodology", Skip: "Skip to content",
		},
		Layout: layoutTexts{
			Simulated: "Demonstration: the data are simulated.", SimulatedMore: "No figure on this site describes a real service.",
			Blind: "The observatory has seen nothing since {1}: the fault is ours.", BlindMore: "What could not be measured counts against no service.",
			Operator: "Run by {1}", Contact: "Contact", Vantage: "Measured from {1}",
			Updated: "As of", API: "Data as JSON", Version: "Version {1}",
			Independent: "Measured from outside, without access to the producers' systems.",
		},
		Overview: overviewTexts{
			Heading: "The quality of public digital services, measured continuously",
			Lead:    "This observatory queries the administration's APIs and online procedures (démarches) from outside, and compares their availability, their speed and the freshness of their data with the recommended level of service.",
			Figures: "At a glance", Services: "Services watched", APIOne: "{1} API", APIMany: "{1} APIs", DemarcheOne: "{1} démarche", DemarcheMany: "{1} démarches",
			DownNow: "Down now", DegradedOne: "{1} degraded", DegradedMany: "{1} degraded", UnknownOne: "{1} unknown", UnknownMany: "{1} unknown",
			OpenIncidents: "Open incidents", SeeIncidents: "See the incidents", LevelsHint: "of the judged services reach the recommended level",
			Filter: "More criteria and order", Search: "Search", SearchHint: "Name of a service or a producer",
			Kind: "Kind", Producer: "Producer", Access: "Access", State: "State", Indicator: "Indicator", Level: "Level",
			All: "All", Apply: "Apply", Reset: "Show all", Sort: "Sort by", Direction: "Order", Ascending: "Ascending", Descending: "Descending",
			Sorts:         map[string]string{"name": "Name", "producer": "Producer", "state": "State", "availability": "Availability", "time": "Response time", "freshness": "Freshness"},
			SortAscending: "sort in ascending order", SortDescending: "sort in descending order",
			Table: "The services", Caption: "Services watched, with the level of each indicator, the producer's commitment and the last 90 days",
			Service: "Service", Availability: "Availability", Time: "Response time", Freshness: "Freshness", Commitment: "Commitment", Days: "Last 90 days",
			ResultOne: "{1} service", ResultMany: "{1} services", None: "No service matches these criteria.", NoPledge: "No known commitment",
			Position: "Page {1} of {2}", Previous: "Previous page", Next: "Next page", Pages: "Pages",
			StripLabel: "Availability over {1} days: {2}.", StripWorst: "Lowest day: {1}, {2}.", Affected: "An API that it needs is down",
		},
		Service: englishService(),
		IncidentPage: incidentTexts{
			Title: "Incidents", Lead: "The spans of time in which a service did not answer as it should, latest first.",
			All: "All", Open: "Open", Show: "Show", ResultOne: "{1} incident", ResultMany: "{1} incidents", None: "No incident.", Only: "Only: {1}",
			Caption: "Incidents, latest first", Service: "Service", Start: "Start", End: "End", Duration: "Duration", Cause: "Cause", Failures: "Failed measurements", Probe: "Probe", Now: "open",
		},
		OneIncident: englishIncident(),
		ProducerPage: producerTexts{
			Title: "Producers", Lead: "The administrations whose services are watched, and the share of these services whose availability reaches the recommended level.",
			Caption: "Producers in alphabetical order", Producer: "Producer", Services: "Services", Share: "Availability at the recommended level", Down: "Down now",
			Of: "{1} of {2}", Site: "Official site",
		},
		Methodology: englishMethodology(),
		Problems: problemTexts{
			Headings: map[int]string{
				http.StatusBadRequest: "Request not understood", http.StatusNotFound: "Page not found", http.StatusMethodNotAllowed: "Method not allowed",
				http.StatusInternalServerError: "A fault of ours", http.StatusServiceUnavailable: "The observatory is starting",
			},
			NoPage: "No page is at this address. It may have changed, or hold a typing mistake.", NoCall: "No data is at this address.",
			NoIncident: "No incident has the number “{1}”.", NoService: "No service that is watched has the id “{1}”.", OtherKind: "“{1}” is at {2}.",
			NoResultPage: "The list ends at page {1}.", Starting: "The first measurements are coming in. Load the page again in a few seconds.",
			Ours:   "The page could not be made. The fault is on record; try again in a moment.",
			Method: "This site is for reading only: it accepts the methods GET and HEAD.", Unreadable: "The parameters of the address cannot be read.",
			Repeated: "The parameter “{1}” is given more than once.", TooLong: "The parameter “{1}” is longer than {2} characters.",
			BadValue: "The value “{1}” does not suit the parameter “{2}”. Possible values: {3}.", UnknownKey: "There is no parameter “{1}”. Possible parameters: {2}.",
			NoKeys: "This page has no parameter “{1}”.", EmptySpan: "The span asked for is empty: “from” must come before “to”.",
			LongSpan: "The span asked for has more than {1} points. Choose a shorter span or a coarser resolution.",
			GoOn:     "To go on:", ToOverview: "The list of all services", ToIncidents: "The incidents", ToMethodology: "The methodology",
		},
		Units: unitTexts{
			Colon: ":", Day: "d", First: "1", At: " at ", Zone: "{1} time", Latest: "latest measurement", Today: "day in progress", Month: "month in progress", Quarter: "quarter in progress", Days: "last {1} days",
			Months:      [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
			ShortMonths: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
			Weekdays:    [7]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
		},
		States: map[string]stateText{
			"up":          {"Operational", "The service answers as it should."},
			"degraded":    {"Degraded", "The service answers, but part of what is checked fails."},
			"down":        {"Down", "The service does not answer as it should."},
			"unknown":     {"Unknown", "Nothing can be said for now."},
			"maintenance": {"Maintenance", "An announced interruption is in progress."},
		},
		Levels: [...]levelText{
			slo.Pending: {"Pending", "not measured", "Not measured yet, or too little to judge."},
			slo.Weak:    {"Weak", "Weak", "Below the partial level."},
			slo.Partial: {"Partial", "Partial", "Near the recommended level, without reaching it."},
			slo.Optimal: {"Optimal", "Optimal", "The recommended level is reached."},
		},
		Kinds:  map[observatory.Kind]string{observatory.API: "API", observatory.Demarche: "Démarche"},
		Access: map[catalogue.Access]string{catalogue.Open: "Open to all", catalogue.Account: "With an account or a token", catalogue.Restricted: "With an authorisation"},
		Indicators: map[slo.Indicator]indicatorText{
			slo.Availability: {"Availability", "Share of time in which the service answered as it should."},
			slo.ServerTime:   {"Server response time", "Mean wait for the first byte, less one network round trip."},
			slo.PageTime:     {"Page load time", "Mean time from the request sent to the last byte of the page."},
			slo.Freshness:    {"Freshness", "Age of the data when it was last measured."},
		},
		Phases: map[storage.Measure]string{
			storage.Redirect: "Redirects", storage.DNS: "Name look-up", storage.Connect: "Connection", storage.TLS: "TLS handshake",
			storage.Wait: "Wait", storage.Transfer: "Transfer",
		},
		Causes: map[probes.ErrorClass]string{
			probes.ClassNone: "cause unknown", probes.ClassLocal: "a problem on our side", probes.ClassForbidden: "an address that our network does not allow",
			probes.ClassQuota: "our quota of calls is used up", probes.ClassRight: "we have no right to query this service",
			probes.ClassInconclusive: "the answer allows no conclusion", probes.ClassDNS: "the domain name does not resolve",
			probes.ClassConnect: "the connection is refused or broken", probes.ClassTLS: "the secure connection fails",
			probes.ClassTimeout: "time limit exceeded", probes.ClassRedirect: "too many redirects, or one that cannot be followed",
			probes.ClassProtocol: "the answer breaks the protocol", probes.ClassSize: "the answer is too large",
			probes.ClassStatus: "the response status is not the one expected", probes.ClassAssertion: "the content of the answer is not the one expected",
		},
		Hints:   map[slo.Hint]string{slo.Dead: "the address looks dead", slo.Moved: "the service seems to have changed its address"},
		Pledges: pledgeTexts{Kept: "Kept", Broken: "Not kept", Pending: "Pending"},
	}
}

func englishService() serviceTexts {
	return serviceTexts{
		Summary: "Availability, speed and incidents of “{1}” ({2}), compared with the recommended level.", Unjudged: "Not judged", NotMeasured: "Not measured",
		Breadcrumb: "Breadcrumb", StateNow: "Current state", Indicators: "Indicators",
		Target: "Recommended level", TooFew: "{1} measurements so far; {2} are needed to judge.", Window: "Window", Measurements: "Measurements", Coverage: "Coverage of the window", Profile: "Profile",
		Declared: "what the producer declares", Source: "Source of the level",
		Budget: "Error budget", BudgetLeft: "{1} left of {2}", BudgetOver: "exceeded by {1}, of {2} allowed", Beyond: "{1} beyond",
		Pledge: "The producer's commitment", PledgeIntro: "What the producer itself promises, compared with what is measured over the window of its promise.",
		PledgeTarget: "Promised", PledgeValue: "Measured", PledgeSource: "Source", PledgeSeen: "seen on {1}",
		Both: "Availability and announced maintenance", Excluded: "Maintenance left out", Counted: "Maintenance counted",
		Calendar: "Availability day by day over twelve months", CalendarIntro: "Each square is a day. A dash marks the partial level, a cross the weak one.",
		NoCalendar:   "No measurement yet.",
		CalendarHead: []string{"Day", "Availability", "Level", "Down for", "Measurements", "Unknown", "In maintenance"},
		Evolution:    "Over time", Span: "Period shown", NoCharts: "No measurement in this period.",
		Spans:           map[string]string{"day": "24 hours", "week": "7 days", "quarter": "90 days", "year": "12 months"},
		ServerTimeChart: "Server response time", PageTimeChart: "Page load time",
		LatencyIntro: "The mean is what is judged; 95% of the answers are quicker than the line p95, 99% than the line p99.", Mean: "Mean", Median: "Median",
		PhasesChart: "Where the time goes", PhasesIntro: "Mean duration of each phase of a whole exchange, from the domain name to the last byte.",
		FreshnessChart: "Age of the data", FreshnessIntro: "Time elapsed, at each measurement, since the date that the data carry.", MeanAge: "Mean age", MaxAge: "Greatest age",
		Data: "See the data", When: "Date",
		Incidents: "Incidents of the last twelve months", NoIncidents: "No incident in the last twelve months.",
		Maintenance: "Announced maintenance", Daily: "Each day from {1} to {2}", Once: "From {1} to {2}", AnnouncedAt: "Announcement",
		Probes: "Probes", ProbeSays: "Probe “{1}”: {2} (measured on {3}).", Every: "Time between two measurements: {1}", LastResult: "Last result", NotYet: "No result yet.",
		Expires: "Certificate valid until", Status: "HTTP status", Total: "Total time", Cause: "Cause",
		Facts: "In practice", Address: "Address", JDMA: "Number at Je donne mon avis", RateLimit: "Admissible load", NotDeclared: "Not declared", Documentation: "Documentation", StatusPage: "The producer's status page", Machine: "These figures as JSON",
		Rates:     map[time.Duration]string{time.Second: "{1} calls a second", time.Minute: "{1} calls a minute", time.Hour: "{1} calls an hour", 24 * time.Hour: "{1} calls a day"},
		DependsOn: "APIs that it needs", DependsIntro: "The procedure cannot be completed without them.", UsedBy: "Démarches that need it", UsedIntro: "They cannot be completed without this API.", SaidBy: "Source",
	}
}

package dashboard

import (
	"time"

	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
)

// texts are all words of the site in one language. They are written with plain
// spaces and apostrophes: [typeset] sets them. Places for values are {1}, {2}.
type texts struct {
	Nav          navTexts
	Layout       layoutTexts
	Overview     overviewTexts
	Service      serviceTexts
	IncidentPage incidentTexts
	OneIncident  oneIncidentTexts
	ProducerPage producerTexts
	Methodology  methodologyTexts
	Problems     problemTexts
	Units        unitTexts

	States     map[string]stateText // by the name of a state or an outcome
	Levels     [slo.Optimal + 1]levelText
	Kinds      map[observatory.Kind]string
	Access     map[catalogue.Access]string
	Indicators map[slo.Indicator]indicatorText
	Phases     map[storage.Measure]string
	Causes     map[probes.ErrorClass]string
	Hints      map[slo.Hint]string
	Pledges    pledgeTexts
}

type navTexts struct {
	Language, Languages, Main, Overview, Incidents, Producers, Methodology, Skip string
}

type layoutTexts struct {
	Simulated, SimulatedMore, Blind, BlindMore, Operator, Contact, Vantage, Updated, API, Version, Independent string
}

type overviewTexts struct {
	Heading, Lead, Figures, Services, APIOne, APIMany, DemarcheOne, DemarcheMany string
	DownNow, DegradedOne, DegradedMany, UnknownOne, UnknownMany                  string
	OpenIncidents, SeeIncidents, LevelsHint                                      string
	Filter, Search, SearchHint, Kind, Producer, Access, State, Indicator, Level  string
	All, Apply, Reset, Sort, Direction, Ascending, Descending                    string
	Sorts                                                                        map[string]string
	SortAscending, SortDescending                                                string
	Table, Caption, Service, Availability, Time, Freshness, Commitment, Days     string
	ResultOne, ResultMany, None, NoPledge, Position, Previous, Next, Pages       string
	StripLabel, StripWorst, Affected                                             string
}

type serviceTexts struct {
	Summary, Unjudged, NotMeasured, Breadcrumb, StateNow, Indicators                 string
	Target, TooFew, Window, Measurements, Coverage, Profile, Declared, Source        string
	Budget, BudgetLeft, BudgetOver, Beyond                                           string
	Pledge, PledgeIntro, PledgeTarget, PledgeValue, PledgeSource, PledgeSeen         string
	Both, Excluded, Counted                                                          string
	Calendar, CalendarIntro, NoCalendar                                              string
	CalendarHead                                                                     []string
	Evolution, Span, NoCharts                                                        string
	Spans                                                                            map[string]string
	ServerTimeChart, PageTimeChart, LatencyIntro, Mean, Median                       string
	PhasesChart, PhasesIntro, FreshnessChart, FreshnessIntro, MeanAge, MaxAge        string
	Data, When                                                                       string
	Incidents, NoIncidents, Maintenance, Daily, Once, AnnouncedAt                    string
	Probes, ProbeSays, Every, LastResult, NotYet, Expires, Status, Total, Cause      string
	Facts, Address, JDMA, RateLimit, NotDeclared, Documentation, StatusPage, Machine string
	Rates                                                                            map[time.Duration]string
	DependsOn, DependsIntro, UsedBy, UsedIntro, SaidBy                               string
}

type incidentTexts struct {
	Title, Lead, All, Open, Show, ResultOne, ResultMany, None, Only     string
	Caption, Service, Start, End, Duration, Cause, Failures, Probe, Now string
}

// oneIncidentTexts are those of the page of one incident.
type oneIncidentTexts struct {
	Title, Kicker, Lasts, Over, LeadOpen, LeadOver, Times, Vantage        string
	Course, First, Confirmed, Changed, LastSeen, StillDown, End           string
	Evidence, EvidenceIntro, NoEvidence, Failed, Exchange                 string
	URL, StatusLine, Remote, NoRemote, Hops, Header, Body                 string
	Private, Binary, Cut, Empty                                           string
	Certificate, Subject, Issuer, Names, NotBefore, NotAfter, Fingerprint string
	Hints                                                                 map[slo.Hint]string // in full
}

type producerTexts struct {
	Title, Lead, Caption, Producer, Services, Share, Down, Of, Site string
}

type methodologyTexts struct {
	Title, Lead, Contents, Profiles, ProfilesIntro, Since, Beyond, Contact     string
	Indicator, Optimal, Partial, Weak, Window, Minimum, Source, ProfileCaption string
	Sections                                                                   []section
}

// section is a part of the methodology.
type section struct {
	ID, Title string
	Text      []string // paragraphs
	Formula   string
	Terms     []term
}

// term is a word and what it means.
type term struct{ Name, Meaning string }

type problemTexts struct {
	Headings                                                                       map[int]string
	NoPage, NoCall, NoService, NoIncident, OtherKind, NoResultPage, Starting, Ours string
	Method, Unreadable, Repeated, TooLong, BadValue, UnknownKey, NoKeys            string
	EmptySpan, LongSpan, GoOn, ToOverview, ToIncidents, ToMethodology              string
}

type unitTexts struct {
	Colon, Day, First, At, Zone, Latest, Today, Month, Quarter, Days string
	Months, ShortMonths                                              [12]string
	Weekdays                                                         [7]string
}

type stateText struct{ Name, Meaning string }

// levelText is a level's name, and that of a day without one.
type levelText struct{ Name, Day, Meaning string }

type indicatorText struct{ Name, Meaning string }

type pledgeTexts struct{ Kept, Broken, Pending string }

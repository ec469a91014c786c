package dashboard

func englishMethodology() methodologyTexts {
	return methodologyTexts{
		Title: "Methodology", Lead: "What is measured, how, over which window, and where each level comes from that the measurements are compared with.",
		Contents: "Contents", Profiles: "Levels applied", Beyond: "beyond", Since: "First measurement",
		ProfilesIntro: "Each verdict names the profile that it rests on. These are all the profiles of this observatory, as they are applied today.",
		Contact:       "Does a measurement look wrong to you, or has a commitment changed? Producers and users may ask for a correction:",
		Indicator:     "Indicator", Optimal: "Optimal", Partial: "Partial", Weak: "Weak", Window: "Window", Minimum: "Measurements needed", Source: "Source", ProfileCaption: "Profile {1}",
		Sections: []section{
			{ID: "measure", Title: "What a measurement is", Text: []string{
				"At regular intervals a probe sends each service the request that a user would send, from a point outside the administration that offers it. Each measurement opens a fresh connection, reads a bounded size of answer, follows a bounded number of redirects and stops at a fixed deadline.",
				"The probe says who it is in the User-Agent header, with a contact. It uses only a part of the load that the producer declares to admit, opens few exchanges at a time with one server, and waits when that server asks it to. Time spent waiting for our own turn is never counted.",
				"The phases of the exchange are timed one by one: redirects, name look-up, connection, TLS handshake, wait for the first byte, transfer. Their sum is the total time.",
			}},
			{ID: "outcomes", Title: "What a measurement says", Text: []string{
				"The state of a service sums up its probes: down when all of them fail, degraded when only some do.",
			}, Terms: []term{
				{"Operational", "The service answered, and all that is checked holds: response status, content, certificate."},
				{"Degraded", "The service answered, but a check that is declared non-critical failed. It counts as available."},
				{"Down", "The service did not answer, or a critical check failed."},
				{"Unknown", "The fault is ours, or the answer allows no conclusion: our network, our quota of calls (status 429), a right that we lack (statuses 401 and 403 of a restricted API). These measurements count neither for nor against the service."},
				{"Maintenance", "The measurement falls in an interruption that was announced beforehand. It is counted apart."},
			}},
			{ID: "availability", Title: "Availability", Text: []string{
				"Each measurement stands for the time until the next one. A quicker pace while a service is down therefore gives the outage no more weight than it lasted.",
				"Unknown measurements are not part of it. Announced maintenance is left out; the availability that counts it as time due is given beside it.",
			}, Formula: "availability = time (operational + degraded) / time (operational + degraded + down)"},
			{ID: "time", Title: "Response time and load time", Text: []string{
				"For an API, server time is judged: the wait for the first byte less one network round trip. The round trip is estimated by the TCP connection of the same exchange. Name look-up, connection and TLS handshake are not judged; they are measured and shown. The definition follows the INSPIRE regulation: the time until the first byte, as seen at the server's place.",
				"For a démarche, it is the load time of the document: from the request sent to the last byte. This is what the measuring tool of “Vos démarches essentielles” calls the response; the total time is shown beside it.",
				"Both are means over the window. Only answers that are as they should be have a time: an outage has none. The median and the percentiles p95 and p99 come from distributions that are kept, within 1%; never from a mean of percentiles.",
				"The choice matters: for the démarches that DINUM measures, the median response is 207 ms and the median total 1,012 ms.",
			}, Formula: "server time = max(0, wait − connection); load time = wait + transfer"},
			{ID: "freshness", Title: "Freshness", Text: []string{
				"Where the answer carries the date of its data, their age is measured. No official source sets a greatest age: the age is compared with what the producer declares. Where nothing is declared, the age is shown and not judged. A date in the future counts as age zero.",
			}},
			{ID: "levels", Title: "Levels", Text: []string{
				"Verdicts are given on unrounded values. An availability is shown cut off, and a time rounded up: 99.86% never becomes 99.9%.",
				"As long as there are fewer measurements than the profile asks for, the level stays “Pending”. To tell 99.9% from less, one must measure at least every five minutes for several days.",
			}, Terms: []term{
				{"Optimal", "The value reaches the recommended level."},
				{"Partial", "The value is near it, within the limit that the profile sets."},
				{"Weak", "The value is beyond that limit."},
				{"Pending", "Not measured yet, or too little to judge. It is never a colour."},
			}},
			{ID: "windows", Title: "Windows and coverage", Text: []string{
				"Unless it is said otherwise the window rolls: the day in progress and the 89 days before it, from midnight to midnight in the site's time zone. A commitment is judged over its own window, for instance the month in progress.",
				"Coverage is the share of the window that the conclusive measurements stand for, maintenance included. A low coverage calls for caution.",
			}, Formula: "coverage = time of the conclusive measurements / length of the window"},
			{ID: "commitments", Title: "The producers' commitments", Text: []string{
				"Some producers promise an availability, often lower than the recommended level. It is compared with what is measured over the window of the promise, with its source and the date on which we read it. To keep a commitment and to reach the recommended level are two different findings.",
			}},
			{ID: "budget", Title: "Error budget", Text: []string{
				"It is the time that a service may be down without falling below the recommended level. Over 90 days that are wholly measured, 99.9% leaves 2 h 9 min 36 s.",
			}, Formula: "budget left = (1 − recommended level) × time measured − time down"},
			{ID: "incidents", Title: "Incidents and dependencies", Text: []string{
				"A failure is checked again some twenty seconds later. Once confirmed, the incident begins with the first failed measurement and ends with the first good one after it. Its cause is that of the first failure. While the outage lasts, the probe asks every minute.",
				"When a service cannot be reached, reference addresses are tried first: if none of them answers either, the fault is ours, and the service stays unknown.",
				"The page of an incident shows what was seen: address, server, headers, beginning of the answer, certificate, failed checks. What might be secret is replaced by ***.",
				"An address that is not found for 24 hours is called dead, and one that redirects for good to another server, moved: it is then the catalogue that wants correcting.",
				"Where a démarche needs an API, and this is said in public, the state of that API is shown on the page of the démarche, with the source of the link. It does not change the verdict on the démarche.",
			}},
			{ID: "sources", Title: "Sources of the levels", Terms: []term{
				{"Guide pratique pour la diffusion d'une API (DINUM, api.gouv.fr)", "Sets an availability of 99.9% and a response time under 50 ms for the administration's APIs."},
				{"Vos démarches essentielles (DINUM)", "Gives the levels Optimal, Partial and Weak: 99.9% and 98.5% of availability, 400 and 800 ms of load time, over three months. The limits of the partial level of APIs are taken from it."},
				{"Cadre de recommandations pour le partage de données par API dans l'administration (DINUM, July 2022)", "Sixteen recommendations: to document, to publish the admissible load, the response times, the state in real time and a history of six to twelve months. It holds no percentage and no millisecond."},
				{"Regulation (EC) No 976/2009, annex I (INSPIRE)", "Quality of spatial data services: 99% availability, and a longest time to the first byte by type of service."},
				{"Implementing Regulation (EU) 2023/138, article 3", "The APIs of high-value datasets publish their quality of service criteria."},
				{"Code des relations entre le public et l'administration, article R311-13", "The legal time limit to answer a request for access."},
			}},
			{ID: "data", Title: "Re-using the figures", Text: []string{
				"All that the pages show exists as JSON, without a key and readable from any site. Values there are unrounded; one that is missing is null.",
			}, Terms: []term{
				{"/api/v1/services", "All services, with the same filters as the overview: q, kind, producer, access, state, indicator, level."},
				{"/api/v1/services/{id}", "One service, its probes, its last 90 days."},
				{"/api/v1/services/{id}/series", "A series: measure (availability, server_time, page_time, total, freshness or a phase), from, to, resolution (5m, 1h, 1d)."},
				{"/api/v1/incidents", "The incidents: state (all, open), service."},
			}},
			{ID: "limits", Title: "Limits", Text: []string{
				"A measurement from a single point does not say what every user sees. An outage that is shorter than the time between two measurements may go unseen. A service may answer the probe and fail for one particular user: only the public part of a démarche is measured.",
			}},
		},
	}
}

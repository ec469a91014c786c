// Package observatory turns measurements into what is said of each service: its
// state, its verdicts, its incidents. All of it is in one [Snapshot], and every
// reader (page, API, metric, alert) takes it from there, so that no two of them
// can disagree.
package observatory

// Package metrics shows the observatory to Prometheus: what each run measured,
// what the snapshot says of each service, and how the observatory itself fares.
//
// Values are in base units (seconds, ratios from 0 to 1) and unrounded: the
// same numbers as on the pages and in the JSON API. What is unknown has no
// series; it is never 0 or NaN. Label values come from the catalogue and from
// fixed sets alone, so that no answer of a service can add a series.
package metrics

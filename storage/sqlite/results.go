package sqlite

import (
	"context"
	"database/sql"
	"iter"
	"math"
	"time"

	"observatoire/probes"
	"observatoire/storage"
)

// The queries for raw results. Each gives a page: what follows one result, up to
// a time, at most so many. The table is clustered by time, so that those of one
// probe are found among all of the span: ask for short spans, or for few of the
// newest.
const (
	resultColumns = `SELECT time, series, period, outcome, class, maintenance, text, redirect, dns, connect, tls, wait, transfer,
  status, size, data_time, not_after FROM result LEFT JOIN text ON text.id = detail `

	resultsAfter  = resultColumns + `WHERE (time, series) > (?, ?) AND time < ? ORDER BY time, series LIMIT ?`
	resultsBefore = resultColumns + `WHERE (time, series) < (?, ?) AND time >= ? ORDER BY time DESC, series DESC LIMIT ?`

	ofProbe             = `AND series IN (SELECT id FROM series WHERE probe = ?) `
	probeResultsAfter   = resultColumns + `WHERE (time, series) > (?, ?) AND time < ? ` + ofProbe + `ORDER BY time, series LIMIT ?`
	probeResultsBefore  = resultColumns + `WHERE (time, series) < (?, ?) AND time >= ? ` + ofProbe + `ORDER BY time DESC, series DESC LIMIT ?`
	ofSeries            = `AND series = (SELECT id FROM series WHERE probe = ? AND vantage = ?) `
	seriesResultsAfter  = resultColumns + `WHERE (time, series) > (?, ?) AND time < ? ` + ofSeries + `ORDER BY time, series LIMIT ?`
	seriesResultsBefore = resultColumns + `WHERE (time, series) < (?, ?) AND time >= ? ` + ofSeries + `ORDER BY time DESC, series DESC LIMIT ?`

	ofVantage            = `AND series IN (SELECT id FROM series WHERE vantage = ?) `
	vantageResultsAfter  = resultColumns + `WHERE (time, series) > (?, ?) AND time < ? ` + ofVantage + `ORDER BY time, series LIMIT ?`
	vantageResultsBefore = resultColumns + `WHERE (time, series) < (?, ?) AND time >= ? ` + ofVantage + `ORDER BY time DESC, series DESC LIMIT ?`
)

const pageRows = 1000

// Results implements [storage.Store]. It reads page by page: between two pages
// it holds nothing, however slow the reader is.
func (db *DB) Results(ctx context.Context, q storage.Query) iter.Seq2[probes.Result, error] {
	return func(yield func(probes.Result, error) bool) {
		from, to := span(q)
		// The place that the next page begins after, and the end of the last.
		last, end := row{time: from, series: -1}, to
		if q.Newest {
			last, end = row{time: to, series: -1}, from
		}
		for left := limit(q); left > 0; {
			page, err := db.resultPage(ctx, q, last, end, min(left, pageRows))
			if err != nil {
				yield(probes.Result{}, db.wrap("results", err))
				return
			}
			for _, r := range page {
				if !yield(r.result, nil) {
					return
				}
			}
			if int64(len(page)) < min(left, pageRows) {
				return
			}
			left -= int64(len(page))
			last = page[len(page)-1]
		}
	}
}

func (db *DB) resultPage(ctx context.Context, q storage.Query, last row, end, rows int64) ([]row, error) {
	query, args := resultsAfter, []any{last.time, last.series, end}
	if q.Newest {
		query = resultsBefore
	}
	switch {
	case q.Probe != "" && q.Vantage != "":
		query, args = pick(q.Newest, seriesResultsBefore, seriesResultsAfter), append(args, q.Probe, q.Vantage)
	case q.Probe != "":
		query, args = pick(q.Newest, probeResultsBefore, probeResultsAfter), append(args, q.Probe)
	case q.Vantage != "":
		query, args = pick(q.Newest, vantageResultsBefore, vantageResultsAfter), append(args, q.Vantage)
	}
	found, err := db.reader.QueryContext(ctx, query, append(args, rows)...)
	if err != nil {
		return nil, err
	}
	page, err := scanResults(found)
	if err != nil {
		return nil, err
	}
	return page, db.nameResults(ctx, page)
}

func pick(newest bool, before, after string) string {
	if newest {
		return before
	}
	return after
}

// span returns the query's span in milliseconds, all of it where it is open.
func span(q storage.Query) (from, to int64) {
	to = math.MaxInt64
	if !q.From.IsZero() {
		from = ceil(q.From)
	}
	if !q.To.IsZero() {
		to = ceil(q.To)
	}
	return from, to
}

// ceil returns the first millisecond that is not before t.
func ceil(t time.Time) int64 { return millis(t.Add(time.Millisecond - 1)) }

func limit(q storage.Query) int64 {
	if q.Limit <= 0 {
		return math.MaxInt64
	}
	return int64(q.Limit)
}

const selectName = `SELECT probe, vantage FROM series WHERE id = ?`

// name returns the name of a series that a reader found. It may be one that
// another process has added.
func (db *DB) name(ctx context.Context, id int64) (name series, err error) {
	db.mu.RLock()
	name, ok := db.names[id]
	db.mu.RUnlock()
	if !ok {
		err = db.reader.QueryRowContext(ctx, selectName, id).Scan(&name.probe, &name.vantage)
	}
	return name, err
}

func (db *DB) nameResults(ctx context.Context, page []row) error {
	for i := range page {
		name, err := db.name(ctx, page[i].series)
		if err != nil {
			return err
		}
		page[i].result.Probe, page[i].result.Vantage = name.probe, name.vantage
	}
	return nil
}

// scanResults reads rows of resultColumns to their end. The results lack the
// names of probe and vantage. Where a list is given, one more column goes there.
func scanResults(rows *sql.Rows, evidence ...*[][]byte) ([]row, error) {
	defer rows.Close()
	var (
		page               []row
		n                  [14]int64 // the columns that are always there, in their order
		detail             sql.NullString
		dataTime, notAfter sql.NullInt64
	)
	dest := []any{&n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &detail, &n[6], &n[7], &n[8], &n[9], &n[10], &n[11],
		&n[12], &n[13], &dataTime, &notAfter}
	var text []byte
	if len(evidence) > 0 {
		dest = append(dest, &text)
	}
	micros := func(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		s := row{time: n[0], series: n[1]}
		s.result = probes.Result{
			Time: instant(n[0]), Period: time.Duration(n[2]) * time.Millisecond,
			Outcome: probes.Outcome(n[3]), Class: probes.ErrorClass(n[4]), Maintenance: n[5] != 0, Detail: detail.String,
			Phases: probes.Phases{
				Redirect: micros(n[6]), DNS: micros(n[7]), Connect: micros(n[8]),
				TLS: micros(n[9]), Wait: micros(n[10]), Transfer: micros(n[11]),
			},
			Status: int(n[12]), Size: n[13], DataTime: moment(dataTime),
		}
		if notAfter.Valid {
			s.result.NotAfter = time.Unix(notAfter.Int64, 0).UTC()
		}
		page = append(page, s)
		if len(evidence) > 0 {
			*evidence[0] = append(*evidence[0], text)
			text = nil
		}
	}
	return page, rows.Err()
}

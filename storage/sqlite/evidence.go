package sqlite

import (
	"context"
	"encoding/json"

	"observatoire/probes"
	"observatoire/storage"
)

const (
	insertEvidence = `INSERT INTO evidence (series, time, evidence) VALUES (?, ?, ?) ON CONFLICT (series, time) DO NOTHING`
	dropEvidence   = `DELETE FROM evidence WHERE series = ? AND time = ?`

	// A series that goes up and down all the time keeps so many and no more.
	trimEvidence = `DELETE FROM evidence WHERE series = ? AND time <= (
  SELECT time FROM evidence WHERE series = ? ORDER BY time DESC LIMIT 1 OFFSET ?)`

	// The + keeps SQLite from finding by series and sorting by time then.
	evidenceColumns = `SELECT r.time, r.series, period, outcome, class, maintenance, text, redirect, dns, connect, tls, wait, transfer,
  status, size, data_time, not_after, evidence FROM evidence JOIN result r ON r.time = evidence.time AND r.series = evidence.series
  LEFT JOIN text ON text.id = detail `
	allEvidence     = evidenceColumns + `WHERE evidence.time >= ? AND evidence.time < ? ORDER BY evidence.time, evidence.series LIMIT ?`
	probeEvidence   = evidenceColumns + `WHERE evidence.time >= ? AND evidence.time < ? AND +evidence.series IN (SELECT id FROM series WHERE probe = ?) ORDER BY evidence.time, evidence.series LIMIT ?`
	seriesEvidence  = evidenceColumns + `WHERE evidence.time >= ? AND evidence.time < ? AND evidence.series = (SELECT id FROM series WHERE probe = ? AND vantage = ?) ORDER BY evidence.time LIMIT ?`
	vantageEvidence = evidenceColumns + `WHERE evidence.time >= ? AND evidence.time < ? AND +evidence.series IN (SELECT id FROM series WHERE vantage = ?) ORDER BY evidence.time, evidence.series LIMIT ?`

	oldEvidence   = `SELECT time FROM evidence WHERE time < ? ORDER BY time LIMIT 1 OFFSET ?`
	pruneEvidence = `DELETE FROM evidence WHERE time <= ? AND time < ?`
)

const (
	maxInRow    = 3   // evidence of like failures in a row
	maxEvidence = 100 // of one series
)

// likes are a row of like failures of one series. It is in memory alone: after an opening
// the next failure begins one.
type likes struct {
	outcome probes.Outcome
	class   probes.ErrorClass
	status  int
	kept    int
	last    int64 // time of the latest whose evidence is kept
}

// keepEvidence keeps what the batch tells of its failures. A result that is not
// later than the one before it, or is there already, adds none.
func (t *change) keepEvidence(batch []probes.Result) error {
	t.rows = map[int64]likes{}
	for i := range batch {
		r := &batch[i]
		if r.Evidence == nil && len(t.db.rows) == 0 && len(t.rows) == 0 {
			continue
		}
		at := millis(r.Time)
		if at < t.pruned {
			continue
		}
		id, err := t.seriesID(series{r.Probe, r.Vantage})
		if err != nil {
			return err
		}
		before, known := t.rows[id]
		if !known {
			before, known = t.db.rows[id]
		}
		if known && at <= before.last {
			continue
		}
		like := known && before.outcome == r.Outcome && before.class == r.Class && before.status == r.Status
		switch {
		case r.Evidence != nil && !like:
			before = likes{outcome: r.Outcome, class: r.Class, status: r.Status}
		case r.Evidence != nil:
		case known && !like:
			t.rows[id] = likes{last: at} // the row is over
			continue
		default:
			continue
		}
		if err := t.addEvidence(id, at, r.Evidence, &before); err != nil {
			return err
		}
		t.rows[id] = before
	}
	return nil
}

func (t *change) addEvidence(id, at int64, e *probes.Evidence, row *likes) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if row.kept == maxInRow {
		if _, err := t.Exec(dropEvidence, id, row.last); err != nil {
			return err
		}
		row.kept--
	}
	if _, err := t.Exec(insertEvidence, id, at, string(text)); err != nil {
		return err
	}
	row.kept++
	row.last = at
	_, err = t.Exec(trimEvidence, id, id, maxEvidence)
	return err
}

// Evidence implements [storage.Store].
func (db *DB) Evidence(ctx context.Context, q storage.Query) ([]probes.Result, error) {
	from, to := span(q)
	query, args := allEvidence, []any{from, to}
	switch {
	case q.Probe != "" && q.Vantage != "":
		query, args = seriesEvidence, append(args, q.Probe, q.Vantage)
	case q.Probe != "":
		query, args = probeEvidence, append(args, q.Probe)
	case q.Vantage != "":
		query, args = vantageEvidence, append(args, q.Vantage)
	}
	rows, err := db.reader.QueryContext(ctx, query, append(args, limit(q))...)
	if err != nil {
		return nil, db.wrap("evidence", err)
	}
	var texts [][]byte
	page, err := scanResults(rows, &texts)
	if err == nil {
		err = db.nameResults(ctx, page)
	}
	if err != nil {
		return nil, db.wrap("evidence", err)
	}
	found := make([]probes.Result, len(page))
	for i, r := range page {
		r.result.Evidence = new(probes.Evidence)
		if err := json.Unmarshal(texts[i], r.result.Evidence); err != nil {
			return nil, db.wrap("evidence", err)
		}
		found[i] = r.result
	}
	return found, nil
}

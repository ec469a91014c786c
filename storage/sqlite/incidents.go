package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"observatoire/slo"
	"observatoire/storage"
)

const (
	incidentColumns = `SELECT id, probe, vantage, start, end, class, detail, failures, hint FROM incident `

	allIncidents   = incidentColumns + `WHERE start < ? AND (end IS NULL OR end > ?) ORDER BY start DESC, id DESC LIMIT ?`
	probeIncidents = incidentColumns + `WHERE probe = ? AND (? = '' OR vantage = ?) AND start < ? AND (end IS NULL OR end > ?)
  ORDER BY start DESC, id DESC LIMIT ?`
	vantageIncidents = incidentColumns + `WHERE start < ? AND (end IS NULL OR end > ?) AND vantage = ? ORDER BY start DESC, id DESC LIMIT ?`

	oneIncident = incidentColumns + `WHERE id = ?`

	// Saving a new one again, after a failure that was none, finds the first.
	insertIncident = `INSERT INTO incident (probe, vantage, start, end, class, detail, failures, hint) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (probe, vantage, start) DO UPDATE
  SET end = excluded.end, class = excluded.class, detail = excluded.detail, failures = excluded.failures, hint = excluded.hint RETURNING id`
	updateIncident = `UPDATE incident SET probe = ?, vantage = ?, start = ?, end = ?, class = ?, detail = ?, failures = ?, hint = ? WHERE id = ?`
)

// Incidents implements [storage.Store].
func (db *DB) Incidents(ctx context.Context, q storage.Query) ([]slo.Incident, error) {
	from, to := span(q)
	var (
		query string
		args  []any
	)
	switch {
	case q.ID != 0:
		query, args = oneIncident, []any{q.ID}
	case q.Probe != "":
		query, args = probeIncidents, []any{q.Probe, q.Vantage, q.Vantage, to, from, limit(q)}
	case q.Vantage != "":
		query, args = vantageIncidents, []any{to, from, q.Vantage, limit(q)}
	default:
		query, args = allIncidents, []any{to, from, limit(q)}
	}
	rows, err := db.reader.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, db.wrap("incidents", err)
	}
	defer rows.Close()
	var incidents []slo.Incident
	for rows.Next() {
		var (
			i     slo.Incident
			start int64
			end   sql.NullInt64
		)
		if err := rows.Scan(&i.ID, &i.Probe, &i.Vantage, &start, &end, &i.Class, &i.Detail, &i.Failures, &i.Hint); err != nil {
			return nil, db.wrap("incidents", err)
		}
		i.Start, i.End = instant(start), moment(end)
		incidents = append(incidents, i)
	}
	return incidents, db.wrap("incidents", rows.Err())
}

// SaveIncidents implements [storage.Store]. One with an ID that is not known is
// an error, and then none is kept.
func (db *DB) SaveIncidents(ctx context.Context, incidents []*slo.Incident) error {
	if len(incidents) == 0 {
		return nil
	}
	ids := make([]int64, len(incidents))
	err := db.update(ctx, func(t *change) error {
		for n, i := range incidents {
			args := []any{i.Probe, i.Vantage, millis(i.Start), optional(i.End), i.Class, i.Detail, i.Failures, i.Hint}
			if i.ID == 0 {
				if err := t.QueryRow(insertIncident, args...).Scan(&ids[n]); err != nil {
					return err
				}
				continue
			}
			ids[n] = i.ID
			done, err := t.Exec(updateIncident, append(args, i.ID)...)
			if err != nil {
				return err
			}
			if changed, err := done.RowsAffected(); err != nil || changed == 0 {
				return fmt.Errorf("no incident %d: %w", i.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return db.wrap("save incidents", err)
	}
	for n, i := range incidents {
		i.ID = ids[n]
	}
	return nil
}

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math"
	"time"

	"observatoire/probes"
)

const (
	maxPending = 64 << 10 // results whose rollups are not written yet: 6 MB
	maxTexts   = 4 << 10  // details whose numbers are remembered
)

// state is what is in memory of the file.
type state struct {
	series    map[series]int64
	names     map[int64]series
	texts     map[string]text
	watermark int64    // stored rollups sum up the results before it, and no other
	pruned    int64    // results before it may have been deleted
	pending   []sample // the results from the watermark on
}

type series struct{ probe, vantage string }

type text struct{ id, last int64 }

// row is a result as it is stored.
type row struct {
	series int64
	time   int64 // of result, in milliseconds
	result probes.Result
}

// sample is what rollups need of a row: a third of its size.
type sample struct {
	series, time, dataTime int64
	period                 time.Duration
	phases                 probes.Phases
	outcome                probes.Outcome
	maintenance, dated     bool
}

func (r *row) sample() sample {
	return sample{
		series: r.series, time: r.time, dataTime: r.result.DataTime.UnixMilli(), dated: !r.result.DataTime.IsZero(),
		period: r.result.Period, phases: r.result.Phases, outcome: r.result.Outcome, maintenance: r.result.Maintenance,
	}
}

// result returns the result that the sample was taken from, as far as rollups go.
func (s *sample) result() probes.Result {
	r := probes.Result{
		Time: instant(s.time), Period: s.period, Phases: s.phases, Outcome: s.outcome, Maintenance: s.maintenance,
	}
	if s.dated {
		r.DataTime = instant(s.dataTime)
	}
	return r
}

// change is a writing transaction. What it changes of the state is applied when it
// is committed.
type change struct {
	*sql.Tx
	db        *DB
	series    map[series]int64 // new ones
	texts     map[string]text  // new ones and those whose last changed
	rows      map[int64]likes  // of failures, where they changed
	fresh     []sample         // to pend
	flushed   bool             // what was pending is in the rollups
	watermark int64
	pruned    int64
}

// update runs fn in a writing transaction and, when it is committed, changes the
// state as fn asked. Readers never see the one without the other.
func (db *DB) update(ctx context.Context, fn func(*change) error) error {
	conn, err := db.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// The transaction has no deadline of its own: the driver would start a
	// goroutine for each statement. fn looks at ctx where it takes long.
	sqlTx, err := conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	defer sqlTx.Rollback()
	if err := db.refresh(sqlTx); err != nil {
		return err
	}
	t := &change{
		Tx: sqlTx, db: db, series: map[series]int64{}, texts: map[string]text{},
		watermark: db.watermark, pruned: db.pruned,
	}
	if err := fn(t); err != nil {
		return err
	}
	if err := t.saveState(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if err := sqlTx.Commit(); err != nil {
		return err
	}
	t.applied()
	return nil
}

const updateState = `UPDATE state SET watermark = ?, pruned = ? WHERE id = 1`

func (t *change) saveState() error {
	if t.watermark == t.db.watermark && t.pruned == t.db.pruned {
		return nil
	}
	_, err := t.Exec(updateState, t.watermark, t.pruned)
	return err
}

// applied changes the state after the commit.
func (t *change) applied() {
	s := &t.db.state
	for name, id := range t.series {
		s.series[name], s.names[id] = id, name
	}
	if len(s.texts)+len(t.texts) > maxTexts {
		clear(s.texts)
	}
	if len(t.texts) <= maxTexts {
		maps.Copy(s.texts, t.texts)
	}
	for id, row := range t.rows {
		if row.kept == 0 {
			delete(t.db.rows, id)
		} else {
			t.db.rows[id] = row
		}
	}
	s.watermark, s.pruned = t.watermark, t.pruned
	if t.flushed {
		s.pending = nil // a new one: readers may still hold the old
		t.db.flushed = time.Now()
	} else {
		s.pending = append(s.pending, t.fresh...)
	}
}

const (
	pragmaDataVersion = `PRAGMA data_version`
	selectSeries      = `SELECT id, probe, vantage FROM series WHERE id > 0`
)

// refresh reads the state again when another process has changed the file.
func (db *DB) refresh(tx *sql.Tx) error {
	var version int64
	if err := tx.QueryRow(pragmaDataVersion).Scan(&version); err != nil {
		return err
	}
	if db.series != nil && version == db.version {
		return nil
	}
	var zone string
	s := state{series: map[series]int64{}, names: map[int64]series{}, texts: map[string]text{}}
	if err := tx.QueryRow(selectState).Scan(&zone, &s.watermark, &s.pruned); err != nil {
		return err
	}
	if zone != db.zone.String() {
		return fmt.Errorf("another process changed the time zone to %s", zone)
	}
	rows, err := tx.Query(selectSeries)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			id   int64
			name series
		)
		if err := rows.Scan(&id, &name.probe, &name.vantage); err != nil {
			return err
		}
		s.series[name], s.names[id] = id, name
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if s.pending, err = selectPending(tx, s.watermark); err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	db.state, db.version = s, version
	return nil
}

// selectPending reads the results whose rollups were not written. There may be
// more than maxPending, when another process has written them: the next flush
// takes all.
func selectPending(tx *sql.Tx, watermark int64) ([]sample, error) {
	rows, err := tx.Query(resultsAfter, watermark, -1, int64(math.MaxInt64), -1)
	if err != nil {
		return nil, err
	}
	results, err := scanResults(rows)
	pending := make([]sample, len(results))
	for i := range results {
		pending[i] = results[i].sample()
	}
	return pending, err
}

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"

	"observatoire/probes"
)

// flushEvery bounds how much raw data an opening after a kill reads again.
const flushEvery = 5 * time.Minute

const (
	day       = int64(24 * time.Hour / time.Millisecond) // in milliseconds, as all times here
	latestEnd = int64(253402300800000)                   // the year 10000
)

const (
	resultInto   = `INSERT INTO result (time, series, period, outcome, class, maintenance, detail, redirect, dns, connect, tls, wait, transfer, status, size, data_time, not_after) VALUES `
	resultValues = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertResult = resultInto + resultValues + ` ON CONFLICT (time, series) DO NOTHING`

	tenResults    = resultValues + `, ` + fiveResults + `, ` + fourResults
	fiveResults   = resultValues + `, ` + fourResults
	fourResults   = resultValues + `, ` + resultValues + `, ` + resultValues + `, ` + resultValues
	insertResults = resultInto + tenResults + `, ` + tenResults // manyResults of them, none of which may be there

	manyResults   = 20
	resultColumnN = 17
)

// Record implements [storage.Store]. A result from a time whose raw results
// have been pruned is left out: nobody could tell whether it was counted before.
func (db *DB) Record(ctx context.Context, batch []probes.Result) error {
	for _, r := range batch {
		if err := valid(r); err != nil {
			return db.wrap("record", err)
		}
	}
	if len(batch) == 0 {
		return ctx.Err()
	}
	pruned := 0
	err := db.update(ctx, func(t *change) error {
		late, tooLate, err := t.insert(ctx, batch)
		if err != nil {
			return err
		}
		pruned = tooLate
		if err := t.keepEvidence(batch); err != nil {
			return err
		}
		if err := t.fold(late); err != nil {
			return err
		}
		if len(db.pending)+len(t.fresh) >= maxPending || time.Since(db.flushed) >= flushEvery {
			return t.flush()
		}
		return nil
	})
	if err == nil && pruned > 0 {
		db.log.Warn().Int("results", pruned).Msg("results older than what is kept were left out")
	}
	return db.wrap("record", err)
}

func valid(r probes.Result) error {
	switch ms := millis(r.Time); {
	case r.Probe == "":
		return errors.New("a result without a probe")
	case ms < 0 || ms >= latestEnd:
		return fmt.Errorf("a result of %q at %s: want a time from 1970 to 9999", r.Probe, r.Time.Format(time.RFC3339))
	}
	return nil
}

// insert keeps the batch's raw results. It returns those that came late, and how
// many came too late to be kept; those that are new and in time are to pend.
func (t *change) insert(ctx context.Context, batch []probes.Result) (late []sample, tooLate int, err error) {
	one, err := t.Prepare(insertResult)
	if err != nil {
		return nil, 0, err
	}
	defer one.Close()
	many, err := t.Prepare(insertResults)
	if err != nil {
		return nil, 0, err
	}
	defer many.Close()
	i := inserter{change: t, one: one, many: many}
	t.fresh = make([]sample, 0, len(batch))
	for n, result := range batch {
		if n%1000 == 0 && ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		r := row{time: millis(result.Time), result: stored(result)}
		if r.time < t.pruned {
			tooLate++
			continue
		}
		if r.series, err = t.seriesID(series{r.result.Probe, r.result.Vantage}); err != nil {
			return nil, 0, err
		}
		detail, err := t.textID(r.result.Detail, r.time)
		if err != nil {
			return nil, 0, err
		}
		if err := i.add(&r, detail); err != nil {
			return nil, 0, err
		}
	}
	err = i.flush()
	return i.late, tooLate, err
}

// inserter inserts rows many at a time, and one by one where one of the many is
// already there.
type inserter struct {
	*change
	one, many *sql.Stmt
	rows      []sample
	args      []any
	late      []sample
}

func (i *inserter) add(r *row, detail sql.NullInt64) error {
	i.rows = append(i.rows, r.sample())
	i.args = r.columns(i.args, detail)
	if len(i.rows) < manyResults {
		return nil
	}
	// A query, not an execution: the driver binds all arguments of one in a
	// single call to C, and makes a call for each of the other.
	rows, err := i.many.Query(i.args...)
	if err == nil {
		err = rows.Close()
	}
	var failure sqlite3.Error
	if errors.As(err, &failure) && failure.Code == sqlite3.ErrConstraint {
		return i.flush()
	}
	if err != nil {
		return err
	}
	for _, s := range i.rows {
		i.inserted(s)
	}
	i.rows, i.args = i.rows[:0], i.args[:0]
	return nil
}

func (i *inserter) flush() error {
	for at, s := range i.rows {
		done, err := i.one.Exec(i.args[at*resultColumnN : (at+1)*resultColumnN]...)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return err
		}
		if n > 0 {
			i.inserted(s)
		}
	}
	i.rows, i.args = i.rows[:0], i.args[:0]
	return nil
}

func (i *inserter) inserted(s sample) {
	if s.time < i.watermark {
		i.late = append(i.late, s)
	} else {
		i.fresh = append(i.fresh, s)
	}
}

// stored returns what is kept of a result: what will be read back.
func stored(r probes.Result) probes.Result {
	r.Time = instant(millis(r.Time))
	r.Period = max(0, r.Period.Truncate(time.Millisecond))
	if len(r.Detail) > probes.MaxDetail {
		r.Detail = strings.ToValidUTF8(r.Detail[:probes.MaxDetail], "")
	}
	p := &r.Phases
	for _, d := range []*time.Duration{&p.Redirect, &p.DNS, &p.Connect, &p.TLS, &p.Wait, &p.Transfer} {
		*d = max(0, d.Truncate(time.Microsecond))
	}
	if !r.DataTime.IsZero() {
		r.DataTime = instant(millis(r.DataTime))
	}
	if !r.NotAfter.IsZero() {
		r.NotAfter = time.Unix(r.NotAfter.Unix(), 0).UTC()
	}
	r.Remote, r.Checks, r.Hops, r.Steps, r.Evidence = "", nil, nil, nil, nil
	return r
}

// columns appends the arguments of insertResult.
func (r *row) columns(args []any, detail sql.NullInt64) []any {
	p := &r.result.Phases
	args = append(args, r.time, r.series, r.result.Period.Milliseconds(),
		int64(r.result.Outcome), int64(r.result.Class), flag(r.result.Maintenance), null(detail),
		p.Redirect.Microseconds(), p.DNS.Microseconds(), p.Connect.Microseconds(), p.TLS.Microseconds(),
		p.Wait.Microseconds(), p.Transfer.Microseconds(), int64(r.result.Status), r.result.Size,
		null(optional(r.result.DataTime)))
	if r.result.NotAfter.IsZero() {
		return append(args, nil)
	}
	return append(args, r.result.NotAfter.Unix())
}

// null returns the number, or nil: database/sql takes longer over a NullInt64.
func null(n sql.NullInt64) any {
	if !n.Valid {
		return nil
	}
	return n.Int64
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

const insertSeries = `INSERT INTO series (probe, vantage) VALUES (?, ?)`

// seriesID returns the number of a series, a new one if need be.
func (t *change) seriesID(name series) (int64, error) {
	if id, ok := t.db.series[name]; ok {
		return id, nil
	}
	if id, ok := t.series[name]; ok {
		return id, nil
	}
	done, err := t.Exec(insertSeries, name.probe, name.vantage)
	if err != nil {
		return 0, err
	}
	id, err := done.LastInsertId()
	t.series[name] = id
	return id, err
}

// A text that is used again long after its last moves that on, by more than is
// needed, so that it is not written for each result.
const upsertText = `INSERT INTO text (text, last) VALUES (?, ?)
  ON CONFLICT (text) DO UPDATE SET last = max(last, excluded.last) RETURNING id, last`

// textID returns the number of a detail, none for an empty one.
func (t *change) textID(s string, ms int64) (sql.NullInt64, error) {
	if s == "" {
		return sql.NullInt64{}, nil
	}
	known, ok := t.texts[s]
	if !ok {
		known, ok = t.db.texts[s]
	}
	if !ok || known.last < ms {
		if err := t.QueryRow(upsertText, s, ms+day).Scan(&known.id, &known.last); err != nil {
			return sql.NullInt64{}, err
		}
		t.texts[s] = known
	}
	return sql.NullInt64{Int64: known.id, Valid: true}, nil
}

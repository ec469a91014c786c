package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"time"

	"observatoire/storage"
)

// The queries for rollups: of all series in the order of time, and of one.
const (
	allFives     = `SELECT start, series, figures FROM rollup_five WHERE start >= ? AND start < ? ORDER BY start, series`
	allHours     = `SELECT start, series, figures FROM rollup_hour WHERE start >= ? AND start < ? ORDER BY start, series`
	allDays      = `SELECT start, series, figures FROM rollup_day WHERE start >= ? AND start < ? ORDER BY start, series`
	seriesFives  = `SELECT start, series, figures FROM rollup_five WHERE series = ? AND start >= ? AND start < ? ORDER BY start`
	seriesHours  = `SELECT start, series, figures FROM rollup_hour WHERE series = ? AND start >= ? AND start < ? ORDER BY start`
	seriesDays   = `SELECT start, series, figures FROM rollup_day WHERE series = ? AND start >= ? AND start < ? ORDER BY start`
	selectProbes = `SELECT id, vantage FROM series WHERE probe = ?`

	selectWatermark = `SELECT watermark FROM state WHERE id = 1`
)

// Rollups implements [storage.Store]: those that start in the query's span. It
// reads page by page, as Results does; what pends is merged into each.
func (db *DB) Rollups(ctx context.Context, q storage.Query) iter.Seq2[storage.Rollup, error] {
	return func(yield func(storage.Rollup, error) bool) {
		if q.Resolution < storage.FiveMinutes || q.Resolution > storage.Day {
			yield(storage.Rollup{}, db.wrap("rollups", fmt.Errorf("no resolution %d", q.Resolution)))
			return
		}
		left := limit(q)
		for from, to := span(q); from < to && left > 0; {
			page, next, err := db.rollupPage(ctx, q, from, to)
			if err != nil {
				yield(storage.Rollup{}, db.wrap("rollups", err))
				return
			}
			for _, e := range page {
				rollup, err := db.decode(ctx, q.Resolution, e)
				if !yield(rollup, db.wrap("rollups", err)) || err != nil {
					return
				}
				if left--; left == 0 {
					return
				}
			}
			from = next
		}
	}
}

// entry is a rollup as it is stored, and what pends for it.
type entry struct {
	start, series int64
	figures       []byte
	pending       []sample
}

func (db *DB) decode(ctx context.Context, r storage.Resolution, e entry) (storage.Rollup, error) {
	name, err := db.name(ctx, e.series)
	if err != nil {
		return storage.Rollup{}, err
	}
	rollup := storage.Rollup{Probe: name.probe, Vantage: name.vantage, Resolution: r, Start: instant(e.start).In(db.zone)}
	if e.figures != nil {
		if err := rollup.DecodeFigures(e.figures); err != nil {
			return storage.Rollup{}, fmt.Errorf("%s of %s at %s: %w", r, name.probe, rollup.Start.Format(time.RFC3339), err)
		}
	}
	for i := range e.pending {
		rollup.Add(e.pending[i].result())
	}
	return rollup, nil
}

// rollupPage returns the rollups that start from from on and before next, which
// is at most to, in the order of time.
func (db *DB) rollupPage(ctx context.Context, q storage.Query, from, to int64) (page []entry, next int64, err error) {
	snapshot, pending, err := db.snapshot(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer snapshot.Rollback()
	var wanted map[int64]bool // nil: all
	next = to
	switch {
	case q.Probe != "":
		if wanted, err = wantedSeries(ctx, snapshot, q); err != nil {
			return nil, 0, err
		}
		for id := range wanted {
			entries, end, err := read(ctx, snapshot, q.Resolution, id, from, to)
			if err != nil {
				return nil, 0, err
			}
			page, next = append(page, entries...), min(next, end)
		}
	default:
		if page, next, err = read(ctx, snapshot, q.Resolution, 0, from, to); err != nil {
			return nil, 0, err
		}
	}
	if err := snapshot.Rollback(); err != nil {
		return nil, 0, err
	}
	page = slices.DeleteFunc(page, func(e entry) bool { return e.start < from || e.start >= next })
	if q.Probe == "" && q.Vantage != "" {
		if wanted, err = db.ofVantage(ctx, q.Vantage, page, pending); err != nil {
			return nil, 0, err
		}
		page = slices.DeleteFunc(page, func(e entry) bool { return !wanted[e.series] })
	}
	return db.mergePending(page, pending, q.Resolution, wanted, from, next), next, nil
}

// snapshot begins a reading transaction and returns what pended at its moment.
func (db *DB) snapshot(ctx context.Context) (*sql.Tx, []sample, error) {
	for {
		tx, err := db.reader.BeginTx(ctx, nil)
		if err != nil {
			return nil, nil, err
		}
		// The first reading fixes what the transaction sees; a commit of ours
		// changes the memory under the same lock.
		var watermark int64
		db.mu.RLock()
		err = tx.QueryRowContext(ctx, selectWatermark).Scan(&watermark)
		ours, pending := db.watermark, db.pending
		db.mu.RUnlock()
		if err == nil && watermark == ours {
			return tx, pending, nil
		}
		tx.Rollback()
		if err != nil {
			return nil, nil, err
		}
		// Another process has written rollups: read what pends again.
		if err := db.update(ctx, func(*change) error { return nil }); err != nil {
			return nil, nil, err
		}
	}
}

func wantedSeries(ctx context.Context, tx *sql.Tx, q storage.Query) (map[int64]bool, error) {
	rows, err := tx.QueryContext(ctx, selectProbes, q.Probe)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	wanted := map[int64]bool{}
	for rows.Next() {
		var (
			id      int64
			vantage string
		)
		if err := rows.Scan(&id, &vantage); err != nil {
			return nil, err
		}
		if q.Vantage == "" || q.Vantage == vantage {
			wanted[id] = true
		}
	}
	return wanted, rows.Err()
}

// ofVantage returns which series of a page are of a vantage.
func (db *DB) ofVantage(ctx context.Context, vantage string, page []entry, pending []sample) (map[int64]bool, error) {
	wanted := map[int64]bool{}
	look := func(id int64) error {
		if _, known := wanted[id]; known {
			return nil
		}
		name, err := db.name(ctx, id)
		wanted[id] = name.vantage == vantage
		return err
	}
	for i := range page {
		if err := look(page[i].series); err != nil {
			return nil, err
		}
	}
	for i := range pending {
		if err := look(pending[i].series); err != nil {
			return nil, err
		}
	}
	return wanted, nil
}

// read returns stored rollups of one series, or of all for series 0, that start
// from from on and before next. Some of the last hour may start outside.
func read(ctx context.Context, tx *sql.Tx, r storage.Resolution, id, from, to int64) (entries []entry, next int64, err error) {
	query := [...]string{storage.FiveMinutes: allFives, storage.Hour: allHours, storage.Day: allDays}[r]
	if r == storage.FiveMinutes {
		from -= from % hour // rows are hours
	}
	args := []any{from, to}
	if id != 0 {
		query = [...]string{storage.FiveMinutes: seriesFives, storage.Hour: seriesHours, storage.Day: seriesDays}[r]
		args = []any{id, from, to}
	}
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var last int64
	for n := 0; rows.Next(); n++ {
		var e entry
		if err := rows.Scan(&e.start, &e.series, &e.figures); err != nil {
			return nil, 0, err
		}
		if n >= pageRows && e.start > last {
			return entries, e.start, nil // all of what starts before it is there
		}
		last = e.start
		if r != storage.FiveMinutes {
			entries = append(entries, e)
			continue
		}
		var p pieces
		if err := p.split(e.figures); err != nil {
			return nil, 0, err
		}
		for i, figures := range p {
			if figures != nil {
				entries = append(entries, entry{start: e.start + int64(i)*fiveMinutes, series: e.series, figures: figures})
			}
		}
	}
	return entries, to, rows.Err()
}

const hour = int64(time.Hour / time.Millisecond)

// mergePending adds what pends of the wanted series to a page, and sorts it.
func (db *DB) mergePending(page []entry, pending []sample, r storage.Resolution, wanted map[int64]bool, from, to int64) []entry {
	type key struct{ start, series int64 }
	at := map[key]int{}
	for i, e := range page {
		at[key{e.start, e.series}] = i
	}
	start := starts(r, db.zone)
	for _, s := range pending {
		k := key{start(s), s.series}
		if k.start < from || k.start >= to || wanted != nil && !wanted[s.series] {
			continue
		}
		i, ok := at[k]
		if !ok {
			i = len(page)
			at[k] = i
			page = append(page, entry{start: k.start, series: k.series})
		}
		page[i].pending = append(page[i].pending, s)
	}
	slices.SortFunc(page, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.series, b.series))
	})
	return page
}

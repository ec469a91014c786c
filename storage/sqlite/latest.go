package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"

	"observatoire/probes"
	"observatoire/storage"
)

const seriesHoursBack = `SELECT start, figures FROM rollup_hour WHERE series = ? ORDER BY start DESC`

// Latest implements [storage.Store]. What pends and the rollups of each series tell the hours that hold them, so that a probe
// which has not run for a year costs one hour's results, not a year's.
func (db *DB) Latest(ctx context.Context, n int) (map[string][]probes.Result, error) {
	found, err := db.latest(ctx, n)
	if err != nil {
		return nil, db.wrap("latest", err)
	}
	byProbe := map[string][]probes.Result{}
	for _, results := range found {
		for _, s := range results {
			byProbe[s.result.Probe] = append(byProbe[s.result.Probe], s.result)
		}
	}
	for _, results := range byProbe {
		slices.SortStableFunc(results, func(a, b probes.Result) int {
			return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Vantage, b.Vantage))
		})
	}
	return byProbe, nil
}

func (db *DB) latest(ctx context.Context, n int) (map[int64][]row, error) {
	found := map[int64][]row{}
	if n <= 0 {
		return found, nil
	}
	snapshot, pending, err := db.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer snapshot.Rollback()
	hours := map[int64]map[int64]bool{} // by start, the series that need it
	need := map[int64]int{}             // results of each series in hours not looked at
	db.mu.RLock()
	for id := range db.names {
		need[id] = n
	}
	db.mu.RUnlock()
	for _, s := range slices.SortedFunc(slices.Values(pending), func(a, b sample) int { return cmp.Compare(b.time, a.time) }) {
		if need[s.series] > 0 {
			need[s.series]--
			wants(hours, s.time-s.time%hour, s.series)
		}
	}
	for id, n := range need {
		if err := storedHours(ctx, snapshot, id, n, hours); err != nil {
			return nil, err
		}
	}
	for _, start := range slices.Backward(slices.Sorted(maps.Keys(hours))) {
		rows, err := snapshot.QueryContext(ctx, resultsBefore, start+hour, -1, start, -1)
		if err != nil {
			return nil, err
		}
		results, err := scanResults(rows)
		if err != nil {
			return nil, err
		}
		for _, r := range results {
			if hours[start][r.series] && len(found[r.series]) < n {
				found[r.series] = append(found[r.series], r)
			}
		}
	}
	if err := snapshot.Rollback(); err != nil {
		return nil, err
	}
	for _, results := range found {
		if err := db.nameResults(ctx, results); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func wants(hours map[int64]map[int64]bool, start, id int64) {
	if hours[start] == nil {
		hours[start] = map[int64]bool{}
	}
	hours[start][id] = true
}

// storedHours adds to hours the newest ones that hold n results of a series, as
// the stored rollups tell.
func storedHours(ctx context.Context, tx *sql.Tx, id int64, n int, hours map[int64]map[int64]bool) error {
	if n <= 0 {
		return nil
	}
	rows, err := tx.QueryContext(ctx, seriesHoursBack, id)
	if err != nil {
		return err
	}
	defer rows.Close()
	for n > 0 && rows.Next() {
		var (
			start   int64
			figures []byte
			rollup  storage.Rollup
		)
		if err := rows.Scan(&start, &figures); err != nil {
			return err
		}
		if err := rollup.DecodeFigures(figures); err != nil {
			return err
		}
		c := rollup.Counts
		n -= int(c.Definite().N + c.Unknown.N + c.Maintenance.N)
		wants(hours, start, id)
	}
	return rows.Err()
}

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"observatoire/storage"
)

const (
	pruneRows  = 5000                // in one transaction, and a few more of the same time
	prunePages = 500                 // given back in one transaction
	settledFor = 30 * 24 * time.Hour // how long deliveries and ended alerts are kept
)

// A step finds the last of the oldest rows before an end, and deletes up to it:
// that is quicker than a list of keys, and both go by the index.
const (
	oldResults   = `SELECT time FROM result WHERE time < ? ORDER BY time LIMIT 1 OFFSET ?`
	pruneResults = `DELETE FROM result WHERE time <= ? AND time < ?`
	oldFives     = `SELECT start FROM rollup_five WHERE start < ? ORDER BY start LIMIT 1 OFFSET ?`
	pruneFives   = `DELETE FROM rollup_five WHERE start <= ? AND start < ?`
	oldHours     = `SELECT start FROM rollup_hour WHERE start < ? ORDER BY start LIMIT 1 OFFSET ?`
	pruneHours   = `DELETE FROM rollup_hour WHERE start <= ? AND start < ?`
	oldDays      = `SELECT start FROM rollup_day WHERE start < ? ORDER BY start LIMIT 1 OFFSET ?`
	pruneDays    = `DELETE FROM rollup_day WHERE start <= ? AND start < ?`

	oldIncidents    = `SELECT end FROM incident WHERE end < ? ORDER BY end LIMIT 1 OFFSET ?`
	pruneIncidents  = `DELETE FROM incident WHERE end <= ? AND end < ?`
	oldTexts        = `SELECT last FROM text WHERE last < ? ORDER BY last LIMIT 1 OFFSET ?`
	pruneTexts      = `DELETE FROM text WHERE last <= ? AND last < ?`
	oldDeliveries   = `SELECT settled FROM delivery WHERE settled < ? ORDER BY settled LIMIT 1 OFFSET ?`
	pruneDeliveries = `DELETE FROM delivery WHERE settled <= ? AND settled < ?`
	oldAlerts       = `SELECT changed FROM alert WHERE state = 'resolved' AND changed < ? ORDER BY changed LIMIT 1 OFFSET ?`
	pruneAlerts     = `DELETE FROM alert WHERE state = 'resolved' AND changed <= ? AND changed < ?`
)

// Prune implements [storage.Store]. Other writers come between its steps.
func (db *DB) Prune(ctx context.Context, now time.Time) error {
	if err := db.update(ctx, func(t *change) error { return t.flush() }); err != nil {
		return db.wrap("prune", err)
	}
	for _, prune := range []func(context.Context, time.Time) error{db.pruneRaw, db.pruneRollups, db.pruneRest} {
		if err := prune(ctx, now); err != nil {
			return db.wrap("prune", err)
		}
	}
	return db.wrap("prune", db.giveBack(ctx))
}

// pruneRaw deletes raw results. The rollups of all of them are stored, as the
// watermark is never passed, and late results of the same time are refused from
// then on.
func (db *DB) pruneRaw(ctx context.Context, now time.Time) error {
	if db.retention.Raw <= 0 {
		return nil
	}
	end := millis(now.Add(-db.retention.Raw))
	err := db.pruneTable(ctx, oldResults, pruneResults, func(t *change) int64 { return min(end, t.watermark) },
		func(t *change, last int64) { t.pruned = max(t.pruned, last+1) })
	if err != nil {
		return err
	}
	if err := db.pruneTable(ctx, oldEvidence, pruneEvidence, func(t *change) int64 { return t.pruned }, nil); err != nil {
		return err
	}
	// No result has a text after its last. One that goes may still be remembered,
	// but no later than its last, so that its next use inserts it again.
	return db.pruneTable(ctx, oldTexts, pruneTexts, func(t *change) int64 { return t.pruned }, nil)
}

func (db *DB) pruneRollups(ctx context.Context, now time.Time) error {
	if keep := db.retention.FiveMinutes; keep > 0 {
		end := millis(storage.Hour.Start(now.Add(-keep), db.zone))
		if err := db.pruneTable(ctx, oldFives, pruneFives, until(end), nil); err != nil {
			return err
		}
	}
	if keep := db.retention.Rollups; keep > 0 {
		// Hours go a day at a time, so that those of a day are there as long as it is.
		end := millis(storage.Day.Start(now.Add(-keep), db.zone))
		return errors.Join(
			db.pruneTable(ctx, oldHours, pruneHours, until(end), nil),
			db.pruneTable(ctx, oldDays, pruneDays, until(end), nil),
			db.pruneTable(ctx, oldIncidents, pruneIncidents, until(end), nil),
		)
	}
	return nil
}

func (db *DB) pruneRest(ctx context.Context, now time.Time) error {
	end := millis(now.Add(-settledFor))
	return errors.Join(
		db.pruneTable(ctx, oldDeliveries, pruneDeliveries, until(end), nil),
		db.pruneTable(ctx, oldAlerts, pruneAlerts, until(end), nil),
	)
}

func until(end int64) func(*change) int64 { return func(*change) int64 { return end } }

// pruneTable deletes the rows of a table before end in steps, and tells after
// each up to which.
func (db *DB) pruneTable(ctx context.Context, old, prune string, end func(*change) int64, after func(*change, int64)) error {
	for more := true; more; {
		err := db.update(ctx, func(t *change) error {
			to := end(t)
			last := to - 1
			err := t.QueryRow(old, to, pruneRows-1).Scan(&last)
			if more = err == nil; err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			done, err := t.Exec(prune, last, to)
			if err != nil {
				return err
			}
			n, err := done.RowsAffected()
			if n > 0 && after != nil {
				after(t, last)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	pragmaFree  = `PRAGMA freelist_count`
	pragmaPages = `PRAGMA page_count`
)

// giveBack shortens the file by the pages that are free beyond a tenth, which
// the next results will need.
func (db *DB) giveBack(ctx context.Context) error {
	for before := math.MaxInt; ; {
		var free, pages int
		if err := db.writer.QueryRowContext(ctx, pragmaFree).Scan(&free); err != nil {
			return err
		}
		if err := db.writer.QueryRowContext(ctx, pragmaPages).Scan(&pages); err != nil {
			return err
		}
		if free -= pages / 10; free <= 0 || free >= before {
			return nil
		}
		before = free
		if err := db.vacuum(ctx); err != nil {
			return err
		}
	}
}

func (db *DB) vacuum(ctx context.Context) error {
	// It gives back one page for each row that is read of it.
	rows, err := db.writer.QueryContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", prunePages))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

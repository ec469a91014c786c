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
	insertState = `INSERT INTO state (id, zone, watermark, pruned) VALUES (1, ?, 0, 0)`
	updateZone  = `UPDATE state SET zone = ? WHERE id = 1`
	deleteDays  = `DELETE FROM rollup_day WHERE start > ?`
)

// adoptZone writes the zone of days into a new file. In one with the days of
// another zone it makes them anew from the hours, which the watermark bounds just
// as it does days; where an hour is in two days, it refuses.
func (db *DB) adoptZone(ctx context.Context) error {
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var (
		zone   string
		ignore int64
	)
	err = tx.QueryRow(selectState).Scan(&zone, &ignore, &ignore)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		_, err = tx.Exec(insertState, db.zone.String())
	case err == nil && zone != db.zone.String():
		err = db.remakeDays(ctx, tx, zone)
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}

func (db *DB) remakeDays(ctx context.Context, tx *sql.Tx, from string) error {
	rows, err := tx.QueryContext(ctx, allHours, 0, latestEnd)
	if err != nil {
		return err
	}
	defer rows.Close()
	if _, err := tx.Exec(deleteDays, int64(math.MinInt64)); err != nil {
		return err
	}
	day := int64(-1) // that the sums are of
	sums := map[int64]*storage.Rollup{}
	for rows.Next() {
		var (
			start, id int64
			figures   []byte
			hour      storage.Rollup
		)
		if err := rows.Scan(&start, &id, &figures); err != nil {
			return err
		}
		if err := hour.DecodeFigures(figures); err != nil {
			return err
		}
		first := storage.Day.Start(instant(start), db.zone)
		if last := instant(start).Add(time.Hour - time.Millisecond); !storage.Day.Start(last, db.zone).Equal(first) {
			return fmt.Errorf("its days begin at the midnights of %s, and cannot be made anew for %s, where midnight is not at a full hour of UTC:"+
				" set the time zone back, or begin a new file", from, db.zone)
		}
		if millis(first) != day {
			if err := saveDays(tx, day, sums); err != nil {
				return err
			}
			day = millis(first)
			clear(sums)
		}
		if sums[id] == nil {
			sums[id] = new(storage.Rollup)
		}
		sums[id].Merge(hour)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := saveDays(tx, day, sums); err != nil {
		return err
	}
	if _, err := tx.Exec(updateZone, db.zone.String()); err != nil {
		return err
	}
	db.log.Info().Str("from", from).Stringer("to", db.zone).Msg("days were made anew for another time zone")
	return nil
}

func saveDays(tx *sql.Tx, day int64, sums map[int64]*storage.Rollup) error {
	for id, sum := range sums {
		if _, err := tx.Exec(upsertDay, day, id, sum.AppendFigures(nil)); err != nil {
			return err
		}
	}
	return nil
}

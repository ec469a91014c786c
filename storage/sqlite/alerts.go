package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"observatoire/alerts"
)

const (
	selectFiring = `SELECT alert FROM alert WHERE state = 'firing' ORDER BY changed, key`
	selectAlert  = `SELECT state, start FROM alert WHERE key = ?`
	upsertAlert  = `INSERT INTO alert (key, state, start, changed, alert) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET state = excluded.state, start = excluded.start, changed = excluded.changed, alert = excluded.alert`

	insertDelivery = `INSERT INTO delivery (channel, key, state, start, alert, attempts, next, status, error)
  VALUES (?, ?, ?, ?, ?, 0, 0, 0, '') ON CONFLICT (channel, key, state, start) DO NOTHING`
	selectDue = `SELECT id, alert, attempts, next, status, error FROM delivery
  WHERE channel = ? AND status = 0 AND next <= ? ORDER BY id LIMIT ?`
	updateDelivery = `UPDATE delivery SET attempts = ?, next = ?, status = ?, error = ?, settled = ? WHERE id = ? AND status = 0`
	selectDelivery = `SELECT status FROM delivery WHERE id = ?`
)

// Firing implements [alerts.Ledger]: the longest-standing first.
func (db *DB) Firing(ctx context.Context) ([]alerts.Alert, error) {
	rows, err := db.reader.QueryContext(ctx, selectFiring)
	if err != nil {
		return nil, db.wrap("alerts", err)
	}
	defer rows.Close()
	var firing []alerts.Alert
	for rows.Next() {
		var (
			text []byte
			a    alerts.Alert
		)
		if err := rows.Scan(&text); err != nil {
			return nil, db.wrap("alerts", err)
		}
		if err := json.Unmarshal(text, &a); err != nil {
			return nil, db.wrap("alerts", err)
		}
		firing = append(firing, a)
	}
	return firing, db.wrap("alerts", rows.Err())
}

// Apply implements [alerts.Ledger]. An alert in the state that is already kept
// (same key, state and start) keeps its new particulars and is not delivered
// again; nor is one whose same state went to the channel before.
func (db *DB) Apply(ctx context.Context, changed []alerts.Alert, channels []string) error {
	if len(changed) == 0 {
		return nil
	}
	return db.wrap("alerts", db.update(ctx, func(t *change) error {
		for _, a := range changed {
			if err := t.applyAlert(a, channels); err != nil {
				return fmt.Errorf("%s: %w", a.Key, err)
			}
		}
		return nil
	}))
}

func (t *change) applyAlert(a alerts.Alert, channels []string) error {
	content, err := json.Marshal(a)
	if err != nil {
		return err
	}
	text, start := string(content), millis(a.Start)
	var (
		state string
		since int64
	)
	err = t.QueryRow(selectAlert, a.Key).Scan(&state, &since)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	known := err == nil && state == string(a.State) && since == start
	if _, err := t.Exec(upsertAlert, a.Key, string(a.State), start, millis(time.Now()), text); err != nil {
		return err
	}
	if known {
		return nil
	}
	for _, channel := range channels {
		if _, err := t.Exec(insertDelivery, channel, a.Key, string(a.State), start, text); err != nil {
			return err
		}
	}
	return nil
}

// Due implements [alerts.Outbox].
func (db *DB) Due(ctx context.Context, channel string, now time.Time, limit int) ([]alerts.Delivery, error) {
	rows, err := db.reader.QueryContext(ctx, selectDue, channel, millis(now), limit)
	if err != nil {
		return nil, db.wrap("deliveries", err)
	}
	defer rows.Close()
	var due []alerts.Delivery
	for rows.Next() {
		var (
			d    = alerts.Delivery{Channel: channel}
			next int64
			text []byte
		)
		if err := rows.Scan(&d.ID, &text, &d.Attempts, &next, &d.Status, &d.Error); err != nil {
			return nil, db.wrap("deliveries", err)
		}
		if err := json.Unmarshal(text, &d.Alert); err != nil {
			return nil, db.wrap("deliveries", err)
		}
		if next != 0 {
			d.Next = instant(next)
		}
		due = append(due, d)
	}
	return due, db.wrap("deliveries", rows.Err())
}

// Settle implements [alerts.Outbox]. What is delivered or given up stays so.
func (db *DB) Settle(ctx context.Context, d alerts.Delivery) error {
	return db.wrap("deliveries", db.update(ctx, func(t *change) error {
		var settled sql.NullInt64
		if d.Status != alerts.Waiting {
			settled = optional(time.Now())
		}
		var next int64
		if !d.Next.IsZero() {
			next = millis(d.Next)
		}
		if _, err := t.Exec(updateDelivery, d.Attempts, next, int64(d.Status), d.Error, settled, d.ID); err != nil {
			return err
		}
		var status int64
		err := t.QueryRow(selectDelivery, d.ID).Scan(&status)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("no delivery %d", d.ID)
		}
		return err
	}))
}

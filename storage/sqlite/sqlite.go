package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"observatoire/alerts"
	"observatoire/storage"
)

// SQLite opens one file. Its fields are its settings.
type SQLite struct {
	Path     string `yaml:"path" doc:"the file; a relative path is below the data folder"`
	MaxBytes int64  `yaml:"max_bytes" doc:"the file grows no larger than this; 0 means as large as the disk"`
}

// DefaultPath is the file when no path is given.
const DefaultPath = "observatoire.db"

var (
	_ storage.Opener = SQLite{}
	_ storage.Store  = (*DB)(nil)
	_ alerts.Ledger  = (*DB)(nil)
	_ alerts.Outbox  = (*DB)(nil)
)

// DB is an open file. Its methods are safe for concurrent use.
type DB struct {
	path      string
	zone      *time.Location
	retention storage.Retention
	log       zerolog.Logger
	writer    *sql.DB // one connection: holding it is the right to write
	reader    *sql.DB

	// What follows is changed under mu, and only by whoever holds the writing
	// connection, who may therefore read it without mu.
	mu      sync.RWMutex
	version int64 // data_version of the writing connection when the rest was read
	flushed time.Time
	rows    map[int64]likes // of failures, by series
	state

	close sync.Once
	err   error // of Close
}

// Open implements [storage.Opener]; the engine is a *[DB].
func (s SQLite) Open(ctx context.Context, o storage.Options) (storage.Store, error) {
	db, err := s.open(ctx, o)
	if err != nil {
		return nil, err
	}
	return db, nil
}

func (s SQLite) open(ctx context.Context, o storage.Options) (*DB, error) {
	path := cmp.Or(s.Path, DefaultPath)
	if !filepath.IsAbs(path) {
		path = filepath.Join(o.Dir, path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := inspect(ctx, path); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	db := &DB{
		path: path, zone: cmp.Or(o.Zone, time.UTC), retention: o.Retention, log: o.Log,
		writer: connectWriter(path, s.MaxBytes), reader: connectReaders(path), flushed: time.Now(), rows: map[int64]likes{},
	}
	if err := db.start(ctx); err != nil {
		return nil, errors.Join(db.wrap("open", err), db.reader.Close(), db.writer.Close())
	}
	return db, nil
}

func (db *DB) start(ctx context.Context) error {
	if err := migrate(ctx, db.writer); err != nil {
		return err
	}
	if err := db.adoptZone(ctx); err != nil {
		return err
	}
	return db.update(ctx, func(*change) error { return nil }) // reads the state
}

const selectState = `SELECT zone, watermark, pruned FROM state WHERE id = 1`

// Ping implements [storage.Store].
func (db *DB) Ping(ctx context.Context) error {
	var (
		zone   string
		ignore int64
	)
	return db.wrap("ping", db.reader.QueryRowContext(ctx, selectState).Scan(&zone, &ignore, &ignore))
}

// Close implements [storage.Store]. Closing again returns what the first did.
func (db *DB) Close() error {
	db.close.Do(func() {
		ctx := context.Background()
		err := db.update(ctx, func(t *change) error { return t.flush() })
		if err == nil {
			// A reader may hold the log back; it is then copied by the next opening.
			_, err = db.writer.ExecContext(ctx, "PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);")
		}
		db.err = db.wrap("close", errors.Join(err, db.reader.Close(), db.writer.Close()))
	})
	return db.err
}

// wrap says which file and what was being done; it passes nil on.
func (db *DB) wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s: %w", db.path, doing, explain(err))
}

func millis(t time.Time) int64 { return t.UnixMilli() }

// instant is the inverse of millis.
func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// optional is millis, with none for the zero time.
func optional(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// moment is the inverse of optional.
func moment(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return instant(ms.Int64)
}

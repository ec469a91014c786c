package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"

	"github.com/mattn/go-sqlite3"
)

const (
	applicationID = 0x4f425356 // "OBSV", in the header of the file
	pageSize      = 4096       // bytes; SQLite's default
	readers       = 4          // reading connections
)

// pragmas are set on each connection as it opens, beside those of the DSN that
// the driver has no parameter for. The log grows to 16 MB before it is copied
// back, four times the default, so that a page which many batches change is
// copied once; that is also what a slow reader can make it keep.
const pragmas = `
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA wal_autocheckpoint = 4096;
PRAGMA journal_size_limit = 33554432;
`

// connector opens connections to one file.
type connector struct {
	driver *sqlite3.SQLiteDriver
	dsn    string
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c connector) Driver() driver.Driver                        { return c.driver }

// connect returns a pool of connections to the file, with parameters of the DSN
// and pragmas beside those that all have.
func connect(path string, more url.Values, extra string) *sql.DB {
	values := url.Values{
		"_busy_timeout": {"5000"}, "_foreign_keys": {"on"}, "_synchronous": {"FULL"},
		"_stmt_cache_size": {"40"},
	}
	maps.Copy(values, more)
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: values.Encode()}
	hook := func(c *sqlite3.SQLiteConn) error {
		_, err := c.Exec(pragmas+extra, nil)
		return err
	}
	return sql.OpenDB(connector{&sqlite3.SQLiteDriver{ConnectHook: hook}, file.String()})
}

func connectReaders(path string) *sql.DB {
	db := connect(path, url.Values{"mode": {"ro"}, "_query_only": {"on"}, "_cache_size": {"-4000"}}, "")
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	return db
}

func connectWriter(path string, maxBytes int64) *sql.DB {
	var extra string
	if maxBytes > 0 {
		extra = fmt.Sprintf("PRAGMA max_page_count = %d;", max(1, maxBytes/pageSize))
	}
	db := connect(path, url.Values{
		"_journal_mode": {"WAL"}, "_auto_vacuum": {"incremental"}, "_txlock": {"immediate"}, "_cache_size": {"-16000"},
	}, extra)
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	return db
}

const (
	pragmaApplication = `PRAGMA application_id`
	pragmaChanges     = `PRAGMA schema_version` // 0 in a file that never had a table
)

// inspect refuses a file that is not ours before anything could change it. One
// that does not exist or is empty is ours to make.
func inspect(ctx context.Context, path string) error {
	var magic [16]byte
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	n, err := io.ReadFull(f, magic[:])
	f.Close()
	switch {
	case err == io.EOF:
		return nil
	case err != nil && err != io.ErrUnexpectedEOF:
		return err
	case !bytes.Equal(magic[:n], []byte("SQLite format 3\x00")):
		return errors.New("is not a SQLite database; it was left as it is")
	}
	db := connectReaders(path)
	defer db.Close()
	var application, version, changes int64
	for pragma, into := range map[string]*int64{pragmaApplication: &application, pragmaVersion: &version, pragmaChanges: &changes} {
		if err := db.QueryRowContext(ctx, pragma).Scan(into); err != nil {
			return explain(err)
		}
	}
	if application != applicationID && (application != 0 || version != 0 || changes != 0) {
		return errors.New("is a SQLite database of another program; it was left as it is")
	}
	return newer(int(version))
}

// explain says in words what the commonest failures of SQLite mean.
func explain(err error) error {
	var failure sqlite3.Error
	if !errors.As(err, &failure) {
		return err
	}
	switch failure.Code {
	case sqlite3.ErrFull:
		return fmt.Errorf("no space left on the disk, or max_bytes reached: %w", err)
	case sqlite3.ErrReadonly:
		return fmt.Errorf("the file or its folder may not be written to: %w", err)
	case sqlite3.ErrCantOpen:
		return fmt.Errorf("the file, or one beside it, cannot be opened or made: is its folder there, and may it be written to? %w", err)
	case sqlite3.ErrNotADB, sqlite3.ErrCorrupt:
		return fmt.Errorf("the file is damaged: %w", err)
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return fmt.Errorf("another process holds the file: %w", err)
	}
	return err
}

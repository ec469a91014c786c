package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"observatoire/storage"
)

//go:embed schema/*.sql
var schema embed.FS

// migrations are the files of schema, in the order of their numbers, which are
// 1, 2, 3 and so on.
func migrations() ([]string, error) {
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		digits, _, _ := strings.Cut(strings.TrimPrefix(name, "schema/"), "_")
		if n, err := strconv.Atoi(digits); err != nil || n != i+1 {
			return nil, fmt.Errorf("%s: want number %04d", name, i+1)
		}
	}
	return names, nil
}

func newer(version int) error {
	names, err := migrations()
	if err != nil {
		return err
	}
	if version > len(names) {
		return fmt.Errorf("%w: its schema has version %d, this program knows %d; nothing was changed", storage.ErrNewer, version, len(names))
	}
	return nil
}

// migrate applies what is missing, one transaction for each migration.
func migrate(ctx context.Context, db *sql.DB) error {
	names, err := migrations()
	if err != nil {
		return err
	}
	for i, name := range names {
		if err := apply(ctx, db, name, i+1); err != nil {
			return fmt.Errorf("migration %s: %w", name, explain(err))
		}
	}
	return nil
}

const pragmaVersion = `PRAGMA user_version`

func apply(ctx context.Context, db *sql.DB, name string, number int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	// Read inside the transaction: another process may migrate at the same time.
	var version int
	if err := tx.QueryRow(pragmaVersion).Scan(&version); err != nil {
		return err
	}
	if err := newer(version); err != nil {
		return err
	}
	if version >= number {
		return nil
	}
	content, err := schema.ReadFile(name)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(string(content)); err != nil {
		return err
	}
	// Pragmas take no parameters.
	if _, err := tx.Exec(fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, number)); err != nil {
		return err
	}
	return tx.Commit()
}

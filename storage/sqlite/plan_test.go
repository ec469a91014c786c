package sqlite

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"observatoire/storage"
)

// TestPlans refuses a query that goes through a whole table: each constant of
// the package that is a query is explained by SQLite itself.
func TestPlans(t *testing.T) {
	store, err := SQLite{}.open(t.Context(), storage.Options{Dir: t.TempDir(), Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	queries := constantQueries(t)
	if len(queries) < 40 {
		t.Errorf("only %d queries were found", len(queries))
	}
	for name, query := range queries {
		rows, err := store.writer.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for rows.Next() {
			var (
				id, parent, unused int
				detail             string
			)
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(detail, "SCAN") && detail != "SCAN 20-ROW VALUES CLAUSE" {
				t.Errorf("%s: %s\n%s", name, detail, query)
			}
			if strings.Contains(detail, "TEMP B-TREE") && !strings.HasPrefix(name, "probeIncidents") {
				t.Errorf("%s: %s\n%s", name, detail, query)
			}
		}
		if err := rows.Err(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		rows.Close()
	}
}

var isQuery = regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE|WITH)\s.*\s(WHERE|VALUES|SET)\b`)

// constantQueries returns the package's constants that are whole queries, by
// name. A type check that knows no import still computes constants.
func constantQueries(t *testing.T) map[string]string {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	check := types.Config{Error: func(error) {}}
	pkg, _ := check.Check("sqlite", fset, parsed, nil)
	queries := map[string]string{}
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if !ok || c.Val().Kind() != constant.String {
			continue
		}
		text := constant.StringVal(c.Val())
		oneLine := strings.Join(strings.Fields(text), " ")
		if isQuery.MatchString(oneLine) && !strings.HasSuffix(oneLine, "VALUES") {
			queries[name] = text
		}
	}
	return queries
}

// TestSchema: from nothing, the migrations give tables that are all strict, and
// the file says whose it is.
func TestSchema(t *testing.T) {
	store, err := SQLite{}.open(t.Context(), storage.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	names, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	for pragma, want := range map[string]string{
		"application_id": "1329746774", "user_version": string(rune('0' + len(names))), "journal_mode": "wal", "synchronous": "2",
		"foreign_keys": "1", "trusted_schema": "0", "busy_timeout": "5000", "auto_vacuum": "2", "wal_autocheckpoint": "4096",
		"integrity_check": "ok",
	} {
		var got string
		if err := store.writer.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, want %s; %v", pragma, got, want, err)
		}
	}
	rows, err := store.reader.Query("SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	tables := 0
	for rows.Next() {
		var (
			name   string
			strict bool
		)
		if err := rows.Scan(&name, &strict); err != nil || !strict {
			t.Errorf("table %s: strict %t, %v", name, strict, err)
		}
		tables++
	}
	if tables < 9 {
		t.Errorf("%d tables", tables)
	}
	if _, err := store.reader.Exec("DELETE FROM state WHERE id = 1"); err == nil {
		t.Error("a reading connection can write")
	}
}

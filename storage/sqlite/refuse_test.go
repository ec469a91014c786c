package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
	"observatoire/storage"
	"observatoire/storage/sqlite"
)

func result(at time.Time) probes.Result {
	return probes.Result{Probe: "a/x", Vantage: "paris", Time: at, Period: time.Minute, Outcome: probes.Up}
}

var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

// sqlIn runs SQL in a file by other means than ours.
func sqlIn(t *testing.T, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		want string
		is   error
	}{
		"newer": {func(t *testing.T, path string) {
			closeDB(t, open(t, sqlite.SQLite{Path: path}, storage.Options{}))
			sqlIn(t, path, "PRAGMA user_version = 4711")
		}, "version 4711, this program knows 5", storage.ErrNewer},
		"of another program": {func(t *testing.T, path string) {
			sqlIn(t, path, "CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)")
		}, "another program", nil},
		"of another application": {func(t *testing.T, path string) {
			sqlIn(t, path, "PRAGMA application_id = 7; CREATE TABLE theirs (a)")
		}, "another program", nil},
		"garbage": {func(t *testing.T, path string) {
			write(t, path, bytes.Repeat([]byte("not a database\n"), 1000))
		}, "is not a SQLite database", nil},
		"short": {func(t *testing.T, path string) { write(t, path, []byte("x")) }, "is not a SQLite database", nil},
		"cut off": {func(t *testing.T, path string) {
			closeDB(t, open(t, sqlite.SQLite{Path: path}, storage.Options{}))
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path, content[:5000])
		}, "damaged", nil},
		"folder": {func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o755); err != nil {
				t.Fatal(err)
			}
		}, "is a directory", nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a b?c#d%.db")
			c.make(t, path)
			before, _ := os.ReadFile(path)
			_, err := sqlite.SQLite{Path: path}.Open(t.Context(), storage.Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), path+": ") {
				t.Fatalf("got  %v\nwant %s: … %s", err, path, c.want)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v is not %v", err, c.is)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestNoFolder(t *testing.T) {
	_, err := sqlite.SQLite{}.Open(t.Context(), storage.Options{Dir: filepath.Join(t.TempDir(), "none")})
	if err == nil || !strings.Contains(err.Error(), "is its folder there") {
		t.Errorf("got %v", err)
	}
}

// A file that was only begun, or is empty, is taken over.
func TestEmptyFile(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, sqlite.DefaultPath), nil)
	db := open(t, sqlite.SQLite{}, storage.Options{Dir: dir})
	defer closeDB(t, db)
	if err := db.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestFull(t *testing.T) {
	o := storage.Options{Dir: t.TempDir()}
	db := open(t, sqlite.SQLite{MaxBytes: 400 << 10}, o)
	kept := 0
	var err error
	for range 1000 {
		var batch []probes.Result
		for i := range 100 {
			r := result(noon.Add(time.Duration(kept+i) * time.Second))
			r.Outcome, r.Detail = probes.Down, fmt.Sprintf("%d %0200d", kept+i, 0)
			batch = append(batch, r)
		}
		if err = db.Record(t.Context(), batch); err != nil {
			break
		}
		kept += len(batch)
	}
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Fatalf("after %d results: %v", kept, err)
	}
	if n := count(t, db); n != kept {
		t.Errorf("%d results can be read, want the %d that were kept", n, kept)
	}
	if err := db.Close(); err != nil && !strings.Contains(err.Error(), "no space left") {
		t.Error(err)
	}
	// With room again all goes on, rollups included.
	again := open(t, sqlite.SQLite{}, o)
	defer closeDB(t, again)
	if err := again.Record(t.Context(), []probes.Result{result(noon.AddDate(0, 0, 1))}); err != nil {
		t.Fatal(err)
	}
	var rolled int64
	for r, err := range again.Rollups(t.Context(), storage.Query{Resolution: storage.Hour}) {
		if err != nil {
			t.Fatal(err)
		}
		rolled += r.Counts.Up.N + r.Counts.Down.N
	}
	if n := count(t, again); n != kept+1 || rolled != int64(n) {
		t.Errorf("%d results, %d in rollups; want %d", n, rolled, kept+1)
	}
}

func count(t *testing.T, store storage.Store) int {
	t.Helper()
	n := 0
	for _, err := range store.Results(t.Context(), storage.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestZoneChanged(t *testing.T) {
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	o := storage.Options{Dir: t.TempDir(), Zone: zone("Europe/Paris")}
	db := open(t, sqlite.SQLite{}, o)
	var batch []probes.Result
	for i := range 60 {
		batch = append(batch, result(noon.Add(time.Duration(i)*time.Hour)))
	}
	if err := db.Record(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	closeDB(t, db)

	o.Zone = zone("Asia/Kolkata") // half an hour off
	if _, err := (sqlite.SQLite{}).Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "set the time zone back") ||
		!strings.Contains(err.Error(), "Europe/Paris") {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"Pacific/Auckland", "America/Martinique", "Europe/Paris"} {
		o.Zone = zone(name)
		db := open(t, sqlite.SQLite{}, o)
		want := map[int64]int64{}
		for _, r := range batch {
			want[storage.Day.Start(r.Time, o.Zone).Unix()]++
		}
		for r, err := range db.Rollups(t.Context(), storage.Query{Resolution: storage.Day}) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Counts.Up.N != want[r.Start.Unix()] {
				t.Errorf("%s: day %s counts %d, want %d", name, r.Start, r.Counts.Up.N, want[r.Start.Unix()])
			}
			delete(want, r.Start.Unix())
		}
		if len(want) > 0 {
			t.Errorf("%s: %d days are missing", name, len(want))
		}
		closeDB(t, db)
	}
}

// What is pruned is given back to the disk.
func TestFileShrinks(t *testing.T) {
	o := storage.Options{Dir: t.TempDir(), Retention: storage.Retention{Raw: time.Hour, FiveMinutes: time.Hour}}
	db := open(t, sqlite.SQLite{}, o)
	var batch []probes.Result
	for i := range 40_000 {
		batch = append(batch, result(noon.Add(time.Duration(i)*time.Minute)))
	}
	if err := db.Record(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	size := func() int64 {
		closeDB(t, db)
		info, err := os.Stat(filepath.Join(o.Dir, sqlite.DefaultPath))
		if err != nil {
			t.Fatal(err)
		}
		db = open(t, sqlite.SQLite{}, o)
		return info.Size()
	}
	before := size()
	if err := db.Prune(t.Context(), noon.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if after := size(); after > before/3 {
		t.Errorf("%d bytes after pruning, %d before", after, before)
	}
	closeDB(t, db)
}

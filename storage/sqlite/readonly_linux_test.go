package sqlite_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"observatoire/storage"
	"observatoire/storage/sqlite"
)

func TestReadOnly(t *testing.T) {
	for name, c := range map[string]struct {
		mode, folder os.FileMode
		want         string
	}{
		"file":   {0o444, 0o777, "the file or its folder may not be written to"},
		"folder": {0o666, 0o555, "the file or its folder may not be written to"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "readonly")
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, sqlite.DefaultPath)
			closeDB(t, open(t, sqlite.SQLite{Path: path}, storage.Options{}))
			t.Cleanup(func() {
				os.Chmod(dir, 0o755)
				os.RemoveAll(dir)
			})
			for file, mode := range map[string]os.FileMode{path: c.mode, dir: c.folder} {
				if err := os.Chmod(file, mode); err != nil {
					t.Fatal(err)
				}
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			err = asNobody(func() error {
				_, err := sqlite.SQLite{Path: path}.Open(t.Context(), storage.Options{})
				return err
			})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want … %s", err, c.want)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file was changed")
			}
		})
	}
}

// asNobody runs fn with the rights on files of a user who owns none; root may
// write to everything.
func asNobody(fn func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if os.Geteuid() == 0 {
			if err := syscall.Setfsuid(65534); err != nil {
				done <- err
				return
			}
		}
		done <- fn()
	}()
	return <-done
}

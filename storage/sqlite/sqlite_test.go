package sqlite_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"observatoire/storage"
	"observatoire/storage/sqlite"
	"observatoire/storage/storagetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerDir); dir != "" {
		fmt.Println(writeForEver(dir))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

func TestEngine(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, o storage.Options) storagetest.Engine { return open(t, sqlite.SQLite{}, o) })
}

func open(t testing.TB, s sqlite.SQLite, o storage.Options) *sqlite.DB {
	t.Helper()
	store, err := s.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return store.(*sqlite.DB)
}

func closeDB(t testing.TB, db storage.Store) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

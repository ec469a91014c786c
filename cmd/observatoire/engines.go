package main

import (
	"observatoire/alerts"
	"observatoire/storage"
	"observatoire/storage/sqlite"
)

// engine is what an engine's store must do for the program: keep the series,
// and keep the alerts beside them.
type engine interface {
	storage.Store
	alerts.Ledger
	alerts.Outbox
}

// engines returns the storage engines by kind.
func engines() map[string]func() storage.Opener {
	return map[string]func() storage.Opener{
		"sqlite": func() storage.Opener { return &sqlite.SQLite{Path: sqlite.DefaultPath} },
	}
}

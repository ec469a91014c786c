package alerts_test

import (
	"context"
	"fmt"

	"github.com/rs/zerolog"

	"observatoire/alerts"
	"observatoire/slo"
)

// printer is a channel that prints titles.
type printer struct{ printed chan struct{} }

func (p printer) Notify(_ context.Context, _ string, a alerts.Alert) (retry bool, err error) {
	title, _ := alerts.Message(a, "en")
	fmt.Println(title)
	p.printed <- struct{}{}
	return false, nil
}

func Example() {
	books := newBooks() // in its place a program has the ledger and the outbox of its storage engine
	ops := printer{make(chan struct{})}
	engine := alerts.New(alerts.Options{
		Ledger: books, Outbox: books, Log: zerolog.Nop(),
		Channels:  []alerts.Channel{{Name: "ops", Notifier: ops}},
		Snapshots: always(snapshot(0, availability(0.9812, slo.Weak, nil))),
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- engine.Run(ctx) }()
	<-ops.printed
	stop()
	<-done
	// Output: [Weak level] API Géo: availability 98.12%, threshold of 98.5% not reached
}

package demo_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"observatoire/demo"
)

func ExampleStart() {
	s, err := demo.Start(context.Background(), zerolog.Nop())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	fmt.Println(strings.Contains(s.Config(), "API Communes (simulée)"))
	// Output: true
}

func ExampleHistory() {
	series := []demo.Series{{Probe: "communes/par-code", Vantage: "demonstration"}}
	to := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	from := to.Add(-24 * time.Hour)
	n := 0
	for batch := range demo.History(series, from, to, time.UTC) {
		n += len(batch)
	}
	fmt.Println(n, demo.Steps(series, from, to))
	// Output: 95 95
}

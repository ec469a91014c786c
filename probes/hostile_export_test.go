package probes

import (
	"context"
	"net"
)

// ObserveBy makes the exchange of an HTTP prober with names looked up by the
// resolver at the address, in place of the system's.
func ObserveBy(ctx context.Context, resolver string, h *HTTP, from *Vantage) (Observation, error) {
	if err := h.Validate(); err != nil {
		return Observation{}, err
	}
	x := newExchange(h, from)
	x.dialer.Resolver.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return askResolver(ctx, network, resolver)
	}
	fault := x.run(ctx)
	x.observed.Phases = x.phases()
	if fault != nil {
		return x.observed, fault
	}
	return x.observed, nil
}

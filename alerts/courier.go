package alerts

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/rs/zerolog"
)

// Grace is how long an attempt in flight may still take once the engine stops.
const Grace = 5 * time.Second

// How deliveries are tried.
const (
	attemptDeadline = 30 * time.Second
	shortestBackOff = 1250 * time.Millisecond // ± a fifth: 1 s at least
	longestBackOff  = 500 * time.Second       // ± a fifth: 10 min at most
	lifetime        = 3 * 24 * time.Hour      // of an alert on its way; then it is given up
	leastAttempts   = 10                      // before it is given up, for the program may have been stopped meanwhile
	lookAhead       = 1000                    // deliveries read at once
	idle            = time.Minute             // between two looks at an outbox that seems empty
	storeAgain      = 5 * time.Second         // after a fault of the outbox
)

// courier delivers to one channel. It has one goroutine, so that a channel
// that hangs delays no other.
type courier struct {
	Channel
	outbox  Outbox
	meter   Meter
	log     zerolog.Logger
	wake    chan struct{}
	unsaved map[int64]Delivery // outcomes that the outbox did not take yet
}

func newCourier(c Channel, o Options) *courier {
	return &courier{
		Channel: c, outbox: o.Outbox, meter: o.Meter,
		log:  o.Log.With().Str("channel", c.Name).Logger(),
		wake: make(chan struct{}, 1), unsaved: make(map[int64]Delivery),
	}
}

// awaken makes the courier look at the outbox. It never blocks.
func (c *courier) awaken() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *courier) run(ctx context.Context) {
	for ctx.Err() == nil {
		timer := time.NewTimer(c.round(ctx))
		select {
		case <-ctx.Done():
		case <-c.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// round tries what is due and returns the time until something else will be.
// What waits is read with what is due, for two reasons: it tells when to look
// again, and the end of a breach must not overtake its beginning.
func (c *courier) round(ctx context.Context) time.Duration {
	next := idle
	if !c.save(ctx) {
		next = storeAgain
	}
	list, err := c.waiting(ctx)
	if err != nil {
		if ctx.Err() == nil {
			c.log.Error().Err(err).Msg("the outbox is read again later")
		}
		return storeAgain
	}
	left := len(list)
	behind := make(map[string]bool) // keys of which a delivery waits
	for _, d := range list {
		if ctx.Err() != nil {
			return next
		}
		if behind[d.Alert.Key] {
			continue
		}
		if time.Until(d.Next) <= 0 {
			d = c.attempt(ctx, d)
			c.unsaved[d.ID] = d
			if !c.save(ctx) {
				next = min(next, storeAgain)
			}
		}
		if d.Status == Waiting {
			behind[d.Alert.Key] = true
			next = min(next, max(0, time.Until(d.Next)))
			continue
		}
		left--
		c.meter.Waiting(c.Name, left)
	}
	if len(list) == lookAhead && left < lookAhead {
		return 0 // there may be more
	}
	return next
}

// waiting returns the deliveries that are not settled, oldest first.
func (c *courier) waiting(ctx context.Context) ([]Delivery, error) {
	ctx, cancel := context.WithTimeout(ctx, storeDeadline)
	defer cancel()
	list, err := c.outbox.Due(ctx, c.Name, time.Now().Add(2*longestBackOff), lookAhead)
	if err != nil {
		return nil, fmt.Errorf("read what is to be delivered: %w", err)
	}
	for i, d := range list {
		if known, ok := c.unsaved[d.ID]; ok {
			list[i] = known
		}
	}
	list = slices.DeleteFunc(list, func(d Delivery) bool { return d.Status != Waiting })
	slices.SortStableFunc(list, func(a, b Delivery) int { return cmp.Compare(a.ID, b.ID) })
	c.meter.Waiting(c.Name, len(list))
	return list, nil
}

// attempt tries one delivery and returns it with its outcome.
func (c *courier) attempt(ctx context.Context, d Delivery) Delivery {
	try, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptDeadline)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(Grace, cancel) })()

	retry, err := c.Notifier.Notify(try, idempotencyID(d), d.Alert)
	if err != nil && retry && ctx.Err() != nil {
		return d // we are stopping: not the channel's fault
	}
	d.Attempts++
	c.meter.Attempted(c.Name, err == nil)
	log := c.log.With().Str("alert", d.Alert.Key).Str("state", string(d.Alert.State)).Int("attempts", d.Attempts).Logger()
	if err == nil {
		d.Status, d.Error = Delivered, ""
		log.Info().Msg("alert delivered")
		return d
	}
	d.Error = clean(err.Error(), maxError)
	if !retry || d.Attempts >= leastAttempts && time.Since(d.Alert.Time) >= lifetime {
		d.Status = GivenUp
		log.Error().Str("error", d.Error).Msg("alert given up")
		return d
	}
	wait := backOff(d.Attempts)
	d.Next = time.Now().Add(wait)
	log.Warn().Str("error", d.Error).Dur("again_in", wait).Msg("alert not delivered")
	return d
}

// save hands the outbox every outcome that it does not have yet, even while the
// engine stops: an outcome that is not kept is a message sent twice.
func (c *courier) save(ctx context.Context) bool {
	for id, d := range c.unsaved {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Grace)
		err := c.outbox.Settle(ctx, d)
		cancel()
		if err != nil {
			c.log.Error().Err(err).Str("alert", d.Alert.Key).Msg("outcome of a delivery is kept later")
			return false
		}
		delete(c.unsaved, id)
	}
	return true
}

// backOff returns the time to wait after so many attempts: doubled each time,
// with jitter of a fifth.
func backOff(attempts int) time.Duration {
	wait := longestBackOff
	if attempts < 10 {
		wait = min(wait, shortestBackOff<<(attempts-1))
	}
	return time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
}

// idempotencyID returns what identifies a delivery however often it is tried,
// also where a new database counts its deliveries from one again.
func idempotencyID(d Delivery) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", d.Alert.Key, d.Alert.State, d.Alert.Start.UnixNano()))
	return fmt.Sprintf("%d-%x", d.ID, sum[:8])
}

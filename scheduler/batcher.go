package scheduler

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"observatoire/probes"
)

const (
	batchSize   = 1000                   // most results in a batch
	batchAge    = 200 * time.Millisecond // most time that a result waits for others
	bufferSize  = 100_000                // most results kept while the sink fails
	evidentSize = 4 * batchSize          // most of them with their evidence, which is large
	firstDelay  = 100 * time.Millisecond // before the sink is tried again; doubled each time
	maxDelay    = 30 * time.Second
	recordBound = 30 * time.Second // for one call of the sink
)

// batcher hands results to the sink, batch by batch, in the order in which they
// came. While the sink fails it keeps them, up to a bound.
type batcher struct {
	sink   Sink
	meter  Meter
	queues QueueMeter
	log    zerolog.Logger

	ctx     context.Context // of the sink; outlives the caller's
	cancel  context.CancelFunc
	wake    chan struct{} // a first or a full batch is there
	closing chan struct{} // closed: no more results come

	mu       sync.Mutex
	queue    []probes.Result // oldest first
	since    time.Time       // the first of the queue came then or later
	batch    []probes.Result // in hand, older than the queue; nil between two
	handed   bool            // the sink has the batch just now
	lost     int             // results given up in this episode of failures
	delay    time.Duration   // before the next try; belongs to run, like failing
	failing  bool
	finalEnd *time.Timer
}

func newBatcher(ctx context.Context, o Options) *batcher {
	b := &batcher{
		sink: o.Sink, meter: o.Meter, queues: queueMeter(o.Meter), log: o.Log,
		wake: make(chan struct{}, 1), closing: make(chan struct{}), delay: firstDelay,
	}
	b.ctx, b.cancel = context.WithCancel(ctx)
	return b
}

// add takes a result. It never waits for the sink: at the bound it gives up the
// oldest results that the sink does not have in hand.
func (b *batcher) add(r probes.Result) {
	b.mu.Lock()
	lost := 0
	if len(b.batch)+len(b.queue) >= bufferSize {
		lost = b.giveUp()
	}
	if len(b.batch)+len(b.queue) >= evidentSize {
		r.Evidence = nil
	}
	b.queue = append(b.queue, r)
	if len(b.queue) == 1 {
		b.since = time.Now()
	}
	wake := len(b.queue) == 1 || len(b.queue) == batchSize
	buffered, first := len(b.batch)+len(b.queue), lost > 0 && b.lost == lost
	b.mu.Unlock()

	if wake {
		select {
		case b.wake <- struct{}{}:
		default:
		}
	}
	b.queues.Buffered(buffered)
	if lost > 0 {
		b.meter.Lost(lost, overflow)
	}
	if first {
		b.log.Error().Int("kept", bufferSize).Msg("results given up, oldest first: the sink failed for too long")
	}
}

// giveUp makes room and returns how many results that cost. b.mu is held.
func (b *batcher) giveUp() int {
	lost := 1
	if len(b.batch) > 0 && !b.handed {
		lost, b.batch = len(b.batch), nil
	} else {
		b.queue[0] = probes.Result{}
		b.queue = b.queue[1:]
	}
	b.lost += lost
	return lost
}

// close makes run end when all results are with the sink, or after the bound.
func (b *batcher) close(bound time.Duration) {
	b.finalEnd = time.AfterFunc(bound, b.cancel)
	close(b.closing)
}

// run hands batches to the sink until the batcher is closed and empty, or its
// last bound is over.
func (b *batcher) run() {
	for b.fill() {
		b.deliver()
	}
	b.cancel()
	b.finalEnd.Stop()
	if left := b.buffered(); left > 0 {
		b.meter.Lost(left, overflow)
		b.log.Error().Int("lost", left).Msg("results given up: the sink failed until the end")
	}
}

// fill waits for a batch; false means that none will come, or that it is too late.
func (b *batcher) fill() bool {
	timer := time.NewTimer(batchAge)
	defer timer.Stop()
	for {
		closed := isClosed(b.closing)
		wait, ok := b.take(closed)
		switch {
		case b.ctx.Err() != nil:
			return false
		case ok:
			return true
		case closed:
			return false
		}
		timer.Reset(wait)
		select {
		case <-b.wake:
		case <-b.closing:
		case <-timer.C:
		}
	}
}

// take takes a batch in hand when one is full, old enough or the last. If not,
// it returns how long to wait for that.
func (b *batcher) take(last bool) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.queue), batchSize)
	if n == 0 {
		return maxWait, false
	}
	age := time.Since(b.since)
	if n < batchSize && age < batchAge && !last {
		return batchAge - age, false
	}
	b.batch = slices.Clone(b.queue[:n])
	clear(b.queue[:n])
	b.queue = b.queue[n:]
	if len(b.queue) == 0 {
		b.queue = nil // give back what a long failure took
	}
	return 0, true
}

// deliver hands the batch to the sink until the sink takes it, the batch is
// given up, or the last bound is over.
func (b *batcher) deliver() {
	closing := b.closing
	timer := time.NewTimer(0)
	defer timer.Stop()
	for b.ctx.Err() == nil {
		batch := b.hand()
		if batch == nil {
			return
		}
		start := time.Now()
		err := b.record(batch)
		b.settle(err == nil)
		if err == nil {
			b.meter.Stored(len(batch), time.Since(start))
			b.recovered()
			return
		}
		if !b.failing {
			b.log.Error().Err(err).Int("results", len(batch)).Msg("results not stored: they are kept and tried again")
		}
		b.failing = true
		timer.Reset(b.delay)
		b.delay = min(2*b.delay, maxDelay)
		select {
		case <-timer.C:
		case <-closing: // try once more at once, then as before
			closing, b.delay = nil, firstDelay
		case <-b.ctx.Done():
		}
	}
}

func (b *batcher) record(batch []probes.Result) error {
	ctx, cancel := context.WithTimeout(b.ctx, recordBound)
	defer cancel()
	return b.sink.Record(ctx, batch)
}

// hand returns the batch for the sink; nil when it was given up meanwhile.
func (b *batcher) hand() []probes.Result {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.handed = b.batch != nil
	return b.batch
}

func (b *batcher) settle(stored bool) {
	b.mu.Lock()
	b.handed = false
	if stored {
		b.batch = nil
	}
	b.mu.Unlock()
	b.queues.Buffered(b.buffered())
}

// recovered ends an episode of failures.
func (b *batcher) recovered() {
	b.delay = firstDelay
	b.mu.Lock()
	lost := b.lost
	b.lost = 0
	b.mu.Unlock()
	if b.failing || lost > 0 {
		b.log.Info().Int("lost", lost).Msg("results are stored again")
	}
	b.failing = false
}

func (b *batcher) buffered() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.batch) + len(b.queue)
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

package storage

import (
	"math"
	"math/bits"
	"time"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"
)

// Accuracy is the relative error of a quantile that a sketch gives.
const Accuracy = 0.01

// Summary sums up many durations: exactly, but for the distribution.
type Summary struct {
	N             int64
	Sum, Min, Max time.Duration      // Sum stops at the longest Duration (292 years: a few old ages); Mean does not
	Sketch        *ddsketch.DDSketch // of seconds, relative error 1 %; nil when not kept

	hi, lo uint64 // the sum in nanoseconds, where Sum has stopped
}

// The mapping of all sketches; it cannot fail for our accuracy, and is never changed.
var logarithmic, _ = mapping.NewLogarithmicMapping(Accuracy)

// NewSketch returns an empty sketch for durations in seconds. Its store is a
// dense one, which many may read at once; the buffered ones sort while they are
// read. No duration is negative, so the second store stays empty.
func NewSketch() *ddsketch.DDSketch {
	return ddsketch.NewDDSketch(logarithmic, store.NewDenseStore(), store.NewDenseStore())
}

// Add adds one duration; a negative one counts as zero.
func (s *Summary) Add(d time.Duration) {
	d = max(0, d)
	if s.N == 0 {
		s.Min, s.Max = d, d
	} else {
		s.Min, s.Max = min(s.Min, d), max(s.Max, d)
	}
	s.N++
	s.addSum(0, uint64(d))
	if s.Sketch != nil {
		// It refuses only what no Duration can be.
		_ = s.Sketch.Add(d.Seconds())
	}
}

// Merge adds what o sums up. The distribution is kept only when both have it.
func (s *Summary) Merge(o Summary) {
	if o.N == 0 {
		return
	}
	switch {
	case o.Sketch == nil:
		s.Sketch = nil
	case s.N == 0 && s.Sketch == nil:
		s.Sketch = o.Sketch.Copy()
	case s.Sketch != nil:
		if s.Sketch.MergeWith(o.Sketch) != nil {
			s.Sketch = nil // of another accuracy: not ours
		}
	}
	if s.N == 0 {
		s.Min, s.Max = o.Min, o.Max
	} else {
		s.Min, s.Max = min(s.Min, o.Min), max(s.Max, o.Max)
	}
	s.N += o.N
	s.addSum(o.sum())
}

// Mean returns the mean; zero when nothing was measured.
func (s Summary) Mean() time.Duration {
	if s.N <= 0 {
		return 0
	}
	hi, lo := s.sum()
	if hi >= uint64(s.N) {
		return s.Max
	}
	mean, _ := bits.Div64(hi, lo, uint64(s.N))
	return time.Duration(min(mean, math.MaxInt64))
}

// Quantile returns the duration that a share q of the durations do not exceed
// (nearest rank), with a relative error of at most [Accuracy]; the least and the
// greatest are exact. It is false when the distribution is not known or q is
// not in 0 to 1.
func (s Summary) Quantile(q float64) (time.Duration, bool) {
	if s.N <= 0 || s.Sketch == nil || !(q >= 0 && q <= 1) {
		return 0, false
	}
	// The small subtrahend undoes what multiplication adds: 0.07 × 100 > 7.
	rank := int64(math.Ceil(q*float64(s.N)-1e-9)) - 1
	switch zero := s.Sketch.GetZeroCount(); {
	case rank <= 0:
		return s.Min, true
	case rank >= s.N-1:
		return s.Max, true
	case float64(rank) < zero:
		return s.Min, true
	default:
		key := s.Sketch.GetPositiveValueStore().KeyAtRank(float64(rank) - zero)
		d := time.Duration(math.Round(s.Sketch.Value(key) * float64(time.Second)))
		return min(max(d, s.Min), s.Max), true
	}
}

// sum returns the sum in nanoseconds as 128 bits.
func (s *Summary) sum() (hi, lo uint64) {
	if s.hi == 0 && s.lo == 0 {
		return 0, uint64(max(0, s.Sum))
	}
	return s.hi, s.lo
}

func (s *Summary) addSum(hi, lo uint64) {
	ourHi, ourLo := s.sum()
	lo, carry := bits.Add64(ourLo, lo, 0)
	s.setSum(ourHi+hi+carry, lo)
}

func (s *Summary) setSum(hi, lo uint64) {
	if hi == 0 && lo < math.MaxInt64 {
		s.Sum, s.hi, s.lo = time.Duration(lo), 0, 0
		return
	}
	s.Sum, s.hi, s.lo = math.MaxInt64, hi, lo
}

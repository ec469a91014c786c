package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/DataDog/sketches-go/ddsketch"

	"observatoire/slo"
)

// The figures of a rollup are its counts and measures in as few bytes as an
// engine can keep them in. All numbers are varints:
//
//	version, flags, a mask of the tallies that are not zero, each as N and time
//	a mask of the measures that are not empty, each as
//	    N, sum, and with N > 1 min, max - min
//	    and, where there is a sketch and N > 2, its bins
//
// With one or two durations the sketch follows from the least and the greatest.
const figuresVersion = 1

// The flags of figures.
const (
	inMicroseconds = 1 << iota // durations of measures are in microseconds, else nanoseconds
	inMilliseconds             // times of tallies are in milliseconds, else nanoseconds
	bigSums                    // sums are followed by their upper 64 bits
	knownFlags     = 1<<iota - 1
)

// Bounds of what is decoded. No sound sketch of durations has a bin outside:
// they span a nanosecond to 292 years in steps of 2 %.
const (
	maxBin = 1200
	minBin = -1200
	maxN   = 1 << 40
)

var errFigures = errors.New("the figures of a rollup are damaged")

// AppendFigures appends the rollup's counts and measures. Probe, vantage,
// resolution and start are the engine's key and no part of it.
func (r *Rollup) AppendFigures(dst []byte) []byte {
	flags := r.flags()
	dst = append(dst, figuresVersion, flags)
	unit := uint64(time.Nanosecond)
	if flags&inMilliseconds != 0 {
		unit = uint64(time.Millisecond)
	}
	dst = appendTallies(dst, &r.Counts, unit)

	var mask, sketches uint64
	for m := range r.Measures {
		if s := &r.Measures[m]; s.N > 0 {
			mask |= 1 << m
			if s.Sketch != nil {
				sketches |= 1 << m
			}
		}
	}
	dst = binary.AppendUvarint(dst, mask)
	dst = binary.AppendUvarint(dst, sketches)
	for m := range r.Measures {
		if r.Measures[m].N > 0 {
			dst = r.Measures[m].append(dst, flags)
		}
	}
	return dst
}

func (r *Rollup) flags() byte {
	flags := byte(inMicroseconds | inMilliseconds)
	for _, t := range tallies(&r.Counts) {
		if t.Time%time.Millisecond != 0 {
			flags &^= inMilliseconds
		}
	}
	for m := range r.Measures {
		s := &r.Measures[m]
		if s.hi != 0 || s.lo != 0 {
			flags |= bigSums
		}
		if s.Sum%time.Microsecond != 0 || s.Min%time.Microsecond != 0 || s.Max%time.Microsecond != 0 {
			flags &^= inMicroseconds
		}
	}
	if flags&bigSums != 0 {
		flags &^= inMicroseconds
	}
	return flags
}

func tallies(c *slo.Counts) [6]*slo.Tally {
	return [...]*slo.Tally{&c.Up, &c.Degraded, &c.Down, &c.Unknown, &c.Maintenance, &c.MaintenanceDown}
}

func appendTallies(dst []byte, c *slo.Counts, unit uint64) []byte {
	all := tallies(c)
	var mask uint64
	for i, t := range all {
		if *t != (slo.Tally{}) {
			mask |= 1 << i
		}
	}
	dst = binary.AppendUvarint(dst, mask)
	for _, t := range all {
		if *t != (slo.Tally{}) {
			dst = binary.AppendUvarint(dst, uint64(t.N))
			dst = binary.AppendUvarint(dst, uint64(max(0, t.Time))/unit)
		}
	}
	return dst
}

func (s *Summary) append(dst []byte, flags byte) []byte {
	unit := uint64(time.Nanosecond)
	if flags&inMicroseconds != 0 {
		unit = uint64(time.Microsecond)
	}
	dst = binary.AppendUvarint(dst, uint64(s.N))
	hi, lo := s.sum()
	dst = binary.AppendUvarint(dst, lo/unit)
	if flags&bigSums != 0 {
		dst = binary.AppendUvarint(dst, hi)
	}
	if s.N > 1 {
		dst = binary.AppendUvarint(dst, uint64(s.Min)/unit)
		dst = binary.AppendUvarint(dst, uint64(s.Max-s.Min)/unit)
	}
	if s.N > 2 && s.Sketch != nil {
		dst = appendBins(dst, s.Sketch)
	}
	return dst
}

// appendBins appends the zero count and the bins in the order of their index:
// how far each is from the one before it and, in the lowest bit, whether it
// holds more than one, followed by how many then. The stores of our sketches
// are dense: they give each bin once and in order.
func appendBins(dst []byte, sketch *ddsketch.DDSketch) []byte {
	bins := sketch.GetPositiveValueStore()
	var n uint64
	bins.ForEach(func(int, float64) bool {
		n++
		return false
	})
	dst = binary.AppendUvarint(dst, uint64(sketch.GetZeroCount()))
	dst = binary.AppendUvarint(dst, n)
	last := minBin - 1
	bins.ForEach(func(index int, count float64) bool {
		step := uint64(index-last-1) << 1
		last = index
		if count == 1 {
			dst = binary.AppendUvarint(dst, step)
			return false
		}
		dst = binary.AppendUvarint(dst, step|1)
		dst = binary.AppendUvarint(dst, uint64(count))
		return false
	})
	return dst
}

// DecodeFigures sets the rollup's counts and measures to what
// [Rollup.AppendFigures] appended, which must be all of src. Damaged bytes are
// an error and cost no more memory than sound ones.
func (r *Rollup) DecodeFigures(src []byte) error {
	d := decoder{rest: src}
	if version := d.byte(); d.err == nil && version != figuresVersion {
		return fmt.Errorf("the figures of a rollup have version %d; this program knows %d", version, figuresVersion)
	}
	flags := d.byte()
	if flags&^byte(knownFlags) != 0 {
		return errFigures
	}
	r.Counts = slo.Counts{}
	r.Measures = [Measures]Summary{}
	d.tallies(&r.Counts, flags)
	mask, sketches := d.uvarint(1<<Measures-1), d.uvarint(1<<Measures-1)
	for m := range r.Measures {
		if mask&(1<<m) != 0 {
			d.summary(&r.Measures[m], flags, sketches&(1<<m) != 0)
		}
	}
	if d.err == nil && len(d.rest) > 0 {
		d.err = errFigures
	}
	return d.err
}

// decoder takes figures apart; its first error stays and all reads after it give zero.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) fail() uint64 {
	d.err, d.rest = errFigures, nil
	return 0
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		return byte(d.fail())
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *decoder) uvarint(limit uint64) uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 || v > limit {
		return d.fail()
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) duration(unit time.Duration) time.Duration {
	return time.Duration(d.uvarint(math.MaxInt64/uint64(unit))) * unit
}

func (d *decoder) tallies(c *slo.Counts, flags byte) {
	unit := time.Nanosecond
	if flags&inMilliseconds != 0 {
		unit = time.Millisecond
	}
	all := tallies(c)
	mask := d.uvarint(1<<len(all) - 1)
	for i, t := range all {
		if mask&(1<<i) != 0 {
			*t = slo.Tally{N: int64(d.uvarint(maxN)), Time: d.duration(unit)}
		}
	}
}

func (d *decoder) summary(s *Summary, flags byte, sketched bool) {
	unit := time.Nanosecond
	if flags&inMicroseconds != 0 {
		unit = time.Microsecond
	}
	s.N = int64(d.uvarint(maxN))
	if s.N == 0 {
		d.fail()
		return
	}
	if flags&bigSums != 0 {
		lo := d.uvarint(math.MaxUint64)
		s.setSum(d.uvarint(maxN), lo)
	} else {
		s.Sum = d.duration(unit)
	}
	s.Min, s.Max = s.Sum, s.Sum
	if s.N > 1 {
		s.Min = d.duration(unit)
		s.Max = d.duration(unit)
		if s.Max > math.MaxInt64-s.Min {
			d.fail()
			return
		}
		s.Max += s.Min
	}
	if sketched && d.err == nil {
		s.Sketch = d.sketch(s)
	}
}

func (d *decoder) sketch(s *Summary) *ddsketch.DDSketch {
	sketch := NewSketch()
	if s.N <= 2 {
		_ = sketch.Add(s.Min.Seconds())
		if s.N == 2 {
			_ = sketch.Add(s.Max.Seconds())
		}
		return sketch
	}
	zero := d.uvarint(uint64(s.N))
	if zero > 0 {
		_ = sketch.AddWithCount(0, float64(zero))
	}
	bins := sketch.GetPositiveValueStore()
	index, total := minBin-1, zero
	for range d.uvarint(maxBin - minBin + 1) {
		step := d.uvarint(2 * (maxBin - minBin + 1))
		count := uint64(1)
		if step&1 != 0 {
			count = d.uvarint(uint64(s.N))
		}
		index += int(step>>1) + 1
		total += count
		if d.err != nil || count == 0 || index > maxBin {
			d.fail()
			return nil
		}
		bins.AddWithCount(index, float64(count))
	}
	if d.err != nil || total != uint64(s.N) {
		d.fail()
		return nil
	}
	return sketch
}

package storage_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"observatoire/probes"
	"observatoire/storage"
)

func rollupOf(n int) storage.Rollup {
	random := rand.New(rand.NewPCG(1, 2))
	var r storage.Rollup
	for i := range n {
		wait := time.Duration(100e3*(1+random.ExpFloat64())) * time.Microsecond
		r.Add(probes.Result{
			Outcome: probes.Outcome(1 + i%2), Period: time.Minute, Time: time.Unix(1.8e9, 0), DataTime: time.Unix(1.7e9, 0),
			Phases: probes.Phases{DNS: 1000, Connect: 2 * time.Millisecond, Wait: wait},
		})
	}
	return r
}

func TestFigures(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 60, 1440} {
		want := rollupOf(n)
		encoded := want.AppendFigures([]byte("before"))
		encoded = encoded[len("before"):]
		var got storage.Rollup
		if err := got.DecodeFigures(encoded); err != nil {
			t.Fatalf("%d: %v", n, err)
		}
		if got.Counts != want.Counts {
			t.Errorf("%d: counts %+v, want %+v", n, got.Counts, want.Counts)
		}
		for m := range storage.Measures {
			g, w := got.Measures[m], want.Measures[m]
			for _, q := range []float64{0, 0.5, 0.9, 0.99, 1} {
				a, okA := g.Quantile(q)
				b, okB := w.Quantile(q)
				if a != b || okA != okB {
					t.Errorf("%d: %s: quantile %g: %s, want %s", n, m, q, a, b)
				}
			}
			g.Sketch, w.Sketch = nil, nil
			if g != w {
				t.Errorf("%d: %s: %+v, want %+v", n, m, g, w)
			}
		}
		if again := got.AppendFigures(nil); !bytes.Equal(again, encoded) {
			t.Errorf("%d: encoded again it differs", n)
		}
		t.Logf("%d results: %d bytes", n, len(encoded))
	}
	if one := rollupOf(60); len(one.AppendFigures(nil)) > 320 {
		t.Errorf("60 results take %d bytes", len(one.AppendFigures(nil)))
	}
}

func TestFiguresOfAnotherVersion(t *testing.T) {
	var r storage.Rollup
	for name, src := range map[string][]byte{
		"empty": {}, "version": {9, 0, 0, 0, 0}, "flag": {1, 0x80, 0, 0, 0}, "short": {1, 0}, "long": {1, 0, 0, 0, 0, 0},
		"many bins": append([]byte{1, 0, 0, 0x81, 0x80, 0}, bytes.Repeat([]byte{0xff}, 40)...),
	} {
		if r.DecodeFigures(src) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzFigures(f *testing.F) {
	for _, n := range []int{0, 1, 3, 60} {
		r := rollupOf(n)
		f.Add(r.AppendFigures(nil))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		var r storage.Rollup
		if r.DecodeFigures(src) != nil {
			return
		}
		// What decodes can be used and keeps what it says.
		for m := range storage.Measures {
			s := r.Measures[m]
			if d, ok := s.Quantile(0.5); ok && (d < s.Min || d > s.Max) {
				t.Errorf("%s: median %s outside %s to %s", m, d, s.Min, s.Max)
			}
			if s.Mean() < 0 {
				t.Errorf("%s: mean %s", m, s.Mean())
			}
		}
		var again storage.Rollup
		if err := again.DecodeFigures(r.AppendFigures(nil)); err != nil {
			t.Fatal(err)
		}
		if again.Counts != r.Counts {
			t.Errorf("counts %+v, then %+v", r.Counts, again.Counts)
		}
		r.Merge(again)
	})
}

func BenchmarkDecodeAndMerge(b *testing.B) {
	hour := rollupOf(60)
	encoded := hour.AppendFigures(nil)
	var sum, r storage.Rollup
	for b.Loop() {
		if err := r.DecodeFigures(encoded); err != nil {
			b.Fatal(err)
		}
		sum.Merge(r)
	}
	b.ReportMetric(float64(len(encoded)), "bytes")
}

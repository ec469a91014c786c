package metrics

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"

	"observatoire/observatory"
)

// family is one metric that is read from the snapshot.
type family struct {
	name, help string
	labels     []string
	// each emits the metric's series, label values in the order of labels.
	each func(s *observatory.Snapshot, emit emitter)
}

type emitter func(value float64, labels ...string)

// collector reads the snapshot at each scrape: nothing is kept here that could
// disagree with it.
type collector struct {
	snapshots func() *observatory.Snapshot
	families  []family
	descs     []*prometheus.Desc // of the families, in their order
}

func newCollector(snapshots func() *observatory.Snapshot) *collector {
	c := &collector{snapshots: snapshots, families: families()}
	for _, f := range c.families {
		name := prometheus.BuildFQName(namespace, "", f.name)
		c.descs = append(c.descs, prometheus.NewDesc(name, f.help, f.labels, nil))
	}
	return c
}

// Describe sends the descriptions of all families.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		ch <- d
	}
}

// Collect sends the series of one snapshot.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	s := c.snapshots()
	if s == nil {
		return
	}
	for i, f := range c.families {
		f.each(s, func(value float64, labels ...string) {
			if math.IsNaN(value) {
				return
			}
			m, err := prometheus.NewConstMetric(c.descs[i], prometheus.GaugeValue, value, labels...)
			if err != nil {
				m = prometheus.NewInvalidMetric(c.descs[i], err)
			}
			ch <- m
		})
	}
}

// is returns 1 for true and 0 for false.
func is(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

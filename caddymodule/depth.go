package caddymodule

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/voorpoort/voorpoort/delivery"
)

// scrapePatience bounds what a scrape of the metrics asks of a store: one that is
// down must not make Prometheus lose all other metrics of the gateway.
const scrapePatience = 2 * time.Second

// depths tells how much waits in the open stores at the time of a scrape. The
// stores keep these counts as things happen; nothing is scanned. Gateways that
// share a store tell the same of it.
type depths struct {
	deliveries, oldestDue, oldestHold, holds *prometheus.Desc

	one sync.Mutex // two scrapes do not ask at the same time
}

func newDepths() *depths {
	name := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName("caddy", "voorpoort", name), help, labels, nil)
	}
	return &depths{
		deliveries: name("deliveries",
			"Deliveries in the store that are not done, by webhook and state: pending, of these retrying, dead, skipped.", "webhook", "state"),
		oldestDue: name("oldest_due_seconds",
			"How long the delivery has been due that waits longest; 0 when nothing is.", "webhook"),
		oldestHold: name("oldest_hold_seconds",
			"Age of the oldest write that is not settled; 0 when all are."),
		holds: name("holds",
			"Writes in the store that are not settled, those under way included."),
	}
}

// Describe implements prometheus.Collector.
func (d *depths) Describe(descs chan<- *prometheus.Desc) {
	descs <- d.deliveries
	descs <- d.oldestDue
	descs <- d.oldestHold
	descs <- d.holds
}

// Collect implements prometheus.Collector.
func (d *depths) Collect(metrics chan<- prometheus.Metric) {
	d.one.Lock()
	defer d.one.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), scrapePatience)
	defer cancel()
	seen := newDepth()
	queues.Range(func(_, value any) bool {
		seen.add(ctx, value.(*queue)) //nolint:forcetypeassert // the pool has nothing else
		return true
	})
	seen.tell(d, metrics)
}

// depth is what the stores have, all together.
type depth struct {
	deliveries map[[2]string]uint64 // by webhook and state
	oldestDue  map[string]time.Duration
	oldestHold time.Duration
	holds      int
	stores     int
}

func newDepth() *depth {
	return &depth{deliveries: map[[2]string]uint64{}, oldestDue: map[string]time.Duration{}}
}

func (d *depth) add(ctx context.Context, q *queue) {
	now := time.Now()
	for _, lane := range q.engine.Lanes() {
		if lane.Name != "" {
			d.oldestDue[lane.Name] = max(d.oldestDue[lane.Name], age(now, lane.Due))
		}
	}
	if holds, err := q.store.Holds(ctx, 1); err == nil {
		d.stores++
		for _, h := range holds {
			d.oldestHold = max(d.oldestHold, age(now, h.Created))
		}
	}
	if n, err := q.store.HoldCount(ctx); err == nil {
		d.holds += n
	}
	d.addCounts(ctx, q)
}

func (d *depth) addCounts(ctx context.Context, q *queue) {
	if q.inspector == nil {
		return
	}
	all, err := q.inspector.AllStats(ctx)
	if err != nil {
		return // store_failing says so
	}
	for lane, s := range all {
		name, known := q.observer.known(lane)
		if !known {
			continue // of a webhook that is gone: its name is nobody's, and no label
		}
		d.count(name, &s)
	}
}

func (d *depth) count(webhook string, s *delivery.Stats) {
	d.deliveries[[2]string{webhook, "pending"}] += s.Pending
	d.deliveries[[2]string{webhook, "retrying"}] += s.Retrying
	d.deliveries[[2]string{webhook, "dead"}] += s.Dead
	d.deliveries[[2]string{webhook, "skipped"}] += s.Skipped
}

func (d *depth) tell(as *depths, metrics chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	for key, n := range d.deliveries {
		gauge(as.deliveries, float64(n), key[0], key[1])
	}
	for webhook, waits := range d.oldestDue {
		gauge(as.oldestDue, waits.Seconds(), webhook)
	}
	if d.stores > 0 {
		gauge(as.oldestHold, d.oldestHold.Seconds())
		gauge(as.holds, float64(d.holds))
	}
}

// age is how long ago a time was; 0 for one that is still to come, or none.
func age(now, at time.Time) time.Duration {
	if at.IsZero() || at.After(now) {
		return 0
	}
	return now.Sub(at)
}

// Interface guard.
var _ prometheus.Collector = (*depths)(nil)

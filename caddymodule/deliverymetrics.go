package caddymodule

import "github.com/prometheus/client_golang/prometheus"

// deliveryMetrics are the collectors of what happens after the write. They are
// counted as things happen, never by scanning a store.
type deliveryMetrics struct {
	attempts  *prometheus.CounterVec
	took      *prometheus.HistogramVec
	dead      *prometheus.CounterVec
	paused    *prometheus.GaugeVec
	recovered *prometheus.CounterVec
	unsettled *prometheus.CounterVec
	gaps      *prometheus.CounterVec
	lost      *prometheus.CounterVec
	failing   prometheus.Gauge
	spooled   prometheus.Gauge
	aside     prometheus.Counter

	storeTook   *prometheus.HistogramVec
	storeFailed *prometheus.CounterVec
	depths      *depths
}

func newDeliveryMetrics(counter func(name, help string, labels ...string) *prometheus.CounterVec) deliveryMetrics {
	const namespace, subsystem = "caddy", "voorpoort"
	gauge := func(name, help string) prometheus.GaugeOpts {
		return prometheus.GaugeOpts{Namespace: namespace, Subsystem: subsystem, Name: name, Help: help}
	}
	return deliveryMetrics{
		attempts: counter("delivery_attempts_total",
			"Calls to receivers by webhook and outcome: delivered, or the class of the failure.", "webhook", "outcome"),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "delivery_attempt_duration_seconds",
			Help:    "Time from the start of a call to a receiver to its end.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120},
		}, []string{"webhook"}),
		dead: counter("dead_letters_total",
			"Deliveries that are not attempted again until a person asks for it, by webhook.", "webhook"),
		paused: prometheus.NewGaugeVec(gauge("webhook_paused",
			"1 while deliveries to a webhook are paused: its breaker is open, it asked for it, or it is gone."), []string{"webhook"}),
		recovered: counter("recovered_writes_total",
			"Writes whose answer was not seen, by what the register told of them.", "finding"),
		unsettled: counter("failed_recoveries_total",
			"Attempts to settle a write of a gateway that died that left it open: foreign if another gateway has to, or error.", "why"),
		gaps: counter("gaps_total",
			"Events that may be lost because the store could not keep them, by the step at which.", "step"),
		lost: counter("lost_outcomes_total",
			"Outcomes of deliveries that the store does not take although it takes others: only the row of the log, or all of it.", "what"),
		spooled: prometheus.NewGauge(gauge("spool_waiting", "Writes in the spool that the shared store has not been told of.")),
		aside: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: subsystem,
			Name: "spool_aside_total", Help: "Spooled writes that were put aside because the shared store does not take them.",
		}),
		storeTook: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "store_duration_seconds",
			Help:    "Time that the store took, by what was asked of it.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"operation"}),
		storeFailed: counter("store_errors_total", "What was asked of the store and failed.", "operation"),
		depths:      newDepths(),
		failing:     prometheus.NewGauge(gauge("store_failing", "1 while the store of messages cannot be used.")),
	}
}

func (m *deliveryMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{
		m.attempts, m.took, m.dead, m.paused, m.recovered, m.unsettled, m.gaps, m.lost, m.failing, m.spooled, m.aside,
		m.storeTook, m.storeFailed, m.depths,
	}
}

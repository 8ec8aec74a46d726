package caddymodule

import (
	"errors"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/webhook"
)

// metrics are the gateway's collectors. They are made once and registered with
// each configuration's own registry, so that they outlive reloads and are
// always served. Labels hold names from the configuration and closed sets
// only, never an id, a path or anything else of a request.
type metrics struct {
	interceptions *prometheus.CounterVec
	duration      *prometheus.HistogramVec
	sent          *prometheus.CounterVec
	received      *prometheus.CounterVec
	failOpen      *prometheus.CounterVec
	refused       *prometheus.CounterVec
}

var sharedMetrics = sync.OnceValue(newMetrics)

func newMetrics() *metrics {
	const namespace, subsystem = "caddy", "voorpoort"
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: subsystem, Name: name, Help: help,
		}, labels)
	}
	return &metrics{
		interceptions: counter("interceptions_total",
			"Interceptor calls by webhook and how they ended.", "webhook", "mode", "outcome"),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Subsystem: subsystem, Name: "interception_duration_seconds",
			Help:    "Time from sending the event to having read the answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"webhook"}),
		sent: counter("interception_sent_bytes_total",
			"Bytes of events sent to interceptors.", "webhook"),
		received: counter("interception_received_bytes_total",
			"Bytes of answers read from interceptors.", "webhook"),
		failOpen: counter("fail_open_total",
			"Writes let through although the webhook gave no usable answer, by its failure policy.", "webhook", "reason"),
		refused: counter("refused_requests_total",
			"Requests refused before any webhook was asked, because they could not be read in one way only.", "reason"),
	}
}

func (m *metrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.interceptions, m.duration, m.sent, m.received, m.failOpen, m.refused}
}

// registerMetrics makes the collectors visible in this configuration.
func registerMetrics(registry *prometheus.Registry) *metrics {
	m := sharedMetrics()
	for _, c := range m.collectors() {
		var already prometheus.AlreadyRegisteredError
		if err := registry.Register(c); err != nil && !errors.As(err, &already) {
			panic(err) // two collectors of ours contradict each other: a programming error that any test finds
		}
	}
	return m
}

// count adds one finished call.
func (m *metrics) count(call *interceptor.Call) {
	m.interceptions.WithLabelValues(call.Webhook, string(call.Mode), string(call.Outcome)).Inc()
	if call.Sent > 0 {
		m.duration.WithLabelValues(call.Webhook).Observe(call.Duration.Seconds())
		m.sent.WithLabelValues(call.Webhook).Add(float64(call.Sent))
		m.received.WithLabelValues(call.Webhook).Add(float64(call.Received))
	}
	// A webhook that is only being tried out lets everything through.
	if call.Mode == webhook.Enforce && call.Outcome.FailedOpen() {
		m.failOpen.WithLabelValues(call.Webhook, string(call.Reason)).Inc()
	}
}

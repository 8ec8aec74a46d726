package caddymodule

import (
	"errors"
	"maps"
	"sync"
	"sync/atomic"

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

	deliveryMetrics

	// known are the series that calls have been counted in, so that a call does
	// not look each of them up by its labels. The map is never written to: a
	// copy takes its place. It is bounded, as the labels are.
	known atomic.Pointer[map[seriesKey]*series]
	grow  sync.Mutex // one copy at a time
}

// seriesKey says in which series a call is counted.
type seriesKey struct {
	webhook string
	mode    webhook.Mode
	outcome interceptor.Outcome
	sent    bool // the event left the gateway
}

// series are the counters of calls that ended in the same way.
type series struct {
	interceptions  prometheus.Counter
	duration       prometheus.Observer // nil when nothing was sent, like the two below
	sent, received prometheus.Counter
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
		deliveryMetrics: newDeliveryMetrics(counter),
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
	return append(m.deliveryMetrics.collectors(),
		m.interceptions, m.duration, m.sent, m.received, m.failOpen, m.refused)
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
	s := m.series(seriesKey{call.Webhook, call.Mode, call.Outcome, call.Sent > 0})
	s.interceptions.Inc()
	if call.Sent > 0 {
		s.duration.Observe(call.Duration.Seconds())
		s.sent.Add(float64(call.Sent))
		s.received.Add(float64(call.Received))
	}
	// A webhook that is only being tried out lets everything through.
	if call.Mode == webhook.Enforce && call.Outcome.FailedOpen() {
		m.failOpen.WithLabelValues(call.Webhook, string(call.Reason)).Inc()
	}
}

func (m *metrics) series(key seriesKey) *series {
	if known := m.known.Load(); known != nil {
		if s, ok := (*known)[key]; ok {
			return s
		}
	}
	return m.newSeries(key)
}

// newSeries looks the series up and remembers them. Two goroutines may do so at
// once: they find the same counters.
func (m *metrics) newSeries(key seriesKey) *series {
	m.grow.Lock()
	defer m.grow.Unlock()
	s := &series{interceptions: m.interceptions.WithLabelValues(key.webhook, string(key.mode), string(key.outcome))}
	if key.sent {
		s.duration = m.duration.WithLabelValues(key.webhook)
		s.sent = m.sent.WithLabelValues(key.webhook)
		s.received = m.received.WithLabelValues(key.webhook)
	}
	next := map[seriesKey]*series{key: s}
	if known := m.known.Load(); known != nil {
		maps.Copy(next, *known)
	}
	m.known.Store(&next)
	return s
}

// forget ends the series of a webhook that is gone: who makes and removes webhooks
// must not fill the gateway's memory and Prometheus with them. A call to it that is
// still under way may begin them once more.
func (m *metrics) forget(name string) {
	m.grow.Lock()
	defer m.grow.Unlock()
	if known := m.known.Load(); known != nil {
		next := maps.Clone(*known)
		maps.DeleteFunc(next, func(key seriesKey, _ *series) bool { return key.webhook == name })
		m.known.Store(&next)
	}
	for _, c := range m.collectors() {
		if vector, ok := c.(interface {
			DeletePartialMatch(labels prometheus.Labels) int
		}); ok {
			vector.DeletePartialMatch(prometheus.Labels{"webhook": name})
		}
	}
}

package caddymodule

import "github.com/prometheus/client_golang/prometheus"

// breakers tells at the time of a scrape which interceptors of a configuration are
// not asked, because they failed too often.
type breakers struct{ app *App }

var interceptorPaused = prometheus.NewDesc(prometheus.BuildFQName("caddy", "voorpoort", "interceptor_paused"),
	"1 while the interceptor is not asked, because it failed too often a moment ago.", []string{"webhook"}, nil)

// Describe implements prometheus.Collector.
func (breakers) Describe(descs chan<- *prometheus.Desc) { descs <- interceptorPaused }

// Collect implements prometheus.Collector.
func (b breakers) Collect(metrics chan<- prometheus.Metric) {
	live := b.app.live.Load()
	if live == nil {
		return
	}
	for hook, open := range live.gate.Breakers() {
		value := 0.0
		if open {
			value = 1
		}
		metrics <- prometheus.MustNewConstMetric(interceptorPaused, prometheus.GaugeValue, value, hook.Name)
	}
}

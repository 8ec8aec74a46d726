package manage

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/webhook"
)

// many are webhooks that nobody changes.
type many struct {
	WebhookWriter
	entries []catalogue.Entry
}

func (m *many) List() []catalogue.Entry { return m.entries }

func (m *many) Find(id string) (catalogue.Entry, bool) {
	n, err := strconv.Atoi(id)
	if err != nil || n < 1 || n > len(m.entries) {
		return catalogue.Entry{}, false
	}
	return m.entries[n-1], true
}

// BenchmarkPages asks for pages where there are 10,000 webhooks that have all
// been sent something.
func BenchmarkPages(b *testing.B) {
	const count = 10_000
	store, err := local.Open(b.TempDir(), local.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	list := new(many)
	messages := make([]delivery.Message, count)
	for i := range count {
		w := webhook.Webhook{UUID: fmt.Sprintf("0190b0c4-0000-7000-8000-%012d", i), Name: fmt.Sprint("Webhook ", i), URL: webhook.NewAddress("https://s.example/h")}
		hook, err := webhook.Compile(w, webhook.Defaults{})
		if err != nil {
			b.Fatal(err)
		}
		list.entries = append(list.entries, catalogue.Entry{Number: uint64(i + 1), UUID: w.UUID, Webhook: w, Hook: hook, Revision: 1})
		messages[i] = delivery.Message{ID: fmt.Sprint(i), Source: "/b", Type: "t", Event: []byte(`{}`), Targets: []delivery.Target{{Lane: hook.Lane()}}}
	}
	if err := store.Append(b.Context(), messages...); err != nil {
		b.Fatal(err)
	}
	h := &Handler{config: Config{Store: store, Engine: &fakeEngine{}, Webhooks: list, Access: &Access{}, Activity: NewActivity(1)}}
	h.routes = append(h.routes, pointersTo(h.webhookRoutes())...)
	h.routes = append(h.routes, pointersTo(h.logRoutes())...)
	for _, path := range []string{"/webhooks?limit=50&offset=5000", "/webhooks?limit=1000", "/webhooks/5000", "/webhooks/logs"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest("GET", "/api"+path, nil)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r.WithContext(WithUser(r.Context(), "bench", Read)))
				if w.Code != http.StatusOK {
					b.Fatal(w.Body.String())
				}
			}
		})
	}
}

func pointersTo(routes []route) (all []*route) {
	for _, t := range routes {
		all = append(all, &t)
	}
	return all
}

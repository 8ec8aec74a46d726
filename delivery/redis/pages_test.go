package redis

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// What a large installation has after a month.
const (
	pageLanes    = 10_000
	pageMessages = 100_000 // each pending, and every tenth dead, in one lane; and all in one busy lane
	pageRows     = 1_000_000
)

// BenchmarkPages measures what people ask for in a store with a million rows of
// the log, 10,000 lanes and 10,000 documents, each by itself:
// REDIS_PAGES=1 go test -run '^$' -bench Pages -benchtime 30x.
// Beside the mean it tells the slowest.
func BenchmarkPages(b *testing.B) {
	if os.Getenv("REDIS_PAGES") == "" {
		b.Skip("REDIS_PAGES is not set: filling the store takes a minute and 2 GB")
	}
	server := startServer(b, everysec...)
	store := server.open(b, server.config())
	p := fillPages(b, store)
	for _, page := range p.pages() {
		b.Run(page.name, func(b *testing.B) {
			var slowest time.Duration
			for b.Loop() {
				start := time.Now()
				n, err := page.get(b.Context(), store)
				require.NoError(b, err)
				require.Equal(b, page.want, n)
				slowest = max(slowest, time.Since(start))
			}
			b.ReportMetric(float64(slowest.Microseconds())/1000, "slowest-ms")
			b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/page")
		})
	}
}

// filled is what fillPages has stored.
type filled struct {
	middle, late time.Time // when half and nine tenths of the rows were written
}

func fillPages(b *testing.B, store *Store) (f filled) {
	b.Helper()
	ctx := b.Context()
	var batch []delivery.Message
	for i := range pageMessages {
		m := storetest.BenchMessage(i, 0)
		m.Type, m.Event = pageType(i), m.Event[:512]
		m.Targets = []delivery.Target{{Lane: "busy"}, {Lane: pageLane(i)}}
		if i%10 == 0 {
			m.Targets[1].Dead = "for the list"
		}
		if batch = append(batch, m); len(batch) == 200 {
			require.NoError(b, store.Append(ctx, batch...))
			batch = batch[:0]
		}
	}
	var rows []delivery.Outcome
	for i := range pageRows {
		if rows = append(rows, pageRow(i)); len(rows) == 500 {
			require.NoError(b, store.Finish(ctx, rows...))
			rows = rows[:0]
		}
		switch i {
		case pageRows / 2:
			f.middle = time.Now()
		case pageRows / 10 * 9:
			f.late = time.Now()
		}
	}
	for i := range pageLanes {
		_, err := store.PutDocument(ctx, delivery.Document{Kind: "webhook", Key: strconv.Itoa(i), Data: make([]byte, 1024)})
		require.NoError(b, err)
	}
	return f
}

func pageLane(i int) string { return fmt.Sprintf("6d0f64d6-6fd1-4c8c-9b6f-%012d", i*7%pageLanes) }

// pageType gives one of ten types, and seldom another.
func pageType(i int) string {
	if i%5000 == 4999 {
		return "nl.voorpoort.seldom"
	}
	return fmt.Sprint("nl.voorpoort.zaak.type", i%10)
}

// pageRow gives an attempt: half of them in the busy lane, a twentieth failed.
func pageRow(i int) delivery.Outcome {
	m := delivery.Message{ID: fmt.Sprintf("0195c2f4-7e1a-7b10-8e56-%012x", i%pageMessages), Seq: uint64(i%pageMessages) + 1}
	a := &delivery.Attempt{
		Lane: pageLane(i), Message: m.ID, Seq: m.Seq, Type: pageType(i), Class: "ObjectCreatedEvent", Time: time.Now(),
		Duration: time.Millisecond, Number: 1, URL: "https://receiver.example/hook", Method: "POST", Success: i%20 != 0, Status: 204,
	}
	if i%2 == 0 {
		a.Lane = "busy"
	}
	return delivery.Outcome{Lease: delivery.Lease{Lane: a.Lane, Message: &m}, Verdict: delivery.Done, Attempt: a}
}

// askedPage is one thing that people ask for; get gives how much there was.
type askedPage struct {
	name string
	want int
	get  func(ctx context.Context, s *Store) (int, error)
}

func (f filled) pages() []askedPage {
	yes, no := true, false
	var all []askedPage
	log := func(name string, want int, q delivery.AttemptQuery) {
		all = append(all, askedPage{"log/" + name, want, func(ctx context.Context, s *Store) (int, error) {
			rows, _, err := s.Attempts(ctx, q)
			return len(rows), err
		}})
	}
	log("newest", 50, delivery.AttemptQuery{})
	log("last", 50, delivery.AttemptQuery{Offset: pageRows - 50})
	log("busy-lane", 50, delivery.AttemptQuery{Lane: "busy"})
	log("busy-lane-middle", 50, delivery.AttemptQuery{Lane: "busy", Offset: pageRows / 4})
	log("lane", 50, delivery.AttemptQuery{Lane: pageLane(1)})
	log("successes-middle", 50, delivery.AttemptQuery{Success: &yes, Offset: pageRows / 2})
	log("failures-last", 50, delivery.AttemptQuery{Success: &no, Offset: pageRows/20 - 50})
	log("message", 10, delivery.AttemptQuery{Message: fmt.Sprintf("0195c2f4-7e1a-7b10-8e56-%012x", 77)})
	log("one", 1, delivery.AttemptQuery{ID: 12345})
	log("window", 50, delivery.AttemptQuery{Since: f.middle, Until: f.late, Success: &yes})
	log("type", 50, delivery.AttemptQuery{Type: "nl.voorpoort.zaak.type3"})
	log("seldom-type", 2, delivery.AttemptQuery{Type: "nl.voorpoort.seldom"})
	log("no-such-type", 0, delivery.AttemptQuery{Type: "none"})

	messages := func(name string, want int, q delivery.MessageQuery) {
		all = append(all, askedPage{"messages/" + name, want, func(ctx context.Context, s *Store) (int, error) {
			list, _, err := s.Messages(ctx, q)
			return len(list), err
		}})
	}
	messages("newest", 50, delivery.MessageQuery{Newest: true})
	messages("middle", 50, delivery.MessageQuery{After: pageMessages / 2})
	messages("type", 50, delivery.MessageQuery{Newest: true, Type: "nl.voorpoort.zaak.type3"})
	messages("no-such-subject", 0, delivery.MessageQuery{Newest: true, Subject: "none"})
	messages("id", 1, delivery.MessageQuery{ID: fmt.Sprintf("0195c2f4-7e1a-7b10-8e56-%012x", 77)})

	deliveries := func(name string, want int, q delivery.DeliveryQuery) {
		all = append(all, askedPage{"deliveries/" + name, want, func(ctx context.Context, s *Store) (int, error) {
			list, err := s.Deliveries(ctx, q)
			return len(list), err
		}})
	}
	deliveries("dead", 50, delivery.DeliveryQuery{State: delivery.Dead, Newest: true})
	deliveries("dead-by-lane", 50, delivery.DeliveryQuery{State: delivery.Dead})
	deliveries("dead-middle", 50, delivery.DeliveryQuery{State: delivery.Dead, Newest: true, After: &delivery.Position{Seq: pageMessages / 2}})
	deliveries("pending", 50, delivery.DeliveryQuery{State: delivery.Pending, Newest: true})
	deliveries("pending-by-lane", 50, delivery.DeliveryQuery{State: delivery.Pending})
	deliveries("all", 50, delivery.DeliveryQuery{Newest: true})
	deliveries("busy-lane", 50, delivery.DeliveryQuery{Lane: "busy", Newest: true})
	deliveries("lane-pending", 10, delivery.DeliveryQuery{Lane: pageLane(1), State: delivery.Pending, Newest: true})
	deliveries("message", 2, delivery.DeliveryQuery{Seq: 77})
	return append(all, wholes()...)
}

// wholes are what is asked for as a whole.
func wholes() []askedPage {
	return []askedPage{
		{"message", 2, func(ctx context.Context, s *Store) (int, error) {
			m := storetest.BenchMessage(77, 0)
			_, list, err := s.Message(ctx, m.Source, m.ID)
			return len(list), err
		}},
		{"counters", pageLanes + 1, func(ctx context.Context, s *Store) (int, error) {
			all, err := s.AllStats(ctx)
			return len(all), err
		}},
		{"documents", pageLanes, func(ctx context.Context, s *Store) (int, error) {
			all, err := s.Documents(ctx, "webhook")
			return len(all), err
		}},
	}
}

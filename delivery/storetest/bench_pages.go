package storetest

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// What a large installation has: the pages that people look at must not take
// longer for it. With -short it is a hundredth.
const (
	pagesRows     = 1_000_000
	pagesLanes    = 10_000
	pagesMessages = 100_000
	pagesEach     = 10 // deliveries of a message
)

// BenchPages fills a store with 1,000,000 rows of the log, half of them of one
// lane, and 100,000 messages, each for 10 of 10,000 lanes, and measures what the
// pages of a list and of a log ask of it. Beside the mean it tells the longest;
// the aim is 50 ms. open gives an empty store; BenchPages closes it.
func BenchPages(b *testing.B, open func(b *testing.B) delivery.Store) {
	b.Helper()
	s := open(b)
	defer func() { _ = s.Close() }()
	begun := time.Now()
	p := &pages{Store: s, rows: pagesRows, lanes: pagesLanes, messages: pagesMessages}
	if testing.Short() {
		p.rows, p.lanes, p.messages = p.rows/100, p.lanes/100, p.messages/100
	}
	if err := p.fill(b.Context()); err != nil {
		b.Fatal(err)
	}
	if _, err := s.Holds(b.Context(), 1); err != nil { // what was written last is in its place
		b.Fatal(err)
	}
	b.Logf("filled in %v", time.Since(begun).Round(time.Second))
	for _, page := range p.all() {
		b.Run(page.name, func(b *testing.B) {
			longest := time.Duration(0)
			for b.Loop() {
				begun := time.Now()
				n, err := page.ask(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				if n != page.want(p) {
					b.Fatalf("%d; %d are expected", n, page.want(p))
				}
				longest = max(longest, time.Since(begun))
			}
			b.ReportMetric(float64(longest.Microseconds())/1000, "longest-ms")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/page")
		})
	}
}

// pages is a filled store.
type pages struct {
	delivery.Store
	rows, lanes, messages int
}

func pagesLane(n int) string { return fmt.Sprintf("lane-%05d", n) }

// fill writes from as many callers as stores are good at.
func (p *pages) fill(ctx context.Context) error {
	if err := p.each(ctx, p.messages, 100, p.append); err != nil {
		return err
	}
	return p.each(ctx, p.rows, 1000, p.log)
}

// each has do called with parts of n, by some callers.
func (p *pages) each(ctx context.Context, n, part int, do func(ctx context.Context, from, to int) error) error {
	callers := 4 * runtime.GOMAXPROCS(0)
	errs := make(chan error, callers)
	parts := make(chan int)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for from := range parts {
				if err := do(ctx, from, min(from+part, n)); err != nil {
					select {
					case errs <- err:
					default:
					}
				}
			}
		})
	}
	for from := 0; from < n && len(errs) == 0; from += part {
		parts <- from
	}
	close(parts)
	wg.Wait()
	close(errs)
	return <-errs
}

// append stores messages. Every 20th is dead in its lanes from the beginning, so
// that half of the lanes have dead letters.
func (p *pages) append(ctx context.Context, from, to int) error {
	all := make([]delivery.Message, 0, to-from)
	for n := from; n < to; n++ {
		m := BenchMessage(n, 0)
		m.Type, m.Subject, m.Event = pagesType(n), fmt.Sprint("subject-", n), m.Event[:256]
		for i := range pagesEach {
			t := delivery.Target{Lane: pagesLane((n*pagesEach + i) % p.lanes)}
			if n%20 == 0 {
				t.Dead = "unsendable"
			}
			m.Targets = append(m.Targets, t)
		}
		all = append(all, m)
	}
	return p.Append(ctx, all...)
}

// pagesType is the type of the n-th message: one of 100 is rare.
func pagesType(n int) string {
	if n%100 == 7 {
		return "nl.voorpoort.rare"
	}
	return "nl.voorpoort.zaak.updated"
}

// log writes rows for leases that nobody has any more: half of them in lane 0,
// a fifth of them failures.
func (p *pages) log(ctx context.Context, from, to int) error {
	all := make([]delivery.Outcome, 0, to-from)
	for n := from; n < to; n++ {
		lane := pagesLane(0)
		if n%2 == 1 {
			lane = pagesLane(n / 2 % p.lanes)
		}
		m := delivery.Message{ID: fmt.Sprintf("0195c2f4-7e1a-7b10-8e56-%012x", n), Type: pagesType(n)}
		a := &delivery.Attempt{
			Lane: lane, Message: m.ID, Type: m.Type, Time: time.Now(), Duration: 30 * time.Millisecond, Number: 1,
			URL: "https://receiver.example/hook", Method: "POST", Success: n%10 > 1, Status: 200,
			Response: []byte(`{"status":"accepted","message":"the event was taken"}`),
		}
		if !a.Success {
			a.Status, a.Reason, a.Error, a.Request = 503, delivery.ReasonServer, "the receiver answered 503", make([]byte, 512)
		}
		all = append(all, delivery.Outcome{Lease: delivery.Lease{Lane: lane, Message: &m}, Verdict: delivery.Done, Attempt: a})
	}
	return p.Finish(ctx, all...)
}

// page is one question, and how much its answer is.
type page struct {
	name string
	ask  func(ctx context.Context) (int, error)
	want func(p *pages) int
}

func (p *pages) all() []page {
	yes, no := true, false
	lane := pagesLane(0)
	log := func(q delivery.AttemptQuery) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			rows, _, err := p.Attempts(ctx, q)
			return len(rows), err
		}
	}
	dead := func(q delivery.DeliveryQuery) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			all, err := p.Deliveries(ctx, q)
			return len(all), err
		}
	}
	messages := func(q delivery.MessageQuery) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			all, _, err := p.Messages(ctx, q)
			return len(all), err
		}
	}
	of := func(n int) func(*pages) int { return func(*pages) int { return n } }
	minute := time.Now().Add(-time.Minute)
	return []page{
		{"stats-of-all-lanes", func(ctx context.Context) (int, error) {
			all, err := p.AllStats(ctx)
			return len(all), err
		}, func(p *pages) int { return p.lanes }},
		{"log", log(delivery.AttemptQuery{}), of(50)},
		{"log-far-offset", log(delivery.AttemptQuery{Offset: p.rows / 2}), of(50)},
		{"log-failures", log(delivery.AttemptQuery{Success: &no}), of(50)},
		{"log-successes", log(delivery.AttemptQuery{Success: &yes}), of(50)},
		{"log-successes-far-offset", log(delivery.AttemptQuery{Success: &yes, Offset: p.rows * 2 / 5}), of(50)},
		{"log-failures-far-offset", log(delivery.AttemptQuery{Success: &no, Offset: p.rows / 10}), of(50)},
		{"log-lane", log(delivery.AttemptQuery{Lane: lane}), of(50)},
		{"log-lane-far-offset", log(delivery.AttemptQuery{Lane: lane, Offset: p.rows / 4}), of(50)},
		{"log-lane-success", log(delivery.AttemptQuery{Lane: lane, Success: &yes}), of(50)},
		{"log-lane-success-far-offset", log(delivery.AttemptQuery{Lane: lane, Success: &yes, Offset: p.rows / 5}), of(50)},
		{"log-lane-failures-offset", log(delivery.AttemptQuery{Lane: lane, Success: &no, Offset: 200}), of(50)},
		{"log-type", log(delivery.AttemptQuery{Type: "nl.voorpoort.rare"}), of(50)},
		{"log-lane-no-such-type", log(delivery.AttemptQuery{Lane: lane, Type: "none"}), of(0)},
		{"log-since", log(delivery.AttemptQuery{Since: minute.Add(-time.Hour)}), of(50)},
		{"log-lane-since-failures", log(delivery.AttemptQuery{Lane: lane, Success: &no, Since: minute.Add(-time.Hour)}), of(50)},
		{"log-message", log(delivery.AttemptQuery{Message: "0195c2f4-7e1a-7b10-8e56-000000000010"}), of(1)},
		{"dead-letters-newest", dead(delivery.DeliveryQuery{State: delivery.Dead, Newest: true}), of(50)},
		{"dead-letters-of-a-lane", dead(delivery.DeliveryQuery{Lane: lane, State: delivery.Dead, Newest: true}), func(p *pages) int {
			return min(50, p.messages*pagesEach/p.lanes)
		}},
		{"pending-newest", dead(delivery.DeliveryQuery{State: delivery.Pending, Newest: true}), of(50)},
		{"deliveries", dead(delivery.DeliveryQuery{}), of(50)},
		{"messages-newest", messages(delivery.MessageQuery{Newest: true}), of(50)},
		{"messages-of-a-type", messages(delivery.MessageQuery{Type: "nl.voorpoort.rare", Newest: true}), func(p *pages) int {
			return min(50, p.messages/100)
		}},
		{"messages-no-such-subject", messages(delivery.MessageQuery{Subject: "none"}), of(0)},
		{"messages-since", messages(delivery.MessageQuery{Since: minute.Add(-time.Hour)}), of(50)},
		{"message-by-id", messages(delivery.MessageQuery{ID: "0195c2f4-7e1a-7b10-8e56-000000000010"}), of(1)},
	}
}

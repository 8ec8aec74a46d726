package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
)

const (
	idleWebhooks = 10_000
	idleWatch    = 10 * time.Second

	dueMessages = 300
	duePromise  = 10 * time.Millisecond
)

// idleCost is the CPU time that a gateway takes while nobody asks it anything.
type idleCost struct {
	Webhooks int
	Used     time.Duration // in idleWatch
}

// measureIdle weighs gateways with so many webhooks each.
func measureIdle(ctx context.Context, s *stage, counts ...int) ([]idleCost, error) {
	var all []idleCost
	for _, count := range counts {
		gateway, err := s.startGateway(ctx, idleScenario(count))
		if err != nil {
			return nil, err
		}
		time.Sleep(3 * time.Second) // what a start leaves to do, such as the first collection
		before, err := cpuTime(gateway.PID())
		if err != nil {
			return nil, err
		}
		time.Sleep(idleWatch)
		after, err := cpuTime(gateway.PID())
		gateway.Stop(stopTimeout)
		if err != nil {
			return nil, err
		}
		all = append(all, idleCost{Webhooks: count, Used: after - before})
	}
	return all, nil
}

// idleScenario is a gateway with so many webhooks; without any it is plain Caddy.
func idleScenario(webhooks int) scenario {
	sc := scenario{Name: fmt.Sprintf("idle with %d webhooks", webhooks), Path: eventPath, site: proxy}
	if webhooks > 0 {
		sc.site = gate
		sc.global = func(a addresses) string {
			var lines strings.Builder
			lines.WriteString(localStore(a))
			for i := range webhooks {
				fmt.Fprintf(&lines, "\t\twebhook hook-%d {\n\t\t\turl http://%s/%d\n\t\t\tevents object.created\n\t\t}\n", i, a.Receiver, i)
			}
			return voorpoort(lines.String())
		}
	}
	return sc
}

// punctual notes when calls start.
type punctual struct {
	mu     sync.Mutex
	starts map[string]time.Time
}

func (p *punctual) Send(_ context.Context, leases []delivery.Lease) delivery.Result {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range leases {
		p.starts[l.Message.ID] = now
	}
	return delivery.Result{Started: now, Status: 204}
}

func (p *punctual) Close() {}

func (p *punctual) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.starts)
}

// measureLateness stores messages that are due later, for lanes picked by chance,
// and gives how long after its time each call started, in order.
func measureLateness(ctx context.Context, dir string, lanes, messages int) ([]time.Duration, error) {
	store, err := local.Open(filepath.Join(dir, "due"), local.Options{})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	sender := &punctual{starts: map[string]time.Time{}}
	attached := make([]delivery.Lane, lanes)
	for i := range attached {
		attached[i] = delivery.Lane{ID: fmt.Sprintf("lane-%d", i), Sender: sender}
	}
	engine := delivery.New(store, delivery.Options{})
	defer func() { _ = engine.Stop(context.WithoutCancel(ctx)) }() // all calls have ended
	engine.Attach(attached)

	due := map[string]time.Time{}
	first := time.Now().Add(2 * time.Second)
	for n := range messages {
		at := first.Add(time.Duration(n)*7*time.Millisecond + time.Duration(rand.IntN(5000))*time.Microsecond)
		due[eventName(n)] = at
		if err := store.Append(ctx, delivery.Message{
			ID: eventName(n), Source: "/bench", Type: "t", Time: time.Now().UTC(), Event: envelope(n),
			Targets: []delivery.Target{{Lane: attached[rand.IntN(lanes)].ID, Due: at}},
		}); err != nil {
			return nil, err
		}
	}
	for sender.count() < messages && time.Since(first) < drainTimeout {
		time.Sleep(10 * time.Millisecond)
	}
	return sender.lateness(due), nil
}

func (p *punctual) lateness(due map[string]time.Time) []time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	late := make([]time.Duration, 0, len(p.starts))
	for id, start := range p.starts {
		late = append(late, start.Sub(due[id]))
	}
	slices.Sort(late)
	return late
}

func reportIdle(out io.Writer, idle []idleCost, late []time.Duration) {
	fmt.Fprintln(out)
	for _, cost := range idle {
		fmt.Fprintf(out, "A gateway with %d webhooks and nothing to do: %d ms of CPU in %s.\n", cost.Webhooks, cost.Used.Milliseconds(), idleWatch)
	}
	if len(late) == 0 {
		return
	}
	ms := func(d time.Duration) string { return number(float64(d)/float64(time.Millisecond), 2) }
	fmt.Fprintf(out, "%d messages that were due at a time, in %d lanes: the call started p50 %s ms, p99 %s ms, at most %s ms late, at least %s ms (wanted: p99 within %s, none early; %s).\n",
		len(late), idleWebhooks, ms(percentile(late, 0.5)), ms(percentile(late, 0.99)), ms(late[len(late)-1]), ms(late[0]), duePromise,
		verdict(percentile(late, 0.99) <= duePromise && late[0] >= 0))
}

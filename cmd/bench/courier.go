package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/push"
	"github.com/voorpoort/voorpoort/webhook"
)

// callers is how many append, or call, at the same time.
const callers = 64

// courier brings events to the receiver, at least once each.
type courier interface {
	// hand takes one event. It returns when the event is safe, which may be long
	// before it is delivered.
	hand(ctx context.Context, n int) error
	// delivered is how many events the receiver has answered with 204.
	delivered() int64
	close()
}

// bare is the least that a program can do: a call with net/http, and nothing is
// kept.
type bare struct {
	url    string
	client *http.Client
	done   atomic.Int64
}

func newBare(url string) *bare {
	return &bare{url: url, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * callers}}}
}

func (b *bare) hand(ctx context.Context, n int) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url, bytes.NewReader(envelope(n)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/cloudevents+json")
	resp, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("%w: %d", errStatus, resp.StatusCode)
	}
	b.done.Add(1)
	return nil
}

func (b *bare) delivered() int64 { return b.done.Load() }

func (b *bare) close() { b.client.CloseIdleConnections() }

// queued is a store with the engine that empties it.
type queued struct {
	store  delivery.Store
	engine *delivery.Engine
	counts *counter
	lanes  []string
}

// newQueued delivers to the URL through so many lanes. It closes the store.
func newQueued(store delivery.Store, url string, lanes int) (*queued, error) {
	q := &queued{store: store, counts: &counter{}}
	var attached []delivery.Lane
	for i := range lanes {
		lane, err := newLane(fmt.Sprintf("lane-%d", i), url, q.counts)
		if err != nil {
			return nil, err
		}
		attached = append(attached, lane)
		q.lanes = append(q.lanes, lane.ID)
	}
	q.engine = delivery.New(store, delivery.Options{})
	q.engine.Attach(attached)
	return q, nil
}

func newLane(name, url string, counts *counter) (delivery.Lane, error) {
	hook, err := webhook.Compile(webhook.Webhook{Name: name, URL: webhook.NewAddress(url)}, webhook.Defaults{})
	if err != nil {
		return delivery.Lane{}, err
	}
	sender, err := push.New(hook, push.Options{})
	if err != nil {
		return delivery.Lane{}, err
	}
	return delivery.Lane{
		ID: name, Name: name, Sender: counted{sender, counts}, Timeout: hook.Timeout, MaxConcurrent: callers,
	}, nil
}

func (q *queued) hand(ctx context.Context, n int) error {
	return q.append(ctx, n, envelope(n), q.lanes[:1])
}

func (q *queued) append(ctx context.Context, n int, event []byte, lanes []string) error {
	targets := make([]delivery.Target, len(lanes))
	for i, lane := range lanes {
		targets[i].Lane = lane
	}
	return q.store.Append(ctx, delivery.Message{
		ID: eventName(n), Source: "/bench", Type: "object.created", Time: time.Now().UTC(),
		Event: event, Targets: targets,
	})
}

func (q *queued) delivered() int64 { return q.counts.delivered.Load() }

func (q *queued) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = q.engine.Stop(ctx) // everything has been delivered, or the bench has failed already
	_ = q.store.Close()
}

// counter counts what its senders deliver.
type counter struct{ delivered, failed atomic.Int64 }

// counted is a sender whose results are counted.
type counted struct {
	delivery.BoundedSender
	counts *counter
}

func (c counted) Send(ctx context.Context, leases []delivery.Lease) delivery.Result {
	result := c.BoundedSender.Send(ctx, leases)
	if result.Reason == "" {
		c.counts.delivered.Add(int64(len(leases)))
	} else {
		c.counts.failed.Add(int64(len(leases)))
	}
	return result
}

// eventName is the id of the n-th event. Ids ascend, as UUIDv7 do.
func eventName(n int) string { return fmt.Sprintf("0195c2f4-7e1a-7b10-8e56-%012x", n) }

// envelope is the n-th event: a CloudEvent about a document of 2 KiB.
func envelope(n int) []byte { return eventOf(n, documentOf2KiB) }

func eventOf(n int, data []byte) []byte {
	return fmt.Appendf(nil, `{"specversion":"1.0","id":"%s","source":"/bench","type":"object.created",`+
		`"datacontenttype":"application/json","data":%s}`, eventName(n), data)
}

var documentOf2KiB = document(requestSize)

package main

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// writeTimeout is how long a client waits for an answer. It is longer than
// anything that a run makes the register wait.
const writeTimeout = 15 * time.Second

// writer is the load: clients that write through the gateways, each to objects
// of its own, and note down what they are told. A write is never repeated.
type writer struct {
	Gateways []string // base URLs; each client uses them in turn
	Clients  int
	Rate     float64 // writes a second, of all clients
	Seed     uint64
	Record   *record

	next atomic.Uint64 // the last number given away
	fail func(error)   // told when the record cannot be written
}

// run writes until ctx ends, and then waits for the answers that are due.
func (w *writer) run(ctx context.Context) {
	transport := &http.Transport{MaxIdleConnsPerHost: w.Clients, DisableCompression: true}
	defer transport.CloseIdleConnections()
	var group sync.WaitGroup
	for i := range w.Clients {
		c := &client{
			writer: w,
			http:   &http.Client{Transport: transport, Timeout: writeTimeout},
			chance: rand.New(rand.NewPCG(w.Seed, uint64(i))),
			turn:   i,
		}
		group.Go(func() { c.run(ctx) })
	}
	group.Wait()
}

// sent is how many writes were begun.
func (w *writer) sent() uint64 { return w.next.Load() }

// client writes one thing after the other.
type client struct {
	writer  *writer
	http    *http.Client
	chance  *rand.Rand
	turn    int
	objects []string // that it made and nobody removed
}

func (c *client) run(ctx context.Context) {
	interval := time.Duration(float64(c.writer.Clients) / c.writer.Rate * float64(time.Second))
	for {
		pause := time.Duration((0.5 + c.chance.Float64()) * float64(interval))
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		// An answer that is on its way when the load ends is waited for.
		t, id := c.send(context.WithoutCancel(ctx), c.choose())
		if t.done() && t.Action != remove {
			c.objects = append(c.objects, id)
		}
		if err := c.writer.Record.add(t); err != nil {
			c.writer.fail(err)
			return
		}
	}
}

// choose makes the next write. An object is out of the client's list while it
// is written to, and for good when the client cannot tell what became of it.
func (c *client) choose() write {
	w := write{Number: number(c.writer.next.Add(1)), Action: create}
	if len(c.objects) == 0 || c.chance.IntN(10) < 4 {
		return w
	}
	w.Action = update
	if c.chance.IntN(4) == 0 {
		w.Action = remove
	}
	i := c.chance.IntN(len(c.objects))
	last := len(c.objects) - 1
	w.ID = c.objects[i]
	c.objects[i] = c.objects[last]
	c.objects = c.objects[:last]
	return w
}

// send makes the request and reads the whole answer; id is the object's.
func (c *client) send(ctx context.Context, w write) (t told, id string) {
	started := time.Now()
	t = told{Number: w.Number, Action: w.Action, At: started.UnixNano()}
	c.turn++
	req, err := w.request(ctx, c.writer.Gateways[c.turn%len(c.writer.Gateways)])
	if err != nil {
		t.Error = err.Error()
		return t, ""
	}
	status, body, err := c.exchange(req)
	t.Status, t.Took = status, int64(time.Since(started))
	if err != nil {
		t.Error = err.Error()
		return t, ""
	}
	if w.Action == create && t.done() {
		return t, idOf(body)
	}
	return t, w.ID
}

func (c *client) exchange(req *http.Request) (int, []byte, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// maxEvent bounds what a receiver reads of one event, in bytes.
const maxEvent = 4 << 20

// receiver is one endpoint of the run.
type receiver struct {
	name    string
	address string
	record  *record
	calls   atomic.Uint64

	mu      sync.Mutex
	mode    mode
	changed chan struct{} // closed when the mode changes
	server  *http.Server  // nil while nobody listens
}

func newReceiver(name, address string, r *record) *receiver {
	return &receiver{name: name, address: address, record: r, mode: well, changed: make(chan struct{})}
}

// open begins to listen; nothing happens if it does already.
func (r *receiver) open(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.server != nil {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", r.address)
	if err != nil {
		return fmt.Errorf("receiver %s: %w", r.name, err)
	}
	server := &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	r.server = server
	go func() { _ = server.Serve(listener) }() // close ends it
	return nil
}

// close ends all connections, whatever happens on them.
func (r *receiver) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.server != nil {
		_ = r.server.Close() // nobody is told anyway
		r.server = nil
	}
}

// behave changes the mode.
func (r *receiver) behave(ctx context.Context, m mode) error {
	r.mu.Lock()
	r.mode = m
	close(r.changed)
	r.changed = make(chan struct{})
	r.mu.Unlock()
	if m == refuse {
		r.close()
		return nil
	}
	return r.open(ctx)
}

func (r *receiver) current() (mode, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.mode, r.changed
}

// ServeHTTP takes an event, or does what the mode says.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxEvent))
	if err != nil {
		return // half a call is none
	}
	m, changed := r.current()
	switch m {
	case well:
		r.take(w, raw)
	case hang:
		select {
		case <-changed:
		case <-req.Context().Done():
		}
		panic(http.ErrAbortHandler)
	case garbage:
		r.babble(w)
	case broken, refuse: // a call that came before the door was shut
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// take writes the event down and then says so.
func (r *receiver) take(w http.ResponseWriter, raw []byte) {
	n, err := readNotice(raw)
	if err != nil {
		n.Damaged = err.Error()
	}
	if err := r.record.add(received{Hook: r.name, At: time.Now().UnixNano(), notice: n}); err != nil {
		http.Error(w, "cannot write it down", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (r *receiver) babble(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	text := rubbish[r.calls.Add(1)%uint64(len(rubbish))]
	_, _ = io.WriteString(conn, text) // the connection is given up
	_ = conn.Close()
}

// receivers are all endpoints of a run, in one process and with one record.
type receivers []*receiver

// control changes modes: POST /mode?name=r1&mode=hang; without a name all.
func (all receivers) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /mode", func(w http.ResponseWriter, req *http.Request) {
		m, err := parseMode(req.FormValue("mode"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		name, met := req.FormValue("name"), false
		for _, r := range all {
			if name == "" || r.name == name {
				met = true
				err = errors.Join(err, r.behave(context.WithoutCancel(req.Context()), m))
			}
		}
		switch {
		case !met:
			http.NotFound(w, req)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	})
	return mux
}

// serveReceivers plays the receivers r1, r2 ... on the given addresses, steered
// on listen, until ctx ends.
func serveReceivers(ctx context.Context, listen, path string, addresses []string) error {
	rec, err := openRecord(path)
	if err != nil {
		return err
	}
	defer rec.close()
	var all receivers
	for i, address := range addresses {
		r := newReceiver(hookName(i), address, rec)
		if err := r.open(ctx); err != nil {
			return err
		}
		defer r.close()
		all = append(all, r)
	}
	return serve(ctx, listen, all.control())
}

// hookName is the name of the webhook and of the receiver at a position.
func hookName(position int) string { return fmt.Sprintf("r%d", position+1) }

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/voorpoort/voorpoort/delivery/local"
)

// The fan-out: one large event to many webhooks.
const (
	fanLanes = 1000
	fanEvent = 64 << 10
)

// fanned is what one event to many webhooks came to.
type fanned struct {
	Webhooks, Delivered int
	Event               int   // bytes
	Copies              int   // of the event in the store's files
	Grown               int64 // bytes that the store's files grew, with all the deliveries and their log
	Took                time.Duration
}

// measureFanOut delivers one event to so many webhooks and looks at what is on
// the disk afterwards.
func measureFanOut(ctx context.Context, s *stage, lanes int) (fanned, error) {
	dir := filepath.Join(s.dir, "fan-out")
	seen := fanned{Webhooks: lanes}
	store, err := local.Open(dir, local.Options{})
	if err != nil {
		return seen, err
	}
	q, err := newQueued(store, "http://"+s.at.Interceptor+"/validate", lanes)
	if err != nil {
		return seen, err
	}
	before, _, err := weighFolder(dir, nil)
	if err == nil {
		err = seen.fan(ctx, q)
	}
	q.close() //nolint:contextcheck // what has been delivered is written to the disk, whatever ends
	if err != nil {
		return seen, err
	}
	after, copies, err := weighFolder(dir, []byte(eventName(1)+`","source"`))
	seen.Grown, seen.Copies = after-before, copies
	return seen, err
}

// fan returns when every lane has delivered the event.
func (f *fanned) fan(ctx context.Context, q *queued) error {
	event := eventOf(1, document(fanEvent))
	f.Event = len(event)
	start := time.Now()
	if err := q.append(ctx, 1, event, q.lanes); err != nil {
		return err
	}
	for q.delivered() < int64(f.Webhooks) && time.Since(start) < drainTimeout {
		time.Sleep(time.Millisecond)
	}
	f.Took, f.Delivered = time.Since(start), int(q.delivered())
	return nil
}

// weighFolder adds up the files of a folder and counts how often a text is in
// them.
func weighFolder(dir string, text []byte) (size int64, found int, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		// What a file has in store for later is not counted: it is all zero.
		size += int64(len(bytes.TrimRight(raw, "\x00")))
		if len(text) > 0 {
			found += bytes.Count(raw, text)
		}
		return nil
	})
	return size, found, err
}

func reportFanOut(out io.Writer, f fanned) {
	fmt.Fprintf(out, "\nOne event of %d bytes to %d webhooks: %d delivered after %d ms; the event is %d time(s) in the embedded store's files, "+
		"which grew by %d bytes with all deliveries and their log (%.1f %% of %d copies).\n",
		f.Event, f.Webhooks, f.Delivered, f.Took.Milliseconds(), f.Copies, f.Grown,
		100*float64(f.Grown)/float64(f.Event*f.Webhooks), f.Webhooks)
}

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/cmd/internal/table"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/delivery/redis"
)

// What the pages of the management API are measured with: what a large
// installation has. Half of the rows are of one webhook.
const (
	cockpitWebhooks = 10_000
	cockpitRows     = 1_000_000
	cockpitMessages = 100_000
	cockpitEach     = 10 // webhooks of a message

	cockpitAsks   = 20
	cockpitBefore = 50 * time.Millisecond
)

// paged is how long one page took.
type paged struct {
	Store, Path string
	Bytes       int
	Took        []time.Duration // sorted
}

// storeOf is a store that a gateway has, and that the bench fills beforehand.
type storeOf struct {
	name   string
	config func(addresses) string
	open   func(ctx context.Context, a addresses) (delivery.Store, error)
}

func (s *stage) cockpitStores(ctx context.Context) []storeOf {
	embedded := storeOf{"embedded", localStore, func(_ context.Context, a addresses) (delivery.Store, error) {
		return local.Open(a.Store, local.Options{})
	}}
	if err := s.startRedis(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "the rows with Redis are left out:", err)
		return []storeOf{embedded}
	}
	return []storeOf{embedded, {"Redis", redisStore, func(ctx context.Context, a addresses) (delivery.Store, error) {
		return redis.Open(ctx, redis.Config{URL: "redis://" + a.Redis + "/0", Prefix: a.Box}, redis.Options{})
	}}}
}

// measureCockpit asks each page of a gateway that has a lot.
func measureCockpit(ctx context.Context, s *stage, size cockpit) (all []paged, err error) {
	for _, store := range s.cockpitStores(ctx) {
		pages, err := s.cockpit(ctx, store, size)
		if err != nil {
			return nil, fmt.Errorf("pages with %s: %w", store.name, err)
		}
		all = append(all, pages...)
	}
	return all, nil
}

func (s *stage) cockpit(ctx context.Context, store storeOf, size cockpit) ([]paged, error) {
	sc := scenario{
		Name: "cockpit " + store.name, Path: eventPath, site: gateWithAPI,
		global: func(a addresses) string { return voorpoort(store.config(a) + "\t\tegress_allow 127.0.0.0/8\n") },
	}
	opened, err := store.open(ctx, s.addressesOf(sc))
	if err != nil {
		return nil, err
	}
	start := time.Now()
	hooks, err := size.fill(ctx, opened)
	if closed := opened.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "%s: filled in %s\n", sc.Name, time.Since(start).Round(time.Second))
	gateway, err := s.startGateway(ctx, sc)
	if err != nil {
		return nil, err
	}
	defer gateway.Stop(stopTimeout)
	var all []paged
	for _, path := range size.paths(hooks) {
		p, err := askPage(ctx, gateway.Address, path)
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, gateway.Output)
		}
		p.Store = store.name
		all = append(all, p)
	}
	return all, nil
}

// askPage asks once to warm up, and then as often as is measured.
func askPage(ctx context.Context, address, path string) (paged, error) {
	p := paged{Path: path}
	for i := range 1 + cockpitAsks {
		start := time.Now()
		body, err := callAPI(ctx, http.MethodGet, address, path, nil)
		if err != nil {
			return p, err
		}
		if p.Bytes = len(body); i > 0 {
			p.Took = append(p.Took, time.Since(start))
		}
	}
	slices.Sort(p.Took)
	return p, nil
}

func reportCockpit(out io.Writer, all []paged, size cockpit) {
	fmt.Fprintf(out, "\nPages of the management API with %d webhooks, %d messages and %d rows of the log, asked %d times each.\n\n",
		size.Webhooks, size.Messages, size.Rows, cockpitAsks)
	var doc table.Table
	doc.Add("store", "page", "KiB", "median ms", "longest ms", "wanted")
	for _, p := range all {
		longest := p.Took[len(p.Took)-1]
		doc.Add(p.Store, p.Path, number(float64(p.Bytes)/1024, 1), milliseconds(percentile(p.Took, 0.5)), milliseconds(longest),
			fmt.Sprintf("< %d ms, %s", cockpitBefore.Milliseconds(), verdict(longest < cockpitBefore)))
	}
	doc.Print(out)
}

func milliseconds(d time.Duration) string { return number(float64(d.Microseconds())/1000, 2) }

package catalogue

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
	"github.com/voorpoort/voorpoort/webhook"
)

// gateway is one that uses a catalogue: it notes what is in force.
type gateway struct {
	*Catalogue

	mu       sync.Mutex
	inForce  []string
	hooks    []*webhook.Hook
	applied  int
	refuses  error // of Apply
	reported []error
}

// gate starts a gateway on a store.
func gate(t testing.TB, store delivery.Documents, s *Sealer, fixed ...string) *gateway {
	t.Helper()
	g := &gateway{}
	var configured []Fixed
	for _, document := range fixed {
		w := parsed(t, document)
		h, err := webhook.Compile(w, webhook.Defaults{})
		require.NoError(t, err)
		configured = append(configured, Fixed{Webhook: w, Hook: h})
	}
	g.Catalogue = New(Options{
		Fixed: configured, Store: store, Sealer: s, Apply: g.apply, Report: g.report,
		Compile: func(w webhook.Webhook) (*webhook.Hook, error) { return webhook.Compile(w, webhook.Defaults{}) },
	})
	return g
}

func (g *gateway) apply(hooks []*webhook.Hook) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refuses != nil {
		return g.refuses
	}
	g.applied++
	g.hooks, g.inForce = hooks, nil
	for _, h := range hooks {
		g.inForce = append(g.inForce, h.Name)
	}
	slices.Sort(g.inForce)
	return nil
}

func (g *gateway) report(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reported = append(g.reported, err)
}

// names are those of the webhooks in force, sorted.
func (g *gateway) names() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.inForce)
}

func (g *gateway) reports() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return fmt.Sprint(g.reported)
}

// run has the gateway follow its store until the test ends.
func (g *gateway) run(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
	})
}

func parsed(t testing.TB, document string) webhook.Webhook {
	t.Helper()
	w, err := webhook.Parse([]byte(document))
	require.NoError(t, err)
	return w
}

func named(t testing.TB, name string) webhook.Webhook {
	t.Helper()
	return parsed(t, `{"name":"`+name+`","url":"https://receiver.example/`+name+`"}`)
}

// store is one in memory that can be made to fail.
type store struct {
	delivery.Store

	mu   sync.Mutex
	fail error

	beforePut func() // once
}

func newStore() *store { return &store{Store: storetest.NewMemory()} }

func (s *store) failing(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func (s *store) down() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fail
}

func (s *store) Documents(ctx context.Context, kind string) ([]delivery.Document, error) {
	if err := s.down(); err != nil {
		return nil, err
	}
	return s.Store.Documents(ctx, kind)
}

func (s *store) PutDocument(ctx context.Context, d delivery.Document) (delivery.Document, error) {
	s.mu.Lock()
	before := s.beforePut
	s.beforePut = nil
	s.mu.Unlock()
	if before != nil {
		before()
	}
	if err := s.down(); err != nil {
		return delivery.Document{}, err
	}
	return s.Store.PutDocument(ctx, d)
}

const soon = 5 * time.Second

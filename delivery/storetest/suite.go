package storetest

import (
	"testing"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// Option tells the suite what else a store can do.
type Option func(*suite)

type suite struct {
	open   func(t *testing.T) delivery.Store
	reopen func(t *testing.T, s delivery.Store) delivery.Store
	peer   func(t *testing.T, s delivery.Store) delivery.Store
	wait   time.Duration
}

// WithReopen adds the tests of what outlives a store. reopen ends the use of s,
// by Close or by something harsher, and opens the same data again as a gateway
// that starts anew would.
func WithReopen(reopen func(t *testing.T, s delivery.Store) delivery.Store) Option {
	return func(s *suite) { s.reopen = reopen }
}

// WithPeer adds the tests of stores that several gateways share. peer opens the
// data of s for one more gateway, while s stays open.
func WithPeer(peer func(t *testing.T, s delivery.Store) delivery.Store) Option {
	return func(s *suite) { s.peer = peer }
}

// WithPatience is how long the suite waits for what a store does by itself, such
// as noticing that the owner of a hold is gone. The default is 10 s.
func WithPatience(d time.Duration) Option {
	return func(s *suite) { s.wait = d }
}

// Run holds a store to the contract of [delivery.Store]. open gives an empty
// store for one subtest; the suite closes it. Subtests run in parallel.
func Run(t *testing.T, open func(t *testing.T) delivery.Store, options ...Option) {
	t.Helper()
	s := &suite{open: open, wait: 10 * time.Second}
	for _, o := range options {
		o(s)
	}
	s.group(t, "Hold", holdClauses)
	s.group(t, "Append", appendClauses)
	s.group(t, "Target", targetClauses)
	s.group(t, "Lease", leaseClauses)
	s.group(t, "Finish", finishClauses)
	s.group(t, "Key", keyClauses)
	s.group(t, "Watch", watchClauses)
	s.group(t, "Archive", archiveClauses)
	s.group(t, "Log", logClauses)
	s.group(t, "Stats", statsClauses)
	s.group(t, "Purge", purgeClauses)
	s.group(t, "Load", loadClauses)
	s.group(t, "End", endClauses)
	s.group(t, "Model", modelClauses)
	s.group(t, "Document", documentClauses)
	s.group(t, "DocumentWatch", documentWatchClauses)
	s.group(t, "Messages", messagesClauses)
	s.group(t, "Newest", newestClauses)
	s.group(t, "LogFilter", logFilterClauses)
	s.group(t, "Inspect", inspectClauses)
	s.group(t, "Settle", settleClauses)
	if s.reopen != nil {
		s.group(t, "Reopen", reopenClauses)
		s.group(t, "ReopenDocument", reopenDocumentClauses)
	}
	if s.peer != nil {
		s.group(t, "Peer", peerClauses)
		s.group(t, "PeerDocument", peerDocumentClauses)
	}
}

// clause is one sentence of the contract and its test.
type clause struct {
	name string
	test func(h *harness)
}

func (s *suite) group(t *testing.T, name string, clauses []clause) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		for _, c := range clauses {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.test(newHarness(t, s))
			})
		}
	})
}

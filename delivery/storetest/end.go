package storetest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

var endClauses = []clause{
	{"a context that has ended changes nothing", func(h *harness) {
		h.append(message("m", "a"))
		h.hold("h", time.Now())
		l := h.one("a", "m")
		ctx, cancel := context.WithCancel(h.ctx)
		cancel()
		for name, call := range calls(h.Store, l) {
			require.ErrorIs(h, call(ctx), context.Canceled, name)
		}
		require.Len(h, h.holds(10), 1)
		require.Equal(h, delivery.Pending, h.where("a", "m").State)
		_, _, err := h.Message(h.ctx, source, "new")
		require.ErrorIs(h, err, delivery.ErrNotFound)
		h.finish(done(l))
		require.Equal(h, delivery.Delivered, h.where("a", "m").State)
	}},
	{"a closed store says so", func(h *harness) {
		h.append(message("m", "a"))
		l := h.one("a", "m")
		require.NoError(h, h.Close())
		for name, call := range calls(h.Store, l) {
			ctx, cancel := context.WithTimeout(h.ctx, h.suite.wait)
			err := call(ctx)
			cancel()
			require.Error(h, err, name)
			require.NotErrorIs(h, err, context.DeadlineExceeded, "%s waits for ever", name)
			require.NotErrorIs(h, err, delivery.ErrNotFound, name)
			require.NotErrorIs(h, err, delivery.ErrNoHold, name)
		}
	}},
	{"closing it twice does no harm", func(h *harness) {
		require.NoError(h, h.Close())
		_ = h.Close()
	}},
	{"a call in flight ends before Close does, or fails", func(h *harness) {
		h.each(16, func(i int) error {
			if i == 15 {
				return h.Close()
			}
			for n := range 50 {
				m := message(string(rune('a'+i))+string(rune('0'+n)), "a")
				if err := h.Append(h.ctx, m); err != nil {
					return nil //nolint:nilerr // the store was closed
				}
			}
			return nil
		})
	}},
}

// calls has one call of each method. Watch and WatchDocuments are not among
// them: they survive failures of the store.
func calls(s delivery.Store, l delivery.Lease) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"Hold":    func(ctx context.Context) error { return s.Hold(ctx, delivery.Hold{ID: "new"}) },
		"Release": func(ctx context.Context) error { return s.Release(ctx, "h", message("new", "a")) },
		"Append":  func(ctx context.Context) error { return s.Append(ctx, message("new", "a")) },
		"Orphans": func(ctx context.Context) error { _, err := s.Orphans(ctx, 1); return err },
		"Lease":   func(ctx context.Context) error { _, _, err := s.Lease(ctx, "a", 1, soon()); return err },
		"Extend":  func(ctx context.Context) error { _, err := s.Extend(ctx, soon(), l); return err },
		"Finish":  func(ctx context.Context) error { return s.Finish(ctx, done(l)) },
		"Message": func(ctx context.Context) error { _, _, err := s.Message(ctx, source, "m"); return err },
		"Deliveries": func(ctx context.Context) error {
			_, err := s.Deliveries(ctx, delivery.DeliveryQuery{})
			return err
		},
		"Attempts": func(ctx context.Context) error {
			_, _, err := s.Attempts(ctx, delivery.AttemptQuery{})
			return err
		},
		"Stats":     func(ctx context.Context) error { _, err := s.Stats(ctx, "a"); return err },
		"Replay":    func(ctx context.Context) error { return s.Replay(ctx, "a", l.Message.Seq, time.Time{}) },
		"Discard":   func(ctx context.Context) error { return s.Discard(ctx, "a", l.Message.Seq, "no") },
		"Holds":     func(ctx context.Context) error { _, err := s.Holds(ctx, 1); return err },
		"Messages":  func(ctx context.Context) error { _, _, err := s.Messages(ctx, delivery.MessageQuery{}); return err },
		"AllStats":  func(ctx context.Context) error { _, err := s.AllStats(ctx); return err },
		"HoldByID":  func(ctx context.Context) error { _, err := s.HoldByID(ctx, "h"); return err },
		"HoldCount": func(ctx context.Context) error { _, err := s.HoldCount(ctx); return err },
		"Settle":    func(ctx context.Context) error { return s.Settle(ctx, "a", l.Message.Seq) },
		"Documents": func(ctx context.Context) error { _, err := s.Documents(ctx, "webhook"); return err },
		"PutDocument": func(ctx context.Context) error {
			_, err := s.PutDocument(ctx, delivery.Document{Kind: "webhook", Key: "new"})
			return err
		},
		"RemoveDocument": func(ctx context.Context) error { return s.RemoveDocument(ctx, "webhook", "k", 0) },
		"Purge":          func(ctx context.Context) error { _, err := s.Purge(ctx, time.Now(), 0); return err },
	}
}

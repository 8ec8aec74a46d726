package local_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
)

// editor makes documents, changes every second of them and removes every fifth.
func editor(s *local.Store, prefix string, say func(what, id string)) {
	ctx := context.Background()
	for i := 0; ; i++ {
		d := delivery.Document{Kind: "webhook", Key: fmt.Sprint(prefix, "-", i), Data: []byte("made")}
		made, err := s.PutDocument(ctx, d)
		if err != nil {
			continue
		}
		say("p", fmt.Sprint(made.Key, " ", made.Number, " ", made.Revision))
		if i%2 == 0 {
			made.Data = []byte("changed")
			if made, err = s.PutDocument(ctx, made); err == nil {
				say("p", fmt.Sprint(made.Key, " ", made.Number, " ", made.Revision))
			}
		}
		if i%5 == 0 {
			say("x", made.Key) // it may be removed from here on
			_ = s.RemoveDocument(ctx, made.Kind, made.Key, made.Revision)
		}
	}
}

// subscriber acknowledges what is in a lane of its own.
func subscriber(s *local.Store, say func(what, id string)) {
	ctx := context.Background()
	for {
		leases, _, err := s.Lease(ctx, "pull", 8, time.Now().Add(time.Minute))
		if err != nil || len(leases) == 0 {
			time.Sleep(time.Millisecond)
			continue
		}
		for _, l := range leases {
			if s.Settle(ctx, "pull", l.Message.Seq) == nil {
				say("a", l.Message.ID)
			}
		}
	}
}

// managed is what victims acknowledged of documents and to a subscriber.
type managed struct {
	documents map[string]revised // by key
	removing  map[string]bool    // or removed
	fetched   map[string]bool    // messages
}

type revised struct{ number, revision uint64 }

func (m *managed) hear(t *testing.T, what, line string) {
	t.Helper()
	switch what {
	case "p":
		var key string
		var r revised
		_, err := fmt.Sscan(line, &key, &r.number, &r.revision)
		require.NoError(t, err)
		m.documents[key] = r
	case "x":
		m.removing[line] = true
	case "a":
		m.fetched[line] = true
	}
}

// check is that each document is there as it was last acknowledged, or as the
// call left it that the kill cut off; that no number is there twice; and that
// what a subscriber has acknowledged stays so.
func (m *managed) check(t *testing.T, s *local.Store, round int) {
	t.Helper()
	all, err := s.Documents(t.Context(), "webhook")
	require.NoError(t, err)
	there := map[string]bool{}
	for _, d := range all {
		there[d.Key] = true
		if known, ok := m.documents[d.Key]; ok {
			require.Equal(t, known.number, d.Number, "round %d: %s", round, d.Key)
			require.GreaterOrEqual(t, d.Revision, known.revision, "round %d: %s is as it was before", round, d.Key)
		}
		m.documents[d.Key] = revised{d.Number, d.Revision}
	}
	numbers := map[uint64]string{} // also of those that were removed
	for key, r := range m.documents {
		require.Empty(t, numbers[r.number], "round %d: number %d twice", round, r.number)
		numbers[r.number] = key
		require.True(t, there[key] || m.removing[key], "round %d: document %s is lost", round, key)
	}
	for id := range m.fetched {
		_, deliveries, err := s.Message(t.Context(), "/victim", id)
		require.NoError(t, err)
		for _, d := range deliveries {
			require.True(t, d.Lane != "pull" || d.State == delivery.Delivered, "round %d: %s is %v", round, id, d.State)
		}
	}
}

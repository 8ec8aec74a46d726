package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// shelf is an archive that can only list.
type shelf struct {
	delivery.Archive
	all   []delivery.Delivery // by lane and position
	err   error
	pages int
}

func (s *shelf) Deliveries(_ context.Context, q delivery.DeliveryQuery) ([]delivery.Delivery, error) {
	s.pages++
	var page []delivery.Delivery
	for _, d := range s.all {
		behind := q.After == nil || d.Lane > q.After.Lane || d.Lane == q.After.Lane && d.Seq > q.After.Seq
		if d.State == q.State && behind && len(page) < min(q.Limit, 3) {
			page = append(page, d)
		}
	}
	return page, s.err
}

func TestLettersOfAStore(t *testing.T) {
	t.Parallel()
	states := []delivery.State{delivery.Pending, delivery.Delivered, delivery.Dead, delivery.Skipped, delivery.Discarded}
	s := &shelf{}
	for _, lane := range []string{"r1", "r2"} {
		for i := range 25 {
			s.all = append(s.all, delivery.Delivery{
				Lane: lane, Seq: uint64(i + 1), State: states[i%len(states)], Due: time.Now().Add(time.Hour), Reason: fmt.Sprint(states[i%len(states)]),
				Message: &delivery.Message{Event: eventOf(write{number(i + 1), create, "o-1"}, "")},
			})
		}
	}
	letters, err := lettersOf(t.Context(), s)
	require.NoError(t, err)
	require.Len(t, letters, 2*3*5)
	require.Greater(t, s.pages, 9)
	for _, l := range letters {
		require.Equal(t, l.Reason == "pending", l.Pending)
		require.NotEqual(t, "delivered", l.Reason)
		require.NotZero(t, l.Number)
		require.InDelta(t, time.Hour, l.Due, float64(time.Minute))
	}

	s.err = errors.New("unreadable")
	_, err = lettersOf(t.Context(), s)
	require.ErrorIs(t, err, s.err)
}

func TestLetterThatIsNoEvent(t *testing.T) {
	t.Parallel()
	l := letterOf(delivery.Delivery{Lane: "r1", State: delivery.Dead, Message: &delivery.Message{ID: "e", Event: []byte("?")}})
	require.Equal(t, "e", l.Event)
	require.NotEmpty(t, l.Damaged)
	require.False(t, l.Pending)
}

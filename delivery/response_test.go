package delivery_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestWhatBecomesOfAStatus is the table of statuses of Standard Webhooks and the
// web hooks of CloudEvents together.
func TestWhatBecomesOfAStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]delivery.State{
		200: delivery.Delivered, 201: delivery.Delivered, 202: delivery.Delivered, // ON-18
		204: delivery.Delivered, 209: delivery.Delivered,
		301: delivery.Pending, 400: delivery.Pending, 401: delivery.Pending, 403: delivery.Pending,
		404: delivery.Pending, 408: delivery.Pending, 409: delivery.Pending, 425: delivery.Pending,
		429: delivery.Pending, 500: delivery.Pending, 502: delivery.Pending, 503: delivery.Pending,
		504: delivery.Pending, 599: delivery.Pending,
		410: delivery.Dead, 413: delivery.Dead, 415: delivery.Dead,
		422: delivery.Dead, // by NoRetry
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, delivery.Options{})
			r := answers(status)
			s.lane(delivery.Lane{ID: "a", Sender: r, NoRetry: []int{422}})
			s.append(message("m1", "a"))
			synctest.Wait()
			require.Equal(t, []string{"m1"}, s.where("a", want), "status %d", status)
			require.Equal(t, 1, r.count())
		})
	}
}

func TestWhyADeliveryIsDead(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]delivery.Result{
		"the receiver is gone for good: status 410":                                                    status(410),
		"the message is too large for the receiver: status 413":                                        status(413),
		"the receiver does not take the webhook's format: status 415":                                  status(415),
		"the webhook does not retry this status: no such customer":                                     {Status: 422, Reason: delivery.ReasonClient, Error: "no such customer"},
		"the message cannot be sent: too deep":                                                         {Reason: delivery.ReasonFormat, Error: "too deep", Unsendable: true},
		"given up after attempt 1: timeout":                                                            {Reason: delivery.ReasonTimeout},
		"given up after attempt 1: " + strings.Repeat("é", (1024-len("given up after attempt 1: "))/2): {Status: 500, Reason: delivery.ReasonServer, Error: strings.Repeat("é", 5000)}, // ON-17
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, delivery.Options{})
			s.lane(delivery.Lane{
				ID: "a", NoRetry: []int{422}, Schedule: schedule(t, "fixed", 0),
				Sender: newReceiver(func(context.Context, []delivery.Lease) delivery.Result { return r }),
			})
			s.append(message("m1", "a"))
			synctest.Wait()
			require.Equal(t, want, s.reason("a"))
			require.Len(t, s.told.finished(), 1)
			require.LessOrEqual(t, len(s.told.finished()[0].Error), delivery.MaxErrorText)
		})
	}
}

// TestLogKeepsTheRequestOfFailuresOnly, and no more of a body than it may.
func TestLogKeepsTheRequestOfFailuresOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		n := 0
		s.lane(delivery.Lane{ID: "a", Sender: newReceiver(func(context.Context, []delivery.Lease) delivery.Result {
			n++
			r := status(map[int]int{1: 500, 2: 200}[n])
			r.Request, r.Response = []byte("body"), make([]byte, 1<<20)
			return r
		})})
		s.append(message("m1", "a"))
		pass(time.Hour)
		require.Len(t, s.told.finished(), 2)
		bad, good := s.told.finished()[0], s.told.finished()[1]
		require.Equal(t, "body", string(bad.Request))
		require.Equal(t, []any{"a", "m1", uint64(1), "nl.test.made", 1, "https://a.example/", "POST", false, 500},
			[]any{bad.Lane, bad.Message, bad.Seq, bad.Type, bad.Number, bad.URL, bad.Method, bad.Success, bad.Status})
		require.Len(t, bad.Response, delivery.MaxResponseText)
		require.Nil(t, good.Request)
		require.True(t, good.Success)
		require.Equal(t, 2, good.Number)
		require.Zero(t, good.Next)
	})
}

// TestASenderThatPanics is a failure like any other.
func TestASenderThatPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		n := 0
		s.lane(delivery.Lane{ID: "a", Sender: newReceiver(func(context.Context, []delivery.Lease) delivery.Result {
			if n++; n == 1 {
				panic("secret")
			}
			return status(204)
		})})
		s.append(message("m1", "a"))
		pass(time.Hour)
		require.Equal(t, []string{"m1"}, s.where("a", delivery.Delivered))
		require.Equal(t, "the sender panicked with a string", s.told.finished()[0].Error)
	})
}

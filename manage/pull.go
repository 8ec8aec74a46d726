package manage

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// Bounds of pulling.
const (
	defaultPull     = 100 // messages, as OpenConnector gives
	maxPullLease    = 3600
	acknowledgeOnce = 10_000 // messages that one call may acknowledge
	acknowledgers   = 16     // writes side by side, which a store groups
)

// pulledMessage is a message that the subscriber fetched.
type pulledMessage struct {
	ID       uint64          `json:"id"`
	EventID  string          `json:"eventId"`
	Event    json.RawMessage `json:"event"`
	Lease    *time.Time      `json:"lease"` // until when nobody else leases it; null without
	Redacted bool            `json:"redacted,omitempty"`
}

// pulledMessages are oldest first. cursor is where the next look goes on, and what
// acknowledges these; null for none, and with a lease: what is leased is
// acknowledged by its ids, since others have leases in between.
type pulledMessages struct {
	Messages []pulledMessage `json:"messages"`
	Cursor   *string         `json:"cursor"`
}

// acknowledged tells how many messages were settled, and whether more are left
// up to the cursor than one call takes.
type acknowledged struct {
	Acknowledged int  `json:"acknowledged"`
	More         bool `json:"more"`
}

// pullSubscription finds the subscription that the path names, which must be of
// style pull.
func (h *Handler) pullSubscription(r *http.Request) (catalogue.Entry, error) {
	e, err := h.subscription(r)
	if err == nil && e.Webhook.Style != webhook.StylePull {
		err = &Problem{Status: http.StatusBadRequest, Detail: "the subscription is of style push: its messages are sent to it", Text: "Subscription is not pull-based"}
	}
	return e, err
}

// pull is GET /events/subscriptions/{id}/pull. Without lease it is a look: it
// changes nothing, and gives what is not acknowledged, oldest first. With a
// lease the messages are the caller's for so many seconds: no other caller with
// a lease gets them.
func (h *Handler) pull(w http.ResponseWriter, r *http.Request) error {
	e, err := h.pullSubscription(r)
	if err != nil {
		return err
	}
	q := queryOf(r.URL)
	limit, lease := q.number(defaultPull, 1, maxPage, "limit"), q.number(0, 1, maxPullLease, "lease")
	after := q.pullCursor("cursor")
	if lease > 0 && !scopesOf(r.Context()).Has(Write) {
		return refuse(http.StatusForbidden, "a lease needs the scope write: it keeps messages from others")
	}
	if lease > 0 && after.seq > 0 {
		q.fault("cursor", "cannot go with lease, which always gives the oldest that nobody has")
	}
	if err := q.err(); err != nil {
		return err
	}
	answered, err := h.pulled(r, lane(&e), limit, lease, after)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, answered)
}

func (h *Handler) pulled(r *http.Request, lane string, limit, lease int, after pullCursor) (pulledMessages, error) {
	messages := []pulledMessage{}
	add := func(m *delivery.Message, until *time.Time) {
		view := pulledMessage{ID: m.Seq, EventID: m.ID, Lease: until}
		view.Event, view.Redacted = h.payload(r, m.Event)
		messages = append(messages, view)
	}
	if lease > 0 {
		until := time.Now().Add(time.Duration(lease) * time.Second)
		leases, _, err := h.config.Store.Lease(r.Context(), lane, limit, until)
		for i := range leases {
			add(leases[i].Message, moment(leases[i].Until))
		}
		return pulledMessages{messages, nil}, err
	}
	page, err := h.config.Store.Deliveries(r.Context(), h.pendingAfter(lane, after.seq, limit))
	for i := range page {
		if i > 0 && mayReadPayload(r) && isLeftOut(page[i].Message.Event) {
			page = page[:i] // the rest is given next time
			break
		}
		add(page[i].Message, nil)
	}
	return pulledMessages{messages, givenUpTo(after, page)}, err
}

// pullCursor reads a parameter that has one; the zero value if it is absent.
func (q *query) pullCursor(name string) (c pullCursor) {
	text := q.values.Get(name)
	if text == "" {
		return c
	}
	c, ok := parsePullCursor(text)
	if !ok {
		q.fault(name, "is not what a pull gave as its cursor")
	}
	return c
}

func (h *Handler) pendingAfter(lane string, after uint64, limit int) delivery.DeliveryQuery {
	q := delivery.DeliveryQuery{Lane: lane, State: delivery.Pending, Limit: limit}
	if after > 0 {
		q.After = &delivery.Position{Lane: lane, Seq: after}
	}
	return q
}

// acknowledgement is the body of POST /events/subscriptions/{id}/acknowledge:
// one of both.
type acknowledgement struct {
	Cursor   string   `json:"cursor"`   // what the looks up to it have given
	Messages []uint64 `json:"messages"` // these, by id
}

// acknowledge is POST /events/subscriptions/{id}/acknowledge: the subscriber has
// these messages, and they are not given again.
func (h *Handler) acknowledge(w http.ResponseWriter, r *http.Request) error {
	e, err := h.pullSubscription(r)
	if err != nil {
		return err
	}
	body, err := readDocument[acknowledgement](w, r)
	if err != nil {
		return err
	}
	cursor, known := parsePullCursor(body.Cursor)
	switch {
	case (body.Cursor == "") == (len(body.Messages) == 0):
		return invalid(fault{"", "must have either cursor or messages"})
	case body.Cursor != "" && !known:
		return invalid(fault{"/cursor", "is not what a pull gave as its cursor"})
	case len(body.Messages) > acknowledgeOnce:
		return invalid(fault{"/messages", "has more than 10000 entries"})
	}
	lane := lane(&e)
	var count int
	var more bool
	if body.Cursor != "" {
		count, more, err = h.acknowledgeTo(r.Context(), lane, cursor)
	} else {
		count, err = h.acknowledgeEach(r.Context(), lane, body.Messages)
	}
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, acknowledged{count, more})
}

// acknowledgeTo settles what a cursor covers, as much as one call may; more tells
// whether something is left.
func (h *Handler) acknowledgeTo(ctx context.Context, lane string, cursor pullCursor) (count int, more bool, err error) {
	ctx = withoutBodies(ctx)
	for after := uint64(0); count < acknowledgeOnce; {
		page, err := h.config.Store.Deliveries(ctx, h.pendingAfter(lane, after, maxPage))
		if err != nil {
			return count, true, err
		}
		var given []uint64
		for i := range page {
			if cursor.covers(&page[i], time.Now()) {
				given = append(given, page[i].Seq)
			}
		}
		done, err := h.acknowledgeEach(ctx, lane, given)
		count += done
		if err != nil || len(page) < maxPage || page[len(page)-1].Seq >= cursor.seq {
			return count, false, err
		}
		after = page[len(page)-1].Seq
	}
	return count, true, nil
}

// acknowledgeEach settles messages, and counts those that there are.
func (h *Handler) acknowledgeEach(ctx context.Context, lane string, seqs []uint64) (int, error) {
	var count, next atomic.Int64
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	for range min(acknowledgers, len(seqs)) {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(seqs)) && failed.Load() == nil; i = next.Add(1) - 1 {
				err := h.config.Store.Settle(ctx, lane, seqs[i])
				switch {
				case err == nil:
					count.Add(1)
				case !errors.Is(err, delivery.ErrNotFound):
					failed.Store(&err)
				}
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return int(count.Load()), *err
	}
	return int(count.Load()), nil
}

package manage

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/webhook"
)

// replayBounds gives how fast a job goes and how much it does at most.
func replayBounds(wantedRate *float64, wantedLimit *int, faults *[]fault) (rate float64, limit int) {
	rate, limit = defaultJobRate, defaultJobSize
	set(&rate, wantedRate)
	set(&limit, wantedLimit)
	if rate < minJobRate || rate > maxJobRate {
		*faults = append(*faults, fault{"/rate", "must be from 0.01 to 1000 a second"})
	}
	if limit < 1 || limit > maxJobItems {
		*faults = append(*faults, fault{"/limit", "must be from 1 to 1000000"})
	}
	return rate, limit
}

// replayRequest is the body of POST /replay.
type replayRequest struct {
	Webhook string    `json:"webhook" required:"true"` // number or UUID
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until"`
	Type    string    `json:"type"`
	Subject string    `json:"subject"`
	Source  string    `json:"source"`

	Rate  *float64 `json:"rate"`  // a second, 0.01 to 1000; default 50
	Limit *int     `json:"limit"` // 1 to 1,000,000; default 10,000
}

// replayMessages is POST /replay: messages of a time once more to one webhook.
// Of its own settings its events count, unless type names one, and its filters
// do not: what they look at, such as the request, is not kept with a message.
func (h *Handler) replayMessages(w http.ResponseWriter, r *http.Request) error {
	body, err := readDocument[replayRequest](w, r)
	if err != nil {
		return err
	}
	var faults []fault
	rate, limit := replayBounds(body.Rate, body.Limit, &faults)
	entry, ok := h.config.Webhooks.Find(body.Webhook)
	switch {
	case !ok:
		faults = append(faults, fault{"/webhook", "is required: number or UUID of a webhook that there is"})
	case entry.Hook == nil || !entry.Hook.Delivers():
		faults = append(faults, fault{"/webhook", "is a webhook that nothing is delivered to"})
	}
	if body.Since.IsZero() && body.Until.IsZero() && body.Type == "" && body.Subject == "" {
		faults = append(faults, fault{"/since", "is required, or one of until, type and subject: everything at once is seldom meant"})
	}
	if len(faults) > 0 {
		return invalid(faults...)
	}
	about(r.Context(), &entry)
	query := delivery.MessageQuery{
		Type: body.Type, Subject: body.Subject, Source: body.Source, Since: body.Since, Until: body.Until, Limit: maxPage,
	}
	if query.Until.IsZero() {
		query.Until = time.Now() // and not what comes while the job runs
	}
	job := Job{Kind: "replay", Webhook: &entry.UUID, Rate: rate}
	return h.startJob(w, job, func(ctx context.Context, j *runningJob) error { //nolint:contextcheck // it goes on when the request is over
		found, err := h.collectMessages(ctx, j, query, lane(&entry), wanted(&entry, body.Type), limit)
		if err != nil {
			return err
		}
		return h.replayAll(ctx, j, found, rate)
	})
}

// wanted tells which types of events a webhook is told of.
func wanted(e *catalogue.Entry, named string) func(*delivery.Message) bool {
	if named != "" {
		return func(*delivery.Message) bool { return true }
	}
	hooks := webhook.NewRegistry([]*webhook.Hook{e.Hook}).Snapshot()
	return func(m *delivery.Message) bool {
		t := event.Type{Name: m.Type, Class: m.Class}
		return hooks.Follows(t) || hooks.FollowsBefore(t)
	}
}

// collectMessages finds what is to be replayed, oldest first.
func (h *Handler) collectMessages(ctx context.Context, j *runningJob, q delivery.MessageQuery, lane string, want func(*delivery.Message) bool, limit int) ([]delivery.Position, error) {
	var found []delivery.Position
	for {
		page, next, err := h.config.Store.Messages(ctx, q)
		if err != nil {
			return nil, err
		}
		before := len(found)
		for i := range page {
			if len(found) < limit && want(&page[i]) {
				found = append(found, delivery.Position{Lane: lane, Seq: page[i].Seq})
			}
		}
		j.found(len(found) - before)
		if next == 0 || len(found) == limit {
			return found, ctx.Err()
		}
		q.After = next
	}
}

// deadLetterReplay is the body of POST /dead-letters/replay.
type deadLetterReplay struct {
	Webhook string    `json:"webhook"` // all without
	Type    string    `json:"type"`
	After   time.Time `json:"after"`  // dead since
	Before  time.Time `json:"before"` // dead until

	Rate  *float64 `json:"rate"`  // as in replayRequest
	Limit *int     `json:"limit"` // as in replayRequest
}

// replayDeadLetters is POST /dead-letters/replay: many at a rate.
func (h *Handler) replayDeadLetters(w http.ResponseWriter, r *http.Request) error {
	body, err := readOptional[deadLetterReplay](w, r)
	if err != nil {
		return err
	}
	var faults []fault
	rate, limit := replayBounds(body.Rate, body.Limit, &faults)
	query := delivery.DeliveryQuery{State: delivery.Dead, Limit: maxPage}
	job := Job{Kind: "dead-letters", Rate: rate}
	if body.Webhook != "" {
		entry, ok := h.config.Webhooks.Find(body.Webhook)
		if !ok {
			faults = append(faults, fault{"/webhook", "is no number or UUID of a webhook that there is"})
		}
		query.Lane, job.Webhook = lane(&entry), &entry.UUID
		about(r.Context(), &entry)
	}
	if len(faults) > 0 {
		return invalid(faults...)
	}
	if body.Before.IsZero() {
		body.Before = time.Now() // and not what dies once more while the job runs
	}
	return h.startJob(w, job, func(ctx context.Context, j *runningJob) error { //nolint:contextcheck // it goes on when the request is over
		found, err := h.collectDeadLetters(ctx, j, query, &body, limit)
		if err != nil {
			return err
		}
		return h.replayAll(ctx, j, found, rate)
	})
}

// collectDeadLetters finds what is to be replayed. What nobody would get, as its
// webhook is gone, stays.
func (h *Handler) collectDeadLetters(ctx context.Context, j *runningJob, q delivery.DeliveryQuery, body *deadLetterReplay, limit int) ([]delivery.Position, error) {
	var found []delivery.Position
	known := h.directory()
	for {
		page, err := h.config.Store.Deliveries(ctx, q)
		if err != nil {
			return nil, err
		}
		before := len(found)
		for i := range page {
			if len(found) < limit && known[page[i].Lane] != nil && body.selects(&page[i]) {
				found = append(found, delivery.Position{Lane: page[i].Lane, Seq: page[i].Seq})
			}
		}
		j.found(len(found) - before)
		if len(page) < q.Limit || len(found) == limit {
			return found, ctx.Err()
		}
		last := page[len(page)-1]
		q.After = &delivery.Position{Lane: last.Lane, Seq: last.Seq}
	}
}

func (b *deadLetterReplay) selects(d *delivery.Delivery) bool {
	ofType := b.Type == "" || d.Message != nil && d.Message.Type == b.Type
	return ofType && !d.Changed.Before(b.After) && d.Changed.Before(b.Before)
}

// replayAll makes deliveries pending again, at a rate. One that is not there
// any more counts as failed and does not end the job.
func (h *Handler) replayAll(ctx context.Context, j *runningJob, found []delivery.Position, rate float64) error {
	pace := newPace(rate)
	for _, p := range found {
		if err := pace.wait(ctx); err != nil {
			return err
		}
		err := h.config.Store.Replay(ctx, p.Lane, p.Seq, time.Now())
		if err != nil && !errors.Is(err, delivery.ErrNotFound) {
			return err
		}
		j.tried(err)
	}
	return nil
}

package manage

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// overviewLife is how long an overview serves all who look: it costs the
// counters of every lane.
const overviewLife = 2 * time.Second

// Overview is GET /overview: what an operator sees first.
type Overview struct {
	StartedAt    time.Time     `json:"startedAt"`
	Gateway      string        `json:"gateway"`
	Version      string        `json:"version"` // of Voorpoort
	CaddyVersion string        `json:"caddyVersion"`
	Store        OverviewStore `json:"store"`
	Totals       Totals        `json:"totals"`
	Attention    []Attention   `json:"attention"` // what needs a person, worst first
	Series       Series        `json:"series"`
}

// OverviewStore tells how the store is.
type OverviewStore struct {
	Kind    string `json:"kind"`
	Failing bool   `json:"failing"`
}

// Totals are of all webhooks together.
type Totals struct {
	Webhooks    int    `json:"webhooks"`
	Enabled     int    `json:"enabled"`
	Pending     uint64 `json:"pending"`
	Retrying    uint64 `json:"retrying"`
	DeadLetters uint64 `json:"deadLetters"`
	Skipped     uint64 `json:"skipped"`
	Holds       int    `json:"holds"` // 1000 stands for more
	Attempts    uint64 `json:"attempts"`
	Successful  uint64 `json:"successful"`
	Failed      uint64 `json:"failed"`
}

// overviewCache keeps the expensive part of the overview.
type overviewCache struct {
	mu      sync.Mutex
	made    time.Time
	current Overview // without Series
}

// overview gives the overview with a window of its series. It never fails: a
// store that does is what it tells.
func (h *Handler) overview(ctx context.Context, window time.Duration) Overview {
	c := &h.overviews
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.made) > overviewLife {
		c.current, c.made = h.newOverview(ctx), time.Now()
	}
	view := c.current
	view.Series = h.config.Activity.Series(window)
	return view
}

func (h *Handler) newOverview(ctx context.Context) Overview {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second) // for all who look, not for the first
	defer cancel()
	o := Overview{
		StartedAt: asShown(h.config.Activity.Started()), Gateway: h.config.Gateway, Version: h.config.Version, CaddyVersion: h.config.CaddyVersion,
		Store: OverviewStore{Kind: h.config.StoreKind},
	}
	stats, err := h.config.Store.AllStats(ctx)
	if err == nil {
		var holds []delivery.Hold
		if holds, err = h.config.Store.Holds(ctx, maxPage); err == nil {
			o.Totals.Holds = len(holds)
			o.Attention = append(o.Attention, oldHolds(holds, time.Now())...)
		}
	}
	if err == nil {
		err = h.storeFails()
	}
	if err != nil {
		h.report(err)
		o.Store.Failing = true
	}
	o.count(h, stats)
	o.Attention = h.attention(&o, stats)
	return o
}

// count adds up the counters of all lanes.
func (o *Overview) count(h *Handler, stats map[string]delivery.Stats) {
	for _, s := range stats {
		o.Totals.Pending += s.Pending
		o.Totals.Retrying += s.Retrying
		o.Totals.DeadLetters += s.Dead
		o.Totals.Skipped += s.Skipped
		o.Totals.Attempts += s.Total
		o.Totals.Successful += s.Successful
		o.Totals.Failed += s.Failed
	}
	entries := h.config.Webhooks.List()
	o.Totals.Webhooks = len(entries)
	for i := range entries {
		if !entries[i].Webhook.Disabled {
			o.Totals.Enabled++
		}
	}
}

// getOverview is GET /overview?window=<seconds>.
func (h *Handler) getOverview(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r.URL)
	window := q.number(3600, 10, 3600, "window")
	if err := q.err(); err != nil {
		return err
	}
	return answer(w, http.StatusOK, h.overview(r.Context(), time.Duration(window)*time.Second))
}

// writeOverview sends the overview with its last minute.
func (s *eventStream) writeOverview(ctx context.Context) bool {
	raw, err := json.Marshal(s.handler.overview(ctx, time.Minute))
	if err != nil {
		return false
	}
	return s.write(fmt.Appendf(nil, "event: overview\ndata: %s\n\n", raw))
}

// sampleQueue tells the activity how much waits, until ctx ends.
func (h *Handler) sampleQueue(ctx context.Context) {
	for sleepFor(ctx, seriesStep) == nil {
		timed, cancel := context.WithTimeout(ctx, seriesStep)
		stats, err := h.config.Store.AllStats(timed)
		cancel()
		if err != nil {
			continue // Engine.Failing tells of it
		}
		var pending uint64
		for _, s := range stats {
			pending += s.Pending
		}
		h.config.Activity.Queued(pending)
	}
}

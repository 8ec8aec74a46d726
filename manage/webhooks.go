package manage

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// textNoWebhook is what OpenRegister says of a webhook that is not there.
const textNoWebhook = "Webhook not found"

// webhookList is a page of webhooks.
type webhookList struct {
	Results []*webhookDocument `json:"results"`
	Total   int                `json:"total"`
}

// webhookOf finds the webhook that the path names.
func (h *Handler) webhookOf(r *http.Request) (*catalogue.Entry, error) {
	e, found := h.config.Webhooks.Find(r.PathValue("id"))
	if !found {
		return nil, refuse(http.StatusNotFound, textNoWebhook)
	}
	return &e, nil
}

func (h *Handler) listWebhooks(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r.URL)
	limit := q.number(maxPage, 1, maxPage, "limit", "_limit")
	offset := q.number(0, 0, maxOffset, "offset", "_offset")
	if page := q.number(0, 1, maxOffset, "_page"); page > 0 {
		offset = (page - 1) * limit
	}
	if err := q.err(); err != nil {
		return err
	}
	all := h.config.Webhooks.List()
	total := len(all)
	all = all[min(offset, total):min(offset+limit, total)]
	stats, err := h.statsOf(r.Context(), all)
	if err != nil {
		return err
	}
	list := webhookList{Results: make([]*webhookDocument, len(all)), Total: total}
	for i := range all {
		if list.Results[i], err = h.show(&all[i], stats[lane(&all[i])]); err != nil {
			return err
		}
	}
	return answer(w, http.StatusOK, list)
}

// fewLanes are so few that asking for each is less work than asking for the
// 10,000 that there may be: a lane costs microseconds here, or a round trip.
const fewLanes = 100

// statsOf gives the counters of webhooks by lane.
func (h *Handler) statsOf(ctx context.Context, entries []catalogue.Entry) (map[string]delivery.Stats, error) {
	if len(entries) > fewLanes {
		return h.config.Store.AllStats(ctx) //nolint:wrapcheck // told as it is
	}
	stats := make(map[string]delivery.Stats, len(entries))
	for i := range entries {
		name := lane(&entries[i])
		one, err := h.config.Store.Stats(ctx, name)
		if err != nil {
			return nil, err //nolint:wrapcheck // told as it is
		}
		stats[name] = one
	}
	return stats, nil
}

func (h *Handler) getWebhook(w http.ResponseWriter, r *http.Request) error {
	e, err := h.webhookOf(r)
	if err != nil {
		return err
	}
	return h.answerWebhook(w, r, http.StatusOK, e)
}

// answerWebhook shows a webhook, with its revision as ETag. One of the
// configuration has none: nothing can be made to depend on it.
func (h *Handler) answerWebhook(w http.ResponseWriter, r *http.Request, status int, e *catalogue.Entry) error {
	stats, err := h.config.Store.Stats(r.Context(), lane(e))
	if err != nil {
		return err //nolint:wrapcheck // told as it is
	}
	document, err := h.show(e, stats)
	if err != nil {
		return err
	}
	if e.Revision > 0 {
		w.Header().Set("ETag", etag(e.Revision))
	}
	return answer(w, status, document)
}

func (h *Handler) createWebhook(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	definition, err := definitionOf(body)
	if err != nil {
		return err
	}
	if err := h.mayTakeOver(r, definition.UUID); err != nil {
		return err
	}
	e, err := h.config.Webhooks.Create(r.Context(), definition)
	if err != nil {
		return err //nolint:wrapcheck // told as it is
	}
	w.Header().Set("Location", "webhooks/"+strconv.FormatUint(e.Number, 10)) // relative to this collection, wherever it is mounted
	return h.answerWebhook(w, r, http.StatusCreated, &e)
}

// mayTakeOver says whether a caller may choose a uuid. It names a queue: what
// waits there, of a webhook that was removed, would be sent to the new one, which
// is for those who may have things sent again.
func (h *Handler) mayTakeOver(r *http.Request, id string) error {
	if id == "" || scopesOf(r.Context()).Has(Replay) {
		return nil
	}
	stats, err := h.config.Store.Stats(r.Context(), strings.ToLower(id))
	if err == nil && stats.Pending+stats.Dead > 0 {
		err = conflict("Events of a webhook that was removed are kept for this uuid. To take them over needs the scope replay as well; or choose another uuid, or none.")
	}
	return err //nolint:wrapcheck // told as it is
}

func (h *Handler) updateWebhook(w http.ResponseWriter, r *http.Request) error {
	before, err := h.webhookOf(r)
	if err != nil {
		return err
	}
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	revision, err := expected(r.Header.Values("If-Match"), before.Revision)
	if err != nil {
		return err
	}
	e, err := h.config.Webhooks.Update(r.Context(), before.UUID, revision, func(stored webhook.Webhook) (webhook.Webhook, error) {
		stored.UUID = before.UUID
		return changed(stored, body)
	})
	if err != nil {
		return lost(err)
	}
	return h.answerWebhook(w, r, http.StatusOK, &e)
}

func (h *Handler) deleteWebhook(w http.ResponseWriter, r *http.Request) error {
	before, err := h.webhookOf(r)
	if err != nil {
		return err
	}
	revision, err := expected(r.Header.Values("If-Match"), before.Revision)
	if err != nil {
		return err
	}
	if err := h.config.Webhooks.Delete(r.Context(), before.UUID, revision); err != nil {
		return lost(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// lost says of a webhook that was removed in between that it is not there.
func lost(err error) error {
	if errors.Is(err, catalogue.ErrNotFound) {
		return refuse(http.StatusNotFound, textNoWebhook)
	}
	return err
}

func (h *Handler) resumeWebhook(w http.ResponseWriter, r *http.Request) error {
	e, err := h.webhookOf(r)
	if err != nil {
		return err
	}
	if !h.config.Engine.Resume(lane(e)) {
		return refuse(http.StatusConflict, "the webhook has no queue in this gateway that could go on")
	}
	return h.answerWebhook(w, r, http.StatusOK, e)
}

// etag is the entity tag of a revision (RFC 9110 section 8.8.3).
func etag(revision uint64) string { return `"` + strconv.FormatUint(revision, 10) + `"` }

// expected reads If-Match (RFC 9110 section 13.1.1): the revision that a change
// is for, 0 for whichever it is. Weak tags never match.
func expected(header []string, current uint64) (uint64, error) {
	if len(header) == 0 {
		return 0, nil
	}
	for tag := range strings.SplitSeq(strings.Join(header, ","), ",") {
		switch tag = strings.TrimSpace(tag); {
		case tag == "*":
			return 0, nil
		case tag == etag(current) && current > 0 && current < math.MaxUint64:
			return current, nil
		}
	}
	return 0, catalogue.ErrChanged
}

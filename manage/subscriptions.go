package manage

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// subscriptionWords are the names that a subscription has for the members of a
// webhook, for faults.
var subscriptionWords = []struct{ webhook, subscription string }{
	{"/url", "/sink"},
	{"/events", "/types"},
	{"/eventFilters", "/filters"},
	{"/headers", "/protocolSettings/headers"},
	{"/method", "/protocolSettings/method"},
	{"/name", "/reference"},
	{"/enabled", "/status"},
	{"/retryPolicy", "/config/retryPolicy"},
	{"/maxRetries", "/config/maxRetries"},
	{"/timeout", "/config/timeout"},
}

// webhookFaults gives the faults of a webhook that is at a pointer.
func webhookFaults(err error, at string) []fault {
	validation, ok := errors.AsType[*webhook.ValidationError](err)
	if !ok {
		return []fault{{at, "is not JSON without duplicate members"}}
	}
	faults := make([]fault, len(validation.Fields))
	for i, field := range validation.Fields {
		faults[i] = fault{at + field.Pointer, field.Detail}
	}
	return faults
}

// subscriptionError tells what went wrong in the words of subscriptions.
func subscriptionError(err error) error {
	if _, ok := errors.AsType[*webhook.ValidationError](err); !ok {
		if errors.Is(err, catalogue.ErrNotFound) {
			return missing("There is no such subscription.", "Subscription not found")
		}
		return err
	}
	faults := webhookFaults(err, "")
	for i := range faults {
		for _, word := range subscriptionWords {
			if rest, ok := strings.CutPrefix(faults[i].pointer, word.webhook); ok && (rest == "" || rest[0] == '/') {
				faults[i].pointer = word.subscription + rest
				break
			}
		}
	}
	return invalid(faults...)
}

// subscription finds the subscription that the path names.
func (h *Handler) subscription(r *http.Request) (catalogue.Entry, error) {
	e, ok := h.config.Webhooks.Find(r.PathValue("id"))
	if !ok || !subscribes(&e) {
		return e, missing("There is no such subscription.", "Subscription not found")
	}
	return e, nil
}

// subscriptionList is a page of subscriptions.
type subscriptionList struct {
	Results []subscriptionView `json:"results"`
	Total   int                `json:"total"` // on all pages
}

// listSubscriptions is GET /events/subscriptions.
func (h *Handler) listSubscriptions(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r.URL)
	limit, offset := q.number(maxPage, 1, maxPage, "limit", "_limit"), q.number(0, 0, maxOffset, "offset", "_offset")
	if err := q.err(); err != nil {
		return err
	}
	list := subscriptionList{Results: []subscriptionView{}}
	entries := h.config.Webhooks.List()
	for i := range entries {
		if !subscribes(&entries[i]) {
			continue
		}
		if list.Total >= offset && len(list.Results) < limit {
			list.Results = append(list.Results, newSubscriptionView(&entries[i]))
		}
		list.Total++
	}
	return answer(w, http.StatusOK, list)
}

// answerSubscription shows a subscription, with its revision as ETag.
func answerSubscription(w http.ResponseWriter, e *catalogue.Entry) error {
	if e.Revision > 0 {
		w.Header().Set("ETag", etag(e.Revision))
	}
	return answer(w, http.StatusOK, newSubscriptionView(e))
}

// getSubscription is GET /events/subscriptions/{id}.
func (h *Handler) getSubscription(w http.ResponseWriter, r *http.Request) error {
	e, err := h.subscription(r)
	if err != nil {
		return err
	}
	return answerSubscription(w, &e)
}

// createSubscription is POST /events/subscriptions.
func (h *Handler) createSubscription(w http.ResponseWriter, r *http.Request) error {
	in, err := readDocument[subscriptionInput](w, r)
	if err != nil {
		return err
	}
	id := uuid.NewString()
	wanted, err := in.apply(webhook.Webhook{UUID: id, Name: "subscription " + id})
	if err != nil {
		return err
	}
	e, err := h.config.Webhooks.Create(r.Context(), wanted)
	if err != nil {
		return subscriptionError(err)
	}
	return answerSubscription(w, &e)
}

// updateSubscription is PUT /events/subscriptions/{id}.
func (h *Handler) updateSubscription(w http.ResponseWriter, r *http.Request) error {
	before, err := h.subscription(r)
	if err != nil {
		return err
	}
	revision, err := expected(r.Header.Values("If-Match"), before.Revision)
	if err != nil {
		return err
	}
	in, err := readDocument[subscriptionInput](w, r)
	if err != nil {
		return err
	}
	e, err := h.config.Webhooks.Update(r.Context(), before.UUID, revision, in.apply)
	if err != nil {
		return subscriptionError(err)
	}
	return answerSubscription(w, &e)
}

// deleteSubscription is DELETE /events/subscriptions/{id}.
func (h *Handler) deleteSubscription(w http.ResponseWriter, r *http.Request) error {
	e, err := h.subscription(r)
	if err != nil {
		return err
	}
	revision, err := expected(r.Header.Values("If-Match"), e.Revision)
	if err != nil {
		return err
	}
	if err := h.config.Webhooks.Delete(r.Context(), e.UUID, revision); err != nil {
		return subscriptionError(err)
	}
	return answer(w, http.StatusOK, newSubscriptionView(&e))
}

// messagesOfSubscription is a subscription and what it was told.
type messagesOfSubscription struct {
	Subscription subscriptionView `json:"subscription"`
	Messages     []eventMessage   `json:"messages"`
}

// listSubscriptionMessages is GET /events/subscriptions/{id}/messages, newest
// first.
func (h *Handler) listSubscriptionMessages(w http.ResponseWriter, r *http.Request) error {
	e, err := h.subscription(r)
	if err != nil {
		return err
	}
	q := queryOf(r.URL)
	limit := q.limit()
	if err := q.err(); err != nil {
		return err
	}
	lane := lane(&e)
	deliveries, err := h.config.Store.Deliveries(r.Context(), delivery.DeliveryQuery{Lane: lane, Newest: true, Limit: limit})
	if err != nil {
		return err
	}
	rows, _, err := h.config.Store.Attempts(r.Context(), delivery.AttemptQuery{Lane: lane, Limit: maxPage})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, messagesOfSubscription{newSubscriptionView(&e), h.eventMessages(r, deliveries, rows)})
}

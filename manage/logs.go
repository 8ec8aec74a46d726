package manage

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/strictjson"
)

// logRoutes are OpenRegister's operations on the log, with one row beside them.
func (h *Handler) logRoutes() []route {
	const group = "logs"
	filters := []parameter{
		{Name: "limit", Type: "integer", Detail: "length of the page, 1 to 1000; default 50"},
		{Name: "offset", Type: "integer", Detail: "rows to pass over"},
		{Name: "cursor", Type: "string", Detail: "of the page before: goes on behind it, whatever is new"},
		{Name: "success", Type: "boolean", Detail: "only calls that succeeded, or that failed"},
		{Name: "eventId", Type: "string", Detail: "only of the event with this id"},
		{Name: "type", Type: "string", Detail: "only of events of this type; looks at the newest 10,000 rows"},
		{Name: "since", Type: "date-time", Detail: "only rows written at or after this time"},
		{Name: "until", Type: "date-time", Detail: "only rows written before this time"},
	}
	all := append([]parameter{
		{Name: "webhookId", Type: "string", Detail: "only calls of the webhook with this id or uuid"},
		{Name: "webhook_id", Type: "string", Hidden: true},
	}, filters...)
	return []route{
		{Name: "listLogs", Method: "GET", Pattern: "/webhooks/logs", Scope: Read, Group: group, Summary: "List calls, newest first",
			Parameters: all, Response: logList{}, Refusals: []int{404}, Serve: h.listLogs},
		{Name: "getLog", Method: "GET", Pattern: "/webhooks/logs/{logId}", Scope: Read, Group: group, Summary: "Get one call",
			Response: logRow{}, Refusals: []int{404}, Serve: h.getLog},
		{Name: "retryLog", Method: "POST", Pattern: "/webhooks/logs/{logId}/retry", Scope: Replay, Group: group,
			Summary:  "Make a failed call again, now: the same event, the next attempt",
			Response: callResult{}, Refusals: []int{404, 502}, Serve: h.retryLog},
		{Name: "listWebhookLogs", Method: "GET", Pattern: "/webhooks/{id}/logs", Scope: Read, Group: group, Summary: "List calls of a webhook, newest first",
			Parameters: filters, Response: logList{}, Refusals: []int{404}, Serve: h.listWebhookLogs},
		{Name: "getWebhookStatistics", Method: "GET", Pattern: "/webhooks/{id}/logs/stats", Scope: Read, Group: group, Summary: "Count the calls of a webhook",
			Response: logStatistics{}, Refusals: []int{404}, Serve: h.getStatistics},
	}
}

// logRow is one call, as the API shows it. The bodies are null, and redacted
// true, for callers without the scope read:payload.
type logRow struct {
	ID           uint64          `json:"id"`
	WebhookID    *uint64         `json:"webhookId"` // null: the webhook is gone
	Webhook      string          `json:"webhook"`   // its uuid; of a webhook that is gone the name of its queue
	WebhookName  string          `json:"webhookName"`
	EventID      string          `json:"eventId"`
	EventClass   string          `json:"eventClass"`
	EventType    string          `json:"eventType"`
	Payload      json.RawMessage `json:"payload" shape:"any"` // what was sent as far as it is kept, else the event
	URL          string          `json:"url"`
	Method       string          `json:"method"`
	Success      bool            `json:"success"`
	StatusCode   *int            `json:"statusCode"` // null: no answer
	Reason       string          `json:"reason"`
	RequestBody  *string         `json:"requestBody"` // of failures
	ResponseBody *string         `json:"responseBody"`
	ErrorMessage *string         `json:"errorMessage"`
	Attempt      int             `json:"attempt"`
	DurationMs   float64         `json:"durationMs"`
	NextRetryAt  *time.Time      `json:"nextRetryAt"`
	Created      *time.Time      `json:"created"`
	Replayed     bool            `json:"replayed"`
	Redacted     bool            `json:"redacted,omitempty"`
}

// logList is a page of the log. Total counts all pages.
type logList struct {
	Results []*logRow `json:"results"`
	Total   uint64    `json:"total"`
	Cursor  *string   `json:"cursor"` // of the next page; null at the end
}

func (h *Handler) listLogs(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r.URL)
	id := q.text("webhookId", "webhook_id")
	if id == "" || id == "0" { // as OpenRegister reads it
		return h.answerLogs(w, r, q, "")
	}
	e, found := h.config.Webhooks.Find(id)
	if !found {
		return refuse(http.StatusNotFound, textNoWebhook)
	}
	return h.answerLogs(w, r, q, lane(&e))
}

func (h *Handler) listWebhookLogs(w http.ResponseWriter, r *http.Request) error {
	e, err := h.webhookOf(r)
	if err != nil {
		return err
	}
	return h.answerLogs(w, r, queryOf(r.URL), lane(e))
}

func (h *Handler) answerLogs(w http.ResponseWriter, r *http.Request, q *query, lane string) error {
	attempts := delivery.AttemptQuery{
		Lane: lane, Message: q.text("eventId"), Success: q.flag("success"), Type: q.text("type"),
		Since: q.time("since"), Until: q.time("until"),
		Offset: q.number(0, 0, maxOffset, "offset", "_offset"), Limit: q.limit(),
	}
	if parts := q.cursor("log", 1); parts != nil {
		before, ok := position(parts[0])
		if !ok {
			q.fault("cursor", "is not one that this list has given out")
		}
		attempts.Before = before
	}
	if err := q.err(); err != nil {
		return err
	}
	rows, total, err := h.config.Store.Attempts(r.Context(), attempts)
	if err != nil {
		return err //nolint:wrapcheck // told as it is
	}
	list := logList{Results: h.rows(r.Context(), rows), Total: total}
	if len(rows) == attempts.Limit && uint64(attempts.Offset+len(rows)) < total {
		next := cursorOf("log", strconv.FormatUint(rows[len(rows)-1].ID, 10))
		list.Cursor = &next
	}
	return answer(w, http.StatusOK, list)
}

func (h *Handler) getLog(w http.ResponseWriter, r *http.Request) error {
	row, err := h.rowOf(r)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, h.rows(r.Context(), []delivery.Attempt{*row})[0])
}

// rowOf finds the row that the path names.
func (h *Handler) rowOf(r *http.Request) (*delivery.Attempt, error) {
	missing := refuse(http.StatusNotFound, "Webhook log not found")
	id, ok := position(r.PathValue("logId"))
	if !ok || id == 0 {
		return nil, missing
	}
	rows, _, err := h.config.Store.Attempts(r.Context(), delivery.AttemptQuery{ID: id, Limit: 1})
	if err != nil {
		return nil, err //nolint:wrapcheck // told as it is
	}
	if len(rows) == 0 {
		return nil, missing
	}
	return &rows[0], nil
}

// text gives a pointer to a text; nil for none.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// isJSON tells whether bytes are a document of JSON.
func isJSON(body []byte) bool {
	return len(body) > 0 && strictjson.Check(body, strictjson.DefaultMaxDepth) == nil
}

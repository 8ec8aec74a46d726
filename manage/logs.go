package manage

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/strictjson"
)

// logRow is one call, as the API shows it. The bodies are null, and redacted
// true, for callers without the scope read:payload.
type logRow struct {
	ID           uint64          `json:"id,omitempty"` // 0: the store could not tell which row was just written
	WebhookID    *uint64         `json:"webhookId"`    // null: the webhook is gone
	Webhook      string          `json:"webhook"`      // its uuid; of a webhook that is gone the name of its queue
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

// logList is a page of the log. Total counts all pages; with a type or times it
// stops at [delivery.MaxScan].
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
		Offset: q.number(0, 0, maxOffset, "offset", "_offset"), Limit: q.limit(), Before: q.after(logCursor),
	}
	if err := q.err(); err != nil {
		return err
	}
	limit := attempts.Limit
	attempts.Limit++ // the total does not tell whether a row follows: it may stop before the end
	rows, total, err := h.config.Store.Attempts(r.Context(), attempts)
	if err != nil {
		return err //nolint:wrapcheck // told as it is
	}
	var cursor *string
	if len(rows) > limit {
		rows = rows[:limit]
		cursor = nextAfter(logCursor, rows[limit-1].ID)
	}
	return answer(w, http.StatusOK, logList{Results: h.rows(r.Context(), rows), Total: total, Cursor: cursor})
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

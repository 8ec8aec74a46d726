package console

import (
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"
)

// attempt is what a table shows of a row of the log.
type attempt struct {
	ID          json.Number     `json:"id"`
	WebhookName string          `json:"webhookName"`
	EventID     string          `json:"eventId"`
	EventType   string          `json:"eventType"`
	Success     bool            `json:"success"`
	StatusCode  *int            `json:"statusCode"`
	Reason      string          `json:"reason"`
	Error       *string         `json:"errorMessage"`
	Attempt     int             `json:"attempt"`
	DurationMs  float64         `json:"durationMs"`
	NextRetryAt *string         `json:"nextRetryAt"`
	Created     *string         `json:"created"`
	Replayed    bool            `json:"replayed"`
	Request     json.RawMessage `json:"requestBody"`
	Response    json.RawMessage `json:"responseBody"`
}

func deliveriesCommand() *cobra.Command {
	list := command("list", "Lists the attempts, newest first", 0, listDeliveries)
	list.Flags().String("webhook", "", "only those to one webhook, by number, uuid or name")
	list.Flags().Bool("failed", false, "only those that failed")
	list.Flags().Int("limit", 50, "how many, at most 1000")
	list.Flags().Int("offset", 0, "how many to pass over")
	return group("deliveries", "Shows the log of deliveries, and sends again",
		list,
		command("show <event>", "Shows where an event stands with each webhook, and its attempts", 1, showDelivery),
		command("retry <attempt>", "Sends the event of a failed attempt once more, now", 1, retryDelivery),
	)
}

func listDeliveries(s *session) error {
	query := s.query(map[string]string{"webhook": "webhook_id", "limit": "limit", "offset": "offset"})
	if failed, _ := s.cmd.Flags().GetBool("failed"); failed {
		query.Set("success", "false")
	}
	var page struct {
		Results []attempt
		Total   json.Number
	}
	raw, err := s.get(s.ctx, "webhooks/logs", query, &page)
	if err != nil {
		return err
	}
	return s.show(raw, func() {
		attempts(s, page.Results)
		s.say("%d of %s", len(page.Results), page.Total.String())
	})
}

func attempts(s *session, rows []attempt) {
	t := newTable(s.out, "ID", "TIME", "WEBHOOK", "EVENT", "TYPE", "ATTEMPT", "OUTCOME", "MS", "NEXT")
	for i := range rows {
		a := &rows[i]
		t.row(a.ID, when(a.Created), a.WebhookName, a.EventID, a.EventType, a.Attempt, a.outcome(), strconv.FormatFloat(a.DurationMs, 'f', 1, 64), when(a.NextRetryAt))
	}
	t.end()
}

// outcome is the status, or why there was none.
func (a *attempt) outcome() string {
	text := "delivered"
	if !a.Success {
		text = a.Reason
	}
	if a.StatusCode != nil && *a.StatusCode != 0 {
		text += " " + strconv.Itoa(*a.StatusCode)
	}
	return text
}

func showDelivery(s *session) error {
	var shown struct {
		Message struct {
			ID, Type, Subject string
			Time              *string
		}
		Deliveries []struct {
			WebhookName string
			State       string
			Attempts    int
			DueAt       *string
			Reason      string
		}
		Attempts []attempt
	}
	raw, err := s.get(s.ctx, "messages/"+url.PathEscape(s.arguments[0]), nil, &shown)
	if err != nil {
		return err
	}
	return s.show(raw, func() {
		m := &shown.Message
		s.say("%s  %s  %s  %s\n", m.ID, m.Type, m.Subject, when(m.Time))
		t := newTable(s.out, "WEBHOOK", "STATE", "ATTEMPTS", "DUE", "REASON")
		for _, d := range shown.Deliveries {
			t.row(d.WebhookName, d.State, d.Attempts, when(d.DueAt), d.Reason)
		}
		t.end()
		s.say("")
		attempts(s, shown.Attempts)
	})
}

func retryDelivery(s *session) error {
	return s.attempt("webhooks/logs/" + url.PathEscape(s.arguments[0]) + "/retry")
}

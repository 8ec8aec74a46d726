package manage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// render gives news as server-sent events. Each is made once for all viewers.
func (s *eventStream) render(news []*News, dropped uint64) []byte {
	var out bytes.Buffer
	if dropped > 0 {
		fmt.Fprintf(&out, "event: dropped\ndata: {\"count\":%d}\n\n", dropped)
	}
	var names *nameTable
	for _, n := range news {
		written := n.written.Load()
		if written == nil {
			if names == nil {
				names = s.handler.names.table(s.handler)
			}
			raw := renderNews(n, names)
			written = &raw
			n.written.Store(written)
		}
		out.Write(*written)
	}
	return out.Bytes()
}

// renderNews gives one server-sent event.
func renderNews(n *News, names *nameTable) []byte {
	var view any
	switch {
	case n.Attempt != nil:
		view = newAttemptEvent(n, names.byLane)
	case n.Interception != nil:
		view = newInterceptionView(n, names.byName)
	case n.Lane != nil:
		view = newLaneEvent(n, names.byLane)
	default:
		view = map[string]any{"at": asShown(n.At)}
	}
	raw, _ := json.Marshal(view)
	return fmt.Appendf(nil, "id: %d\nevent: %s\ndata: %s\n\n", n.ID, topicEvents[n.Topic], raw)
}

// attemptEvent is a row of the log as it comes by, without the id that the
// store gives it and without bodies.
type attemptEvent struct {
	webhookRef
	EventID      string     `json:"eventId"`
	EventClass   *string    `json:"eventClass"`
	EventType    string     `json:"eventType"`
	URL          string     `json:"url"`
	Method       string     `json:"method"`
	Success      bool       `json:"success"`
	StatusCode   *int       `json:"statusCode"`
	Reason       *string    `json:"reason"`
	ErrorMessage *string    `json:"errorMessage"`
	Attempt      int        `json:"attempt"`
	DurationMs   float64    `json:"durationMs"`
	NextRetryAt  *time.Time `json:"nextRetryAt"`
	Created      time.Time  `json:"created"`
	Replayed     bool       `json:"replayed"`
}

func newAttemptEvent(n *News, names directory) attemptEvent {
	a := n.Attempt
	view := attemptEvent{
		webhookRef: names.refNamed(a.Webhook, a.Name),
		EventID:    a.EventID, EventClass: optional(a.EventClass), EventType: a.EventType, URL: a.URL, Method: a.Method,
		Success: a.Success, Reason: optional(a.Reason), ErrorMessage: optional(a.Error), Attempt: a.Number,
		DurationMs: milliseconds(a.Duration), NextRetryAt: moment(a.Next), Created: asShown(n.At), Replayed: a.Replayed,
	}
	if a.Status != 0 {
		view.StatusCode = &a.Status
	}
	return view
}

// laneEvent is a webhook that came into another state.
type laneEvent struct {
	webhookRef
	At    time.Time  `json:"at"`
	State string     `json:"state"`
	Until *time.Time `json:"stateUntil"`
}

func newLaneEvent(n *News, names directory) laneEvent {
	return laneEvent{names.refNamed(n.Lane.Webhook, n.Lane.Name), asShown(n.At), n.Lane.State, moment(n.Lane.Until)}
}

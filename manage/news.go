package manage

import (
	"sync/atomic"
	"time"
)

// Topic is a kind of news that viewers may ask for.
type Topic string

// The topics of news.
const (
	TopicAttempts      Topic = "attempts"
	TopicInterceptions Topic = "interceptions"
	TopicLanes         Topic = "lanes"
	TopicWebhooks      Topic = "webhooks" // the list of webhooks has changed
	TopicOverview      Topic = "overview" // made for viewers, not kept
)

// News is one thing that happened. It is not changed after it was told.
type News struct {
	ID      uint64 // ascending, also from one start of the gateway to the next
	At      time.Time
	Topic   Topic
	Webhook string // lane, or name of an interceptor; "" for all

	// One of these, after the topic; none for TopicWebhooks.
	Attempt      *AttemptNews
	Interception *InterceptionNews
	Lane         *LaneNews

	written atomic.Pointer[[]byte] // as it goes to viewers, made by the first of them
}

// AttemptNews is a call to a receiver, without bodies. Its fields are those of
// delivery.Attempt.
type AttemptNews struct {
	Webhook    string // the lane
	Name       string // of the webhook
	EventID    string
	EventType  string
	EventClass string
	URL        string // without credentials
	Method     string
	Success    bool
	Status     int
	Reason     string
	Error      string
	Number     int // of the attempt, from 1
	Duration   time.Duration
	Next       time.Time
	Replayed   bool
}

// InterceptionNews is a webhook that was asked about a write. Its fields are
// those of interceptor.Call.
type InterceptionNews struct {
	Webhook   string // the webhook's name
	EventID   string
	EventType string
	Mode      string
	Outcome   string // approved, modified, rejected, canceled, failed_closed, failed_open, failed_flagged, failed_queued
	Reason    string // why it failed; "" otherwise
	Status    int
	Duration  time.Duration
	Sent      int
	Received  int
	Changed   []string // JSON Pointers; the caller's, copied
}

// blocked tells whether the write did not reach the register.
func (n *InterceptionNews) blocked() bool {
	return n.Mode == "enforce" && (n.Outcome == "rejected" || n.Outcome == "failed_closed")
}

// LaneNews is a lane that came into another state. Its fields are those of
// delivery.LaneStatus.
type LaneNews struct {
	Webhook string // the lane
	Name    string
	State   string
	Until   time.Time
}

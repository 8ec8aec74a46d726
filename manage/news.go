package manage

import (
	"context"
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

// Viewer follows the news of an Activity at its own pace. It is used by one
// goroutine.
type Viewer struct {
	activity *Activity
	next     uint64 // the first that it has not seen
	match    func(*News) bool
}

// View begins to follow the news that match, behind the one with the ID after;
// 0, or one that there has not been, is from now on.
func (a *Activity) View(after uint64, match func(*News) bool) *Viewer {
	a.mu.Lock()
	defer a.mu.Unlock()
	next := a.news.next
	if after > 0 && after < next {
		next = max(after+1, a.first) // what happened before the start is nobody's to count
	}
	return &Viewer{activity: a, next: next, match: match}
}

// Take gives what happened since it was called last, oldest first: the newest
// that match, at most limit. dropped is how many more there were, as far as is
// known: those that did not fit, and those that are not kept any more, which
// nobody can tell whether they would have matched.
func (v *Viewer) Take(limit int) (news []*News, dropped uint64) {
	a := v.activity
	a.mu.Lock()
	all, missed := a.news.since(v.next)
	v.next = a.news.next
	a.mu.Unlock()
	for _, n := range all {
		if v.match(n) {
			news = append(news, n)
		}
	}
	if over := len(news) - limit; over > 0 {
		news = news[over:]
		missed += uint64(over)
	}
	return news, missed
}

// Seen is the ID of the newest news that Take has looked at.
func (v *Viewer) Seen() uint64 { return v.next - 1 }

// Wait returns when there may be something to take, or with the context's
// error.
func (v *Viewer) Wait(ctx context.Context) error {
	a := v.activity
	a.mu.Lock()
	if a.news.next != v.next {
		a.mu.Unlock()
		return sleepFor(ctx, beat) // there is something already: at the common pace all the same
	}
	a.watching++
	pulse := a.pulse
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		a.watching--
		a.mu.Unlock()
	}()
	select {
	case <-pulse:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sleepFor waits for a time, or returns the context's error.
func sleepFor(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

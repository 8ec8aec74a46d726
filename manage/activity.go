package manage

import (
	"slices"
	"sync"
	"time"
)

// Activity is what happened lately in this gateway: a ring of news that viewers
// follow, another of the last interceptions, and an hour of counters. It is in
// memory only, is safe for concurrent use, and outlives configurations.
//
// Those who tell it something never wait for those who watch: they write into
// the rings and counters under one short lock, however many viewers there are
// and however slow these are.
type Activity struct {
	now     func() time.Time
	started time.Time
	first   uint64 // ID of the first news

	mu            sync.Mutex
	news          ring[*News]
	interceptions ring[*News]
	series        series
	watching      int           // viewers that wait
	pulse         chan struct{} // closed when there is something for them
	beating       bool          // a timer runs that will close it
	upto          uint64        // where the last beat ended
	sights        map[string]sight
}

// beat is how long news are gathered for viewers: they are woken at most this
// often, whatever happens. A person takes it for at once.
const beat = 500 * time.Millisecond

// keptInterceptions is how many interceptions are kept beside the news.
const keptInterceptions = 1000

// DefaultActivity is the number of news that an Activity keeps if not said
// otherwise.
const DefaultActivity = 8192

// NewActivity keeps the last size news; 0 means DefaultActivity.
func NewActivity(size int) *Activity {
	if size <= 0 {
		size = DefaultActivity
	}
	a := &Activity{
		now: time.Now, started: time.Now(), pulse: make(chan struct{}),
		sights: map[string]sight{},
		news:   newRing[*News](size), interceptions: newRing[*News](min(size, keptInterceptions)),
	}
	// The ids of a gateway that was started again are above those that it gave
	// before, so that a viewer who comes back misses nothing.
	a.first = uint64(max(a.started.UnixMicro(), 1))
	a.news.next = a.first
	return a
}

// Started is when the Activity was made, which is when the gateway was started.
func (a *Activity) Started() time.Time { return a.started }

// Attempt tells of a call to a receiver.
func (a *Activity) Attempt(n AttemptNews) {
	a.tell(&News{Topic: TopicAttempts, Webhook: n.Webhook, Attempt: &n}, func(b *bucket) {
		b.attempts++
		if !n.Success {
			b.failed++
		}
		b.latency.add(n.Duration)
	})
}

// Interception tells of a webhook that was asked about a write.
func (a *Activity) Interception(n InterceptionNews) {
	n.Changed = slices.Clone(n.Changed)
	news := &News{Topic: TopicInterceptions, Webhook: n.Webhook, Interception: &n}
	a.tell(news, func(b *bucket) {
		b.interceptions++
		if n.blocked() {
			b.blocked++
		}
	})
}

// Lane tells that a lane came into another state.
func (a *Activity) Lane(n LaneNews) {
	a.tell(&News{Topic: TopicLanes, Webhook: n.Webhook, Lane: &n}, nil)
}

// Webhooks tells that the list of webhooks has changed.
func (a *Activity) Webhooks() { a.tell(&News{Topic: TopicWebhooks}, nil) }

// Queued tells how many deliveries wait in all lanes together. Whoever knows
// tells it every few seconds.
func (a *Activity) Queued(pending uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.series.at(a.now()).queued = &pending
}

// tell keeps the news, counts it, and sees to it that viewers are woken.
func (a *Activity) tell(n *News, count func(*bucket)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n.At = a.now()
	n.ID = a.news.add(n)
	if n.Interception != nil {
		a.interceptions.add(n)
	}
	if count != nil {
		count(a.series.at(n.At))
	}
	if a.watching > 0 {
		a.begin()
	}
}

// begin gathers what happens from now on for a beat.
func (a *Activity) begin() {
	if !a.beating {
		a.beating = true
		time.AfterFunc(beat, a.wake)
	}
}

// wake lets all viewers look.
func (a *Activity) wake() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.beating, a.upto = false, a.news.next
	close(a.pulse)
	a.pulse = make(chan struct{})
}

// Series gives the counters of the last window, at most an hour, oldest first,
// a point for each 10 seconds. The last point is of the 10 seconds that are not
// over.
func (a *Activity) Series(window time.Duration) Series {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.series.points(a.now(), window)
}

// Interceptions gives the last interceptions that match, newest first, at most
// limit, with an ID below before unless that is 0.
func (a *Activity) Interceptions(match func(*News) bool, before uint64, limit int) []*News {
	a.mu.Lock()
	all := a.interceptions.all()
	a.mu.Unlock()
	var found []*News
	for _, n := range slices.Backward(all) {
		if len(found) == limit {
			break
		}
		if (before == 0 || n.ID < before) && match(n) {
			found = append(found, n)
		}
	}
	return found
}

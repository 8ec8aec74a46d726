package caddymodule

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
)

// The types of the events that tell the operator of the gateway itself.
const (
	typeFailing   = "voorpoort.webhook.failing"    // its breaker opened: nothing is sent but a delivery from time to time
	typeRecovered = "voorpoort.webhook.recovered"  // it takes deliveries again
	typeDisabled  = "voorpoort.webhook.disabled"   // it said that it is gone (410)
	typeExhausted = "voorpoort.delivery.exhausted" // a delivery became a dead letter
)

const (
	// exhaustedEvery is how often the operator is told of one webhook's dead
	// letters: after an outage there may be thousands.
	exhaustedEvery = time.Minute

	// maxBulletins is how many events may wait to be stored. What does not fit is
	// dropped: log and metrics have told it.
	maxBulletins = 1000
)

// bulletins tell the operator, at webhooks of the operator's choice, what the
// engine does: as CloudEvents through the same queue.
type bulletins struct {
	owner *owners
	store delivery.Journal
	drop  func(error)

	news  chan bulletin
	done  chan struct{}
	every time.Duration

	mu     sync.Mutex
	closed bool
	unwell map[string]bool   // lanes that the operator was told are failing or disabled
	buried map[string]*burst // by lane
}

// bulletin is one event to be stored.
type bulletin struct {
	kind string
	lane string // that it is about
	name string
	at   time.Time
	data bulletinData
}

// bulletinData is the data of such an event.
type bulletinData struct {
	Webhook string `json:"webhook"`

	State    string     `json:"state,omitempty"`
	Failures int        `json:"failures,omitempty"` // in a row
	Until    *time.Time `json:"until,omitempty"`    // when the next delivery is tried

	DeadLetters int    `json:"deadLetters,omitempty"` // since the last event of this kind
	EventID     string `json:"eventId,omitempty"`     // of the first of them
	EventType   string `json:"eventType,omitempty"`
	Attempts    int    `json:"attempts,omitempty"`
	Reason      string `json:"reason,omitempty"`
	Status      int    `json:"statusCode,omitempty"`
}

// burst are dead letters of one webhook that the operator is told of together.
type burst struct {
	next *bulletin // what has come since the last event; nil for nothing
}

func newBulletins(owner *owners, store delivery.Journal, logger *zap.Logger) *bulletins {
	b := &bulletins{
		owner: owner, store: store, every: exhaustedEvery,
		news: make(chan bulletin, maxBulletins), done: make(chan struct{}),
		unwell: map[string]bool{}, buried: map[string]*burst{},
	}
	b.drop = seldom(func(err error) {
		logger.Warn("an event for the operator could not be stored", zap.Error(err))
	})
	go b.run()
	return b
}

// close stores what waits and ends.
func (b *bulletins) close() {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return
	}
	b.closed = true
	for lane, of := range b.buried {
		if of.next != nil {
			b.tell(*of.next)
		}
		delete(b.buried, lane)
	}
	close(b.news)
	b.mu.Unlock()
	<-b.done
}

func (b *bulletins) run() {
	defer close(b.done)
	for news := range b.news {
		if err := b.put(news); err != nil {
			b.drop(err)
		}
	}
}

// lane notes a change of a lane's state.
func (b *bulletins) lane(s delivery.LaneStatus) {
	news := bulletin{lane: s.Lane, name: s.Name, at: time.Now(), data: bulletinData{Webhook: s.Name, State: string(s.State), Failures: s.Failures}}
	if !s.Until.IsZero() {
		until := s.Until.UTC()
		news.data.Until = &until
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.unwell[s.Lane]
	switch s.State {
	case delivery.LaneBroken:
		news.kind = typeFailing
	case delivery.LaneGone:
		news.kind, was = typeDisabled, false
	case delivery.LaneOpen:
		news.kind, was = typeRecovered, !was
	case delivery.LaneThrottled, delivery.LaneProbing, delivery.LaneUnknown:
		return
	}
	if was || b.closed {
		return // it was told before
	}
	b.unwell[s.Lane] = s.State != delivery.LaneOpen
	b.tell(news)
}

// dead notes that a delivery became a dead letter.
func (b *bulletins) dead(lane, name string, a *delivery.Attempt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	of := b.buried[lane]
	if of != nil && of.next != nil {
		of.next.data.DeadLetters++
		return
	}
	news := bulletin{kind: typeExhausted, lane: lane, name: name, at: time.Now(), data: bulletinData{
		Webhook: name, DeadLetters: 1, EventID: a.Message, EventType: a.Type, Attempts: a.Number, Reason: string(a.Reason), Status: a.Status,
	}}
	if of != nil {
		of.next = &news
		return
	}
	b.buried[lane] = new(burst)
	b.tell(news)
	time.AfterFunc(b.every, func() { b.flush(lane) })
}

// flush tells of the dead letters that have come in the last minute, until a
// minute brings none.
func (b *bulletins) flush(lane string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	of := b.buried[lane]
	if b.closed || of == nil {
		return
	}
	if of.next == nil {
		delete(b.buried, lane)
		return
	}
	b.tell(*of.next)
	of.next = nil
	time.AfterFunc(b.every, func() { b.flush(lane) })
}

// tell has an event stored, if there is room. The lock is held.
func (b *bulletins) tell(news bulletin) {
	select {
	case b.news <- news:
	default:
	}
}

// put stores an event for the webhooks of the operator's choice.
func (b *bulletins) put(news bulletin) error {
	app := b.owner.newest()
	if app == nil {
		return nil
	}
	targets := app.operatorTargets(news.lane)
	if len(targets) == 0 {
		return nil
	}
	m, err := news.message(app.source())
	if err != nil {
		return err
	}
	m.Targets = targets
	ctx, cancel := context.WithTimeout(context.Background(), storePatience)
	defer cancel()
	return b.store.Append(ctx, m)
}

// message is the bulletin as a CloudEvent.
func (n *bulletin) message(source string) (delivery.Message, error) {
	id := newEventID()
	raw, err := json.Marshal(struct {
		SpecVersion     string       `json:"specversion"`
		ID              string       `json:"id"`
		Source          string       `json:"source"`
		Type            string       `json:"type"`
		Time            time.Time    `json:"time"`
		Subject         string       `json:"subject"`
		DataContentType string       `json:"datacontenttype"`
		Data            bulletinData `json:"data"`
	}{"1.0", id, source, n.kind, n.at.UTC().Truncate(time.Millisecond), "webhook:" + n.name, "application/json", n.data})
	return delivery.Message{ID: id, Source: source, Type: n.kind, Subject: "webhook:" + n.name, Time: n.at, Event: raw}, err
}

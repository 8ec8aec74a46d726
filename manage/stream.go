package manage

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Bounds of streams.
const (
	maxViewers     = 1000 // each is a connection and a goroutine
	viewerPage     = 50   // news of one beat: nobody reads more
	viewersPages   = 2000 // of one beat for all viewers together: what they see is not to cost deliveries
	leastPage      = 5
	keepAlive      = 15 * time.Second // a comment, so that nothing in between takes the stream for dead
	viewerPatience = 20 * time.Second // for one write: who takes longer is let go
	overviewEvery  = 5 * time.Second
)

// streams counts the viewers and ends them.
type streams struct {
	viewers atomic.Int64
	closing chan struct{}
}

// page is how many news of one beat a viewer is told: fewer when there are many
// viewers. What does not fit is counted.
func (s *streams) page() int {
	return min(viewerPage, max(leastPage, viewersPages/int(max(1, s.viewers.Load()))))
}

// topicEvents are the names of news in a stream.
var topicEvents = map[Topic]string{
	TopicAttempts: "attempt", TopicInterceptions: "interception", TopicLanes: "lane",
	TopicWebhooks: "webhooks", TopicOverview: "overview",
}

// streamQuery is what a viewer asked for.
type streamQuery struct {
	topics []Topic
	lane   string // "" for all webhooks
	name   string
	after  uint64
}

func (h *Handler) streamQuery(r *http.Request) (streamQuery, error) {
	q := queryOf(r.URL)
	s := streamQuery{topics: []Topic{TopicWebhooks}}
	text := q.text("topics")
	if text == "" {
		text = "attempts,interceptions,lanes"
	}
	for name := range strings.SplitSeq(text, ",") {
		topic := Topic(name)
		if topicEvents[topic] == "" {
			q.fault("topics", "may be of attempts, interceptions, lanes, webhooks and overview")
		}
		s.topics = append(s.topics, topic)
	}
	if id := q.text("webhook"); id != "" {
		e, ok := h.config.Webhooks.Find(id)
		if !ok {
			q.fault("webhook", "is no number or UUID of a webhook that there is")
		}
		s.lane, s.name = lane(&e), e.Webhook.Name
	}
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		s.after, _ = strconv.ParseUint(last, 10, 64) // what it is not, it is from now on
	}
	return s, q.err()
}

// kind is the same for viewers that want the same.
func (s *streamQuery) kind() string {
	topics := slices.Clone(s.topics)
	slices.Sort(topics)
	return fmt.Sprint(topics, s.lane)
}

// wants tells whether news are for the viewer. Interceptors are known by name,
// receivers by lane.
func (s *streamQuery) wants(n *News) bool {
	if !slices.Contains(s.topics, n.Topic) {
		return false
	}
	switch {
	case s.lane == "" || n.Webhook == "":
		return true
	case n.Topic == TopicInterceptions:
		return n.Webhook == s.name
	}
	return n.Webhook == s.lane
}

// stream is GET /stream: server-sent events (HTML standard, section 9.2). It
// ends when the configuration is loaded again; a browser comes back by itself,
// and misses nothing that is still kept.
func (h *Handler) stream(w http.ResponseWriter, r *http.Request) error {
	query, err := h.streamQuery(r)
	if err != nil {
		return err
	}
	if h.streams.viewers.Add(1) > maxViewers {
		h.streams.viewers.Add(-1)
		return unavailable("Too many are watching already.")
	}
	defer h.streams.viewers.Add(-1)
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return nil // the head is all there is
	}
	w.Header().Set("X-Accel-Buffering", "no") // proxies that gather answers are asked not to
	s := &eventStream{handler: h, query: query, control: http.NewResponseController(w), out: w, alive: keepAlive}
	defer func() { _ = s.control.SetWriteDeadline(time.Time{}) }() // the connection may have other requests
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() {
		select {
		case <-h.streams.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	viewer := h.config.Activity.View(query.after, query.wants).Alike(query.kind()) // before the first byte: from then on nothing is missed
	hello := "retry: 500\n\n"
	if query.after == 0 { // who sees nothing before a reload goes on from here all the same
		hello = fmt.Sprintf("retry: 500\nid: %d\n\n", viewer.Seen())
	}
	if s.write([]byte(hello)) {
		s.run(ctx, viewer)
	}
	return nil // whatever became of it: the answer has begun
}

// eventStream is one viewer's connection.
type eventStream struct {
	handler *Handler
	query   streamQuery
	control *http.ResponseController
	out     http.ResponseWriter
	alive   time.Duration // after so long without news a comment is sent
}

// run writes what happens until the viewer or the handler goes.
func (s *eventStream) run(ctx context.Context, viewer *Viewer) {
	overview := slices.Contains(s.query.topics, TopicOverview)
	wait := s.alive
	if overview {
		wait = overviewEvery
		if !s.writeOverview(ctx) {
			return
		}
	}
	quiet, lastOverview := time.Now(), time.Now()
	for {
		bounded, cancel := context.WithTimeout(ctx, wait)
		_ = viewer.Wait(bounded)
		cancel()
		if ctx.Err() != nil {
			return
		}
		news, dropped := viewer.Take(s.handler.streams.page())
		ok := true
		if len(news)+int(min(dropped, 1)) > 0 {
			ok, quiet = s.write(s.render(news, dropped)), time.Now()
		}
		if ok && overview && time.Since(lastOverview) >= overviewEvery {
			ok, quiet, lastOverview = s.writeOverview(ctx), time.Now(), time.Now()
		}
		if ok && time.Since(quiet) >= s.alive {
			ok, quiet = s.write([]byte(": still here\n\n")), time.Now()
		}
		if !ok {
			return
		}
	}
}

// write sends bytes, and tells whether the viewer takes them in time.
func (s *eventStream) write(raw []byte) bool {
	_ = s.control.SetWriteDeadline(time.Now().Add(viewerPatience)) // where there is none, the server has its own
	if _, err := s.out.Write(raw); err != nil {
		return false
	}
	return s.control.Flush() == nil
}

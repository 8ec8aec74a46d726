package manage

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// newsItem is one server-sent event.
type newsItem struct{ id, event, data string }

// follower reads a stream.
type follower struct {
	t      *testing.T
	answer *http.Response
	lines  *bufio.Scanner
	end    context.CancelFunc
}

// serve opens a port for the office.
func (d *office) serve() *httptest.Server {
	d.t.Helper()
	server := httptest.NewServer(d.handler)
	d.t.Cleanup(server.Close)
	return server
}

// follow opens a stream behind an id, "" for none.
func follow(t *testing.T, server *httptest.Server, query, last string) *follower {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/api/stream"+query, http.NoBody)
	require.NoError(t, err)
	authorize(r)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := server.Client().Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { _ = answer.Body.Close() })
	f := &follower{t, answer, bufio.NewScanner(answer.Body), cancel}
	f.lines.Buffer(nil, 1<<20)
	if answer.StatusCode == http.StatusOK {
		require.True(t, f.lines.Scan())
		require.Equal(t, "retry: 500", f.lines.Text(), "a browser comes back soon after a reload")
		f.lines.Scan()
	}
	return f
}

// next gives the next event; false at the end of the stream.
func (f *follower) next() (item newsItem, ok bool) {
	f.t.Helper()
	for f.lines.Scan() {
		line := f.lines.Text()
		switch {
		case line == "" && item.event != "":
			return item, true
		case strings.HasPrefix(line, "id: "):
			item.id = line[4:]
		case strings.HasPrefix(line, "event: "):
			item.event = line[7:]
		case strings.HasPrefix(line, "data: "):
			item.data = line[6:]
		}
	}
	return item, false
}

// must gives the next event, which must have a name.
func (f *follower) must(name string) (newsItem, map[string]any) {
	f.t.Helper()
	item, ok := f.next()
	require.True(f.t, ok, "the stream ended")
	require.Equal(f.t, name, item.event, item.data)
	var data map[string]any
	require.NoError(f.t, json.Unmarshal([]byte(item.data), &data))
	return item, data
}

func TestAStreamTellsWhatHappens(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	e := d.webhook(`"name":"audit","url":"https://hooks.example/"`)
	f := follow(t, d.serve(), "", "")
	require.Equal(t, "text/event-stream", f.answer.Header.Get("Content-Type"))

	d.activity.Attempt(AttemptNews{Webhook: e.Hook.Lane(), Name: "audit", EventID: "e1", Status: 500, Reason: "server_error", Number: 2, Duration: time.Millisecond, Replayed: true})
	first, attempt := f.must("attempt")
	require.Equal(t, "e1", attempt["eventId"])
	require.InDelta(t, e.Number, attempt["webhookId"], 0)
	require.InDelta(t, 500, attempt["statusCode"], 0)
	require.Equal(t, true, attempt["replayed"])
	require.Nil(t, attempt["nextRetryAt"])

	d.activity.Interception(InterceptionNews{Webhook: "check", Outcome: "rejected"})
	_, interception := f.must("interception")
	require.Equal(t, "rejected", interception["outcome"])

	d.activity.Lane(LaneNews{Webhook: "unknown", Name: "was here", State: "gone"})
	_, lane := f.must("lane")
	require.Equal(t, "gone", lane["state"])
	require.Equal(t, "was here", lane["webhookName"])

	d.activity.Webhooks()
	last, _ := f.must("webhooks")
	require.Greater(t, last.id, first.id)
}

func TestAStreamGoesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	server := d.serve()
	f := follow(t, server, "", "")
	d.activity.Attempt(AttemptNews{EventID: "seen"})
	seen, _ := f.must("attempt")
	f.end()
	d.activity.Attempt(AttemptNews{EventID: "missed"})

	_, missed := follow(t, server, "", seen.id).must("attempt")
	require.Equal(t, "missed", missed["eventId"])
}

func TestAStreamTellsOnlyWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	e := d.webhook(`"name":"check","url":"https://hooks.example/"`)
	server := d.serve()
	f := follow(t, server, "?topics=interceptions&webhook="+e.UUID, "")
	d.activity.Attempt(AttemptNews{Webhook: e.Hook.Lane()})
	d.activity.Interception(InterceptionNews{Webhook: "other"})
	d.activity.Interception(InterceptionNews{Webhook: "check", EventID: "mine"})
	_, mine := f.must("interception")
	require.Equal(t, "mine", mine["eventId"])

	for _, query := range []string{"?topics=attempts,everything", "?webhook=9"} {
		require.Equal(t, http.StatusBadRequest, follow(t, server, query, "").answer.StatusCode, query)
	}
}

func TestAStreamBeginsWithTheOverview(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	_, overview := follow(t, d.serve(), "?topics=overview", "").must("overview")
	require.Equal(t, "gate-1", overview["gateway"])
	require.Len(t, at(t, overview, "series", "points"), 6, "a minute")
}

func TestAStreamEndsWithTheHandler(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	f := follow(t, d.serve(), "", "")
	d.activity.Attempt(AttemptNews{})
	f.must("attempt")
	require.NoError(t, d.handler.Close())
	_, ok := f.next()
	require.False(t, ok)
	require.NoError(t, f.lines.Err(), "its end is a clean one")
}

func TestABusyViewerIsToldOfWhatItDoesNotSee(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	f := follow(t, d.serve(), "", "")
	for i := range viewerPage + 7 {
		d.activity.Attempt(AttemptNews{EventID: fmt.Sprint(i)})
	}
	_, dropped := f.must("dropped")
	require.InDelta(t, 7, dropped["count"], 0)
	_, attempt := f.must("attempt")
	require.Equal(t, "7", attempt["eventId"], "the newest are told")
}

// TestViewersThatDoNotReadAreNobodysProblem: 200 connections from which nothing
// is read hold up neither who tells nor who reads.
func TestViewersThatDoNotReadAreNobodysProblem(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	server := d.serve()
	for range 200 {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		require.NoError(t, c.(*net.TCPConn).SetReadBuffer(1024))
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/stream", http.NoBody)
		authorize(r)
		require.NoError(t, r.Write(c))
	}
	f := follow(t, server, "", "")
	require.Eventually(t, func() bool { return d.handler.streams.viewers.Load() == 201 }, 10*time.Second, time.Millisecond)

	text := strings.Repeat("x", 4096)
	began := time.Now()
	for range 2000 {
		d.activity.Attempt(AttemptNews{EventID: "e", Error: text})
	}
	require.Less(t, time.Since(began), time.Second, "2000 news, 8 MB for each viewer")
	item, ok := f.next()
	require.True(t, ok)
	require.Contains(t, []string{"attempt", "dropped"}, item.event)
}

func TestAStreamIsKeptAlive(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/stream", http.NoBody)
	out := httptest.NewRecorder()
	s := &eventStream{handler: d.handler, query: streamQuery{topics: []Topic{TopicLanes}}, control: http.NewResponseController(out), out: out, alive: 10 * time.Millisecond}
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	s.run(ctx, d.activity.View(0, everything))
	require.Contains(t, out.Body.String(), ": still here\n\n")
}

func TestTheHeadOfAStreamEnds(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	head := d.do("HEAD", "/api/stream", "")
	require.Equal(t, http.StatusOK, head.status)
	require.Equal(t, "text/event-stream", head.header.Get("Content-Type"))
	require.Empty(t, head.body)
}

func TestTooManyViewers(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	d.handler.streams.viewers.Store(maxViewers)
	d.do("GET", "/api/stream", "").problem(503)
	require.EqualValues(t, maxViewers, d.handler.streams.viewers.Load())
}

// What viewers are told of one beat is bounded for all of them together.
func TestManyViewersAreToldLessEach(t *testing.T) {
	t.Parallel()
	var s streams
	for viewers, want := range map[int64]int{0: 50, 1: 50, 40: 50, 100: 20, 200: 10, 1000: 5} {
		s.viewers.Store(viewers)
		require.Equal(t, want, s.page(), "%d viewers", viewers)
	}
}

// TestAViewerThatHasSeenNothingKnowsWhereItIs: what happens while it comes back
// after a reload is not lost for it.
func TestAViewerThatHasSeenNothingKnowsWhereItIs(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	server := d.serve()
	hello := func(last string) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/stream", http.NoBody)
		require.NoError(t, err)
		authorize(r)
		if last != "" {
			r.Header.Set("Last-Event-ID", last)
		}
		answer, err := server.Client().Do(r)
		require.NoError(t, err)
		defer answer.Body.Close()
		lines := bufio.NewScanner(answer.Body)
		text := ""
		for lines.Scan() && lines.Text() != "" {
			text += lines.Text() + "\n"
		}
		return text
	}
	first := hello("")
	require.Regexp(t, `^retry: 500\nid: \d+\n$`, first)
	at := strings.TrimSpace(strings.TrimPrefix(first, "retry: 500\nid: "))
	d.activity.Attempt(AttemptNews{EventID: "meanwhile"})
	f := follow(t, server, "", at)
	_, attempt := f.must("attempt")
	require.Equal(t, "meanwhile", attempt["eventId"])
	require.Equal(t, "retry: 500\n", hello(at))
}

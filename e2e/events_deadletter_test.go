package e2e_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// letter is a dead letter, as the API shows it.
type letter struct {
	Seq         uint64    `json:"seq"`
	WebhookID   uint64    `json:"webhookId"`
	WebhookName string    `json:"webhookName"`
	EventID     string    `json:"eventId"`
	EventType   string    `json:"eventType"`
	Reason      string    `json:"reason"`
	DeadAt      time.Time `json:"deadAt"`
	Event       *fact     `json:"event"`
	Redacted    bool      `json:"redacted"`
	Attempts    any       `json:"attempts"` // a count in the list, rows of the log of one
}

// letterPage is a page of dead letters.
type letterPage struct {
	Results []letter `json:"results"`
	Cursor  *string  `json:"cursor"`
}

// graveyard is a desk with two webhooks, a and b, whose receiver refuses
// everything until it is well.
type graveyard struct {
	*desk

	well atomic.Bool
	a, b subscribed
}

// newGraveyard makes so many dead letters of webhook a, e0 and so on, and one of
// webhook b, of the event other.
func newGraveyard(t testing.TB, s *storage, letters int) *graveyard {
	t.Helper()
	g := &graveyard{}
	g.desk = newDesk(t, s, func(w http.ResponseWriter, _ call) {
		if !g.well.Load() {
			w.WriteHeader(http.StatusTeapot)
		}
	}, "")
	g.a = g.subscribe(t, "/a", `"reference":"a","types":["a.b","a.c"],"config":{"maxRetries":0}`)
	g.b = g.subscribe(t, "/b", `"reference":"b","types":["c.d"],"config":{"maxRetries":0}`)
	for i, id := range numbered(0, letters) {
		kind := "a.b"
		if i%2 == 1 {
			kind = "a.c"
		}
		g.hand(t, happening(id, fmt.Sprintf(`"source":"/s","type":%q,"data":{"object":"s3cret-of-a-person"}`, kind)))
		g.awaitStanding(t, id, g.a.ID, func(s standing) bool { return s.Status == "failed" })
	}
	g.hand(t, happening("other", `"source":"/s","type":"c.d"`))
	g.awaitStanding(t, "other", g.b.ID, func(s standing) bool { return s.Status == "failed" })
	return g
}

// letters are those that there are, of both webhooks.
func (g *graveyard) letters(t testing.TB, query string) []letter {
	t.Helper()
	return look[letterPage](t, g.desk, "/dead-letters"+query).Results
}

func idsOf(letters []letter) []string {
	all := make([]string, len(letters))
	for i := range letters {
		all[i] = letters[i].EventID
	}
	return all
}

// at is where one dead letter is.
func (l *letter) at() string { return fmt.Sprintf("/dead-letters/%d/%d", l.WebhookID, l.Seq) }

// TestDeadLettersAreListedAndSeen: newest first, page by page, those of one
// webhook; one has its attempts. What was in the event is for those who may.
func TestDeadLettersAreListedAndSeen(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		g := newGraveyard(t, s, 5)
		require.Equal(t, []string{"other", "e4", "e3", "e2", "e1", "e0"}, idsOf(g.letters(t, "")))
		require.Equal(t, []string{"other"}, idsOf(g.letters(t, fmt.Sprint("?webhook=", g.b.ID))))

		var paged []string
		query := fmt.Sprint("?limit=2&webhook=", g.a.ID)
		for page := look[letterPage](t, g.desk, "/dead-letters"+query); ; page = look[letterPage](t, g.desk, "/dead-letters"+query+"&cursor="+*page.Cursor) {
			paged = append(paged, idsOf(page.Results)...)
			if page.Cursor == nil {
				break
			}
		}
		require.Equal(t, []string{"e4", "e3", "e2", "e1", "e0"}, paged)

		one := g.letters(t, "?limit=2")[1]
		seen := look[letter](t, g.desk, one.at())
		require.Equal(t, "a", seen.WebhookName)
		require.Equal(t, "e4", seen.Event.ID)
		require.Contains(t, seen.Reason, "418")
		require.Len(t, seen.Attempts, 1)
		reader := insist(t, http.MethodGet, g.address()+"/api"+one.at(), "", "Authorization: Bearer "+readerToken)
		require.True(t, answered[letter](t, reader, http.StatusOK).Redacted)
		require.NotContains(t, reader.Body, "s3cret-of-a-person")
		require.Equal(t, http.StatusNotFound, g.do(t, http.MethodGet, fmt.Sprintf("/dead-letters/%d/99", g.a.ID), "").Status)
	})
}

// TestOneDeadLetter is sent again, or given up for good; both once only.
func TestOneDeadLetter(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		g := newGraveyard(t, s, 2)
		letters := g.letters(t, fmt.Sprint("?webhook=", g.a.ID))
		again, gone := letters[0], letters[1]
		reader := insist(t, http.MethodPost, g.address()+"/api"+again.at()+"/replay", "", "Authorization: Bearer "+readerToken)
		require.Equal(t, http.StatusForbidden, reader.Status)

		g.well.Store(true)
		calls := len(g.receiver.at("/a"))
		require.Equal(t, http.StatusOK, g.do(t, http.MethodPost, again.at()+"/replay", "").Status)
		g.awaitStanding(t, again.EventID, g.a.ID, standing.delivered)
		replayed := g.receiver.await(t, "/a", calls+1)[calls]
		require.Equal(t, again.EventID, replayed.fact(t).ID)
		require.Equal(t, "true", replayed.Header.Get("Voorpoort-Replay"))
		require.Equal(t, http.StatusNotFound, g.do(t, http.MethodPost, again.at()+"/replay", "").Status)

		require.Equal(t, http.StatusOK, g.do(t, http.MethodPost, gone.at()+"/discard", `{"reason":"the cat has moved"}`).Status)
		require.Equal(t, http.StatusNotFound, g.do(t, http.MethodPost, gone.at()+"/discard", "").Status)
		require.Equal(t, http.StatusNotFound, g.do(t, http.MethodPost, gone.at()+"/replay", "").Status)
		got := g.do(t, http.MethodGet, "/messages/"+gone.EventID, "")
		require.Contains(t, got.Body, `"discarded"`)
		require.Contains(t, got.Body, "the cat has moved")
		require.Equal(t, []string{"other"}, idsOf(g.letters(t, "")))
	})
}

// TestManyDeadLetters are sent again at a rate, those that a filter selects; what
// fails once more is a dead letter again, and those of a webhook that is gone stay.
func TestManyDeadLetters(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		g := newGraveyard(t, s, 6)
		still := g.finished(t, g.replay(t, "/dead-letters/replay", fmt.Sprintf(`{"webhook":"%d","type":"a.c","limit":1}`, g.a.ID)))
		require.Equal(t, 1, still.Done)
		require.Eventually(t, func() bool { return len(g.letters(t, "")) == 7 && len(g.receiver.at("/a")) == 7 }, 20*time.Second, 20*time.Millisecond,
			"the receiver is not well yet")

		g.well.Store(true)
		from := len(g.receiver.at("/a"))
		job := g.finished(t, g.replay(t, "/dead-letters/replay", fmt.Sprintf(`{"webhook":"%s","type":"a.b","rate":5}`, g.a.UUID)))
		require.Equal(t, "done", job.State)
		require.Equal(t, 3, job.Total)
		require.Equal(t, 3, job.Done)
		require.GreaterOrEqual(t, job.EndedAt.Sub(job.StartedAt), 400*time.Millisecond, "2 steps of 200 ms")
		for _, c := range g.receiver.await(t, "/a", from+3)[from:] {
			require.Equal(t, "a.b", c.fact(t).Type)
		}
		require.Zero(t, g.finished(t, g.replay(t, "/dead-letters/replay", `{"before":"2020-01-01T00:00:00Z"}`)).Total)

		g.drop(t, g.b)
		require.Equal(t, 3, g.finished(t, g.replay(t, "/dead-letters/replay", "")).Done)
		g.receiver.await(t, "/a", from+6)
		require.Eventually(t, func() bool { return len(g.letters(t, "")) == 1 }, 20*time.Second, 20*time.Millisecond)
		left := g.letters(t, "")[0]
		require.Equal(t, "other", left.EventID)
		require.Len(t, g.receiver.at("/b"), 1)
	})
}

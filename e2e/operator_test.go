package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/stretchr/testify/require"
)

// TestTheOperatorIsTold that a receiver fails, that events became dead letters,
// and that it takes events again, at a webhook of the operator's choice that is
// told of nothing else.
func TestTheOperatorIsTold(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		var well atomic.Bool
		stock := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if !well.Load() {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}))
		t.Cleanup(stock.Close)
		told := make(chan cloudevents.Event, 100)
		alarm := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if e, err := cloudevents.NewEventFromHTTPRequest(r); err == nil {
				told <- *e
			}
		}))
		t.Cleanup(alarm.Close)

		u := register(t)
		g := start(t, globals(s.words, "\toperator alarm\n",
			"\twebhook alarm {\n\t\turl "+alarm.URL+"\n\t\tevents voorpoort.*\n\t}\n",
			"\twebhook stock {\n\t\turl "+stock.URL+"\n\t\tretry fixed 0\n\t}\n"), inFront(u))
		next := func(kind string) map[string]any {
			for {
				select {
				case e := <-told:
					require.NoError(t, e.Validate())
					require.Equal(t, "webhook:stock", e.Subject(), "of nothing else")
					if e.Type() == kind {
						var data map[string]any
						require.NoError(t, e.DataAs(&data))
						return data
					}
				case <-time.After(60 * time.Second):
					require.FailNow(t, "the operator was not told", kind)
				}
			}
		}
		write := func() {
			require.Equal(t, http.StatusCreated, send(t, http.MethodPost, g.URL+objectsOf("cats"), `{}`).Status)
		}
		write()
		exhausted := next("voorpoort.delivery.exhausted")
		require.Equal(t, "stock", exhausted["webhook"])
		require.InDelta(t, 1, exhausted["deadLetters"], 0)
		require.InDelta(t, 500, exhausted["statusCode"], 0)
		require.Equal(t, "server_error", exhausted["reason"])
		require.NotEmpty(t, exhausted["eventId"])
		for range 10 { // until its breaker opens
			write()
		}
		require.Equal(t, "broken", next("voorpoort.webhook.failing")["state"])
		well.Store(true)
		write()
		require.Equal(t, "open", next("voorpoort.webhook.recovered")["state"])
	})
}

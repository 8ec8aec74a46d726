package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// seen is one event of the live stream.
type seen struct {
	id, kind string
	data     struct {
		EventID     string `json:"eventId"`
		WebhookName string `json:"webhookName"`
		Success     bool   `json:"success"`
		Outcome     string `json:"outcome"`
		Count       int    `json:"count"`
	}
}

// viewer is somebody who watches the live stream, by one connection.
type viewer struct {
	status int
	ended  chan struct{} // closed when the gateway has ended the stream

	mu   sync.Mutex
	seen []seen
}

// watch opens the stream as the holder of a token, after an event if there is
// one. The gateway has begun to collect news for it when watch returns.
func (d *desk) watch(t testing.TB, token, query, after string) *viewer {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.address()+"/api/stream"+query, nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	if after != "" {
		request.Header.Set("Last-Event-ID", after)
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	require.NoError(t, err)
	v := &viewer{status: response.StatusCode, ended: make(chan struct{})}
	t.Cleanup(func() {
		cancel()
		<-v.ended
	})
	lines := bufio.NewScanner(response.Body)
	if v.status == http.StatusOK {
		require.True(t, lines.Scan())
		require.Equal(t, "retry: 500", lines.Text())
	}
	go func() {
		defer close(v.ended)
		defer response.Body.Close()
		v.read(lines)
	}()
	return v
}

// read takes in events until the stream ends.
func (v *viewer) read(lines *bufio.Scanner) {
	var one seen
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			one.id = value
		case "event":
			one.kind = value
		case "data":
			_ = json.Unmarshal([]byte(value), &one.data) // what is missing fails the test
		case "":
			if one.kind != "" {
				v.mu.Lock()
				v.seen = append(v.seen, one)
				v.mu.Unlock()
			}
			one = seen{}
		}
	}
}

// of are the events of a kind so far.
func (v *viewer) of(kind string) []seen {
	v.mu.Lock()
	defer v.mu.Unlock()
	var all []seen
	for _, one := range v.seen {
		if one.kind == kind {
			all = append(all, one)
		}
	}
	return all
}

// await waits for so many events of a kind.
func (v *viewer) await(t testing.TB, kind string, n int) []seen {
	t.Helper()
	require.Eventually(t, func() bool { return len(v.of(kind)) >= n }, 30*time.Second, 10*time.Millisecond, "%d events %s", n, kind)
	return v.of(kind)
}

// over waits until the gateway has ended the stream.
func (v *viewer) over(t testing.TB) {
	t.Helper()
	select {
	case <-v.ended:
	case <-time.After(30 * time.Second):
		t.Fatal("the stream goes on")
	}
}

// last is the id of the last event.
func (v *viewer) last() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.seen[len(v.seen)-1].id
}

// TestTheStreamGoesOnAfterAReload: it ends with the configuration, and with the
// last id nothing is missing of what happened until somebody watches again, and
// nothing is told twice.
func TestTheStreamGoesOnAfterAReload(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newDesk(t, s, takes, "")
		made := d.subscribe(t, "/x", `"types":["a.b"]`)
		tell := func(from, to int) {
			for _, id := range numbered(from, to) {
				d.hand(t, happening(id, `"source":"/s","type":"a.b"`))
			}
			d.receiver.await(t, "/x", to)
			d.awaitStanding(t, fmt.Sprint("e", to-1), made.ID, standing.delivered)
		}
		var told []seen
		after := ""
		for round := range 4 {
			v := d.watch(t, readerToken, "?topics=attempts", after)
			require.Equal(t, http.StatusOK, v.status)
			tell(20*round, 20*round+10)
			v.await(t, "attempt", 10+10*min(round, 1))
			d.rearrange(t, fmt.Sprintf("budget %ds\n", 20+round), ownerToken)
			v.over(t)
			told, after = append(told, v.of("attempt")...), v.last()
			tell(20*round+10, 20*round+20) // nobody watches
		}
		v := d.watch(t, readerToken, "?topics=attempts", after)
		told = append(told, v.await(t, "attempt", 10)...)

		var ids []string
		for _, one := range told {
			require.True(t, one.data.Success)
			ids = append(ids, one.data.EventID)
		}
		require.ElementsMatch(t, numbered(0, 80), ids)
		require.Empty(t, v.of("dropped"))
	})
}

// TestTheStreamEndsWithItsToken: who may not read any more hears nothing more,
// also with the last id, and others do.
func TestTheStreamEndsWithItsToken(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newDesk(t, s, takes, "")
		const guest = "guest-token-1H9YC4V0D7"
		d.rearrange(t, "", ownerToken, guest)
		require.Eventually(t, func() bool {
			return insist(t, http.MethodGet, d.address()+"/api/jobs", "", "Authorization: Bearer "+guest).Status == http.StatusOK
		}, 20*time.Second, 5*time.Millisecond)
		d.subscribe(t, "/x", `"types":["a.b"]`)
		v := d.watch(t, guest, "", "")
		d.hand(t, happening("e0", `"source":"/s","type":"a.b"`))
		v.await(t, "attempt", 1)

		d.rearrange(t, "", ownerToken)
		v.over(t)
		d.hand(t, happening("e1", `"source":"/s","type":"a.b"`))
		d.receiver.await(t, "/x", 2)
		require.Len(t, v.of("attempt"), 1)
		require.Equal(t, http.StatusUnauthorized, d.watch(t, guest, "", v.last()).status)
		d.watch(t, readerToken, "", v.last()).await(t, "attempt", 1)
	})
}

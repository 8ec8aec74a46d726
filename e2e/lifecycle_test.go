package e2e_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// viaTransport is inFront with our transport to the register.
func viaTransport(u *upstream) string {
	return "\tvoorpoort openregister\n\treverse_proxy " + u.address() + " {\n\t\ttransport voorpoort\n\t}\n"
}

// TestAReloadLeavesARequestInFlightAlone holds a request at its first webhook
// while the configuration is replaced. It ends under the rules it began under:
// all its webhooks, the register, the answer; with net/http's clients and with
// ours.
func TestAReloadLeavesARequestInFlightAlone(t *testing.T) {
	t.Parallel()
	for client, site := range map[string]func(*upstream) string{"net/http": inFront, "voorpoort": viaTransport} {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			asked, release := make(chan struct{}), make(chan struct{})
			free := sync.OnceFunc(func() { close(release) })
			defer free()
			u := register(t)
			s := interceptorWith(t, func(w http.ResponseWriter, e cloudEvent) {
				if e.URI == "/hold" && string(e.Data.Body) == `{"n":1}` {
					close(asked)
					<-release
				}
				saysJSON(fmt.Sprintf(`{"data":{%q:true}}`, e.URI[1:]))(w, e)
			})
			g := start(t, globals(
				webhook("hold", s.URL+"/hold", "intercept merge\nclient "+client),
				webhook("then", s.URL+"/then", "intercept merge\norder 1\nclient "+client),
				webhook("check", s.URL+"/check", "intercept\nclient "+client),
			), site(u))
			got := sendLater(t, http.MethodPost, g.URL+"/api/objects/pets/cats", `{"n":1}`)
			<-asked

			status, message := g.reload(t, globals(webhook("new", s.URL+"/new", "intercept merge")), site(u))
			require.Equal(t, http.StatusOK, status, message)
			afterReload(t, func(got answer) bool {
				require.Equal(t, http.StatusCreated, got.Status)
				return u.last(t).Body == `{"n":2,"new":true}`
			}, http.MethodPost, g.URL+"/api/objects/pets/cats", `{"n":2}`)
			for _, r := range u.seen() {
				require.Contains(t, r.Body, `"n":2`, "the old request is still held")
			}

			free()
			held := <-got
			require.Equal(t, http.StatusCreated, held.Status, held.Body)
			require.Equal(t, `{"id":"abc-123"}`, held.Body)
			require.Equal(t, `{"n":1,"hold":true,"then":true}`, u.last(t).Body)
			checked := bodies(s.at("/check"))
			require.Equal(t, u.last(t).Body, checked[len(checked)-1])
		})
	}
}

// TestReloadsUnderLoadFailNoRequest that the gateway has begun to handle, and
// mix no rules: each request sees the whole of one configuration.
func TestReloadsUnderLoadFailNoRequest(t *testing.T) {
	t.Parallel()
	u := register(t)
	s := interceptorWith(t, func(w http.ResponseWriter, e cloudEvent) {
		saysJSON(fmt.Sprintf(`{"data":{%q:true}}`, e.URI[1:]))(w, e)
	})
	rules := func(name string) string {
		return globals(
			webhook("first", s.URL+"/"+name+"1", "intercept merge"),
			webhook("second", s.URL+"/"+name+"2", "intercept merge\norder 1"),
			webhook("check", s.URL+"/"+name+"3", "intercept"))
	}
	g := start(t, rules("a"), viaTransport(u))
	var over atomic.Bool
	var sent, answered, unanswered atomic.Int64
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for !over.Load() {
				got, err := try(t, http.MethodPost, g.URL+"/api/objects/pets/cats", fmt.Sprintf(`{"n":%d}`, sent.Add(1)))
				switch {
				case err == nil && got.Status == http.StatusCreated && got.Body == `{"id":"abc-123"}`:
					answered.Add(1)
				case err != nil && isUnanswered(err): // read while its server was being shut down
					unanswered.Add(1)
				default:
					t.Errorf("%v, status %d: %s", err, got.Status, got.Body)
				}
			}
		})
	}
	for i := range 20 {
		status, message := g.reload(t, rules([]string{"b", "a"}[i%2]), viaTransport(u))
		require.Equal(t, http.StatusOK, status, message)
		time.Sleep(20 * time.Millisecond)
	}
	over.Store(true)
	clients.Wait()
	whole := regexp.MustCompile(`^\{"n":(\d+),"(a1":true,"a2|b1":true,"b2)":true\}$`)
	arrived := map[string]bool{}
	for _, r := range u.seen() {
		n := whole.FindStringSubmatch(r.Body)
		require.NotNil(t, n, r.Body)
		require.False(t, arrived[n[1]], "request %s came twice", n[1])
		arrived[n[1]] = true
	}
	require.Len(t, arrived, int(answered.Load()), "an unanswered request may not have reached anyone")
	require.Greater(t, answered.Load(), unanswered.Load())
	t.Logf("%d answered, %d closed unread during 20 reloads", answered.Load(), unanswered.Load())
}

// TestSIGTERMLetsARequestFinish before the process ends.
func TestSIGTERMLetsARequestFinish(t *testing.T) {
	t.Parallel()
	asked, release := make(chan struct{}), make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	defer free()
	u := register(t)
	s := interceptorWith(t, func(w http.ResponseWriter, e cloudEvent) {
		if e.URI == "/hold" {
			close(asked)
			<-release
		}
		saysJSON(fmt.Sprintf(`{"data":{%q:true}}`, e.URI[1:]))(w, e)
	})
	g := start(t, globals(
		webhook("hold", s.URL+"/hold", "intercept merge"),
		webhook("then", s.URL+"/then", "intercept merge\norder 1")), viaTransport(u))
	got := sendLater(t, http.MethodPost, g.URL+"/api/objects/pets/cats", `{"n":1}`)
	<-asked
	require.NoError(t, g.process.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool { return strings.Contains(g.log(), "shutting down") }, 20*time.Second, 10*time.Millisecond)
	select {
	case <-g.exited:
		t.Fatal("the process ended with a request in flight")
	case <-time.After(200 * time.Millisecond):
	}
	free()
	held := <-got
	require.Equal(t, http.StatusCreated, held.Status, held.Body)
	require.Equal(t, `{"n":1,"hold":true,"then":true}`, u.last(t).Body)
	select {
	case <-g.exited:
		require.Zero(t, g.process.ProcessState.ExitCode())
	case <-time.After(20 * time.Second):
		t.Fatal("the process did not end")
	}
}

// TestReloadsLeaveNothingBehind: no goroutine and no connection per reload.
func TestReloadsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	u := register(t)
	s := interceptor(t, 200, `{"data":{"x":1}}`)
	rules := func(i int) (string, string) {
		return globals(
			webhook("change", s.URL, fmt.Sprintf("intercept merge\norder %d", i)),
			webhook("standard", s.URL, "intercept\nclient net/http"),
			webhook("shadow", s.URL, "intercept\nmode shadow"),
		), viaTransport(u)
	}
	g := start(t, "", "")
	settle := func() (goroutines, toServices, toRegister int64) {
		got := insist(t, http.MethodGet, g.Admin+"/debug/pprof/goroutine?debug=1", "")
		_, err := fmt.Sscanf(got.Body, "goroutine profile: total %d", &goroutines)
		require.NoError(t, err)
		return goroutines, s.open.Load(), u.open.Load()
	}
	round := func(i int) {
		global, site := rules(i)
		status, message := g.reload(t, global, site)
		require.Equal(t, http.StatusOK, status, message)
		require.Equal(t, http.StatusCreated, postInsisting(t, g, `{}`).Status)
	}
	for i := range 5 {
		round(i)
	}
	var before, after int64
	require.Eventually(t, func() bool { // until two looks agree
		now, _, _ := settle()
		stable := now == before
		before = now
		return stable
	}, 20*time.Second, 200*time.Millisecond)
	for i := range 50 {
		round(i + 5)
	}
	clean := false
	for began := time.Now(); !clean && time.Since(began) < 20*time.Second; time.Sleep(100 * time.Millisecond) {
		var services, register int64
		after, services, register = settle()
		// A request that an old server took at the last moment may leave a
		// connection until that has been idle for a minute.
		clean = after <= before+10 && services <= 3+5 && register <= 1+5
	}
	t.Logf("goroutines: %d before, %d after 50 reloads; connections: %d to services, %d to the register",
		before, after, s.open.Load(), u.open.Load())
	require.True(t, clean, "a reload leaves something behind")
}

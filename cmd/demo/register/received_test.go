package register

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReceivedShowsWhatWasOnTheWire(t *testing.T) {
	t.Parallel()
	r := newTestRegister()
	req := httptest.NewRequest(http.MethodPost, "/api/objects/a%20b/cat?x=1", strings.NewReader(`{ "name" : "x" }`))
	req.Header.Set("X-Test", "yes")
	r.ServeHTTP(httptest.NewRecorder(), req)
	req.Header.Set("X-Test", "changed later")

	received := r.Received()
	require.Len(t, received, 1)
	require.Equal(t, http.MethodPost, received[0].Method)
	require.Equal(t, "/api/objects/a%20b/cat?x=1", received[0].Target)
	require.Equal(t, "yes", received[0].Header.Get("X-Test"))
	require.Equal(t, []byte(`{ "name" : "x" }`), received[0].Body)
}

func TestRefusedRequestsAreReceivedToo(t *testing.T) {
	t.Parallel()
	r := newTestRegister()
	ask(t, r, http.MethodPost, "/nowhere", "not JSON")
	require.Equal(t, "not JSON", string(r.Received()[0].Body))
	r.Forget()
	require.Empty(t, r.Received())
}

func TestReceivedIsBounded(t *testing.T) {
	t.Parallel()
	r := newTestRegister()
	for i := range MaxReceived + 5 {
		ask(t, r, http.MethodGet, fmt.Sprintf("/%d", i), "")
	}
	received := r.Received()
	require.Len(t, received, MaxReceived)
	require.Equal(t, "/5", received[0].Target)
}

func TestRegisterIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	r := newTestRegister()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				w := httptest.NewRecorder()
				r.ServeHTTP(w, httptest.NewRequest(http.MethodPost, cats, strings.NewReader(`{"name":"Felix"}`)))
				w = httptest.NewRecorder()
				r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, cats+"?name=Felix", http.NoBody))
				r.Received()
			}
		})
	}
	group.Wait()
	_, answer := ask(t, r, http.MethodGet, cats, "")
	require.InDelta(t, 160, answer["total"], 0)
}

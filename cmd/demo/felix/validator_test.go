package felix

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/cmd/demo/register"
)

const cats = "/api/objects/pet-store/cat"

func in(month time.Month) func() time.Time {
	return func() time.Time { return time.Date(2026, month, 5, 10, 30, 0, 0, time.UTC) }
}

// newStore starts a register that holds the given number of Felixes and returns
// its URL and the id of the last one.
func newStore(t *testing.T, felixes int) (base, last string) {
	t.Helper()
	store := register.New(nil)
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	for range felixes {
		w := httptest.NewRecorder()
		store.ServeHTTP(w, httptest.NewRequest(http.MethodPost, cats, strings.NewReader(`{"name":"Felix"}`)))
		var created struct{ ID string }
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &created))
		last = created.ID
	}
	return server.URL, last
}

// call sends one event about a write and returns the answer.
func call(t *testing.T, v http.Handler, method, path, body string) (status int, answer string) {
	t.Helper()
	e := fmt.Sprintf(`{"specversion":"1.0","id":"1","type":"object.creating","source":"/s","data":{"method":%q,"path":%q,"body":%s}}`,
		method, path, body)
	w := httptest.NewRecorder()
	v.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(e)))
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	return w.Code, w.Body.String()
}

func TestCatsAreMarkedValidated(t *testing.T) {
	t.Parallel()
	v := New("http://127.0.0.1:1", in(time.December)) // nobody is asked about Minoes
	status, answer := call(t, v, http.MethodPost, cats, `{"name":"Minoes"}`)
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"data":{"@self":{"validated":true,"validatedBy":"felix-validator","validatedAt":"2026-12-05T10:30:00Z"}}}`, answer)
}

func TestNoFelixInDecember(t *testing.T) {
	t.Parallel()
	base, _ := newStore(t, 0)
	for month := time.January; month <= time.December; month++ {
		status, answer := call(t, New(base, in(month)), http.MethodPost, cats, `{"name":"Felix"}`)
		if month == time.December {
			require.Equal(t, http.StatusUnprocessableEntity, status)
			require.JSONEq(t, `{"message":"No cat can be named Felix in December."}`, answer)
			continue
		}
		require.Equal(t, http.StatusOK, status, month)
	}
}

func TestAtMostFiveFelixes(t *testing.T) {
	t.Parallel()
	base, _ := newStore(t, MaxFelixes-1)
	status, _ := call(t, New(base, in(time.June)), http.MethodPost, cats, `{"@self":{"name":"Felix"}}`)
	require.Equal(t, http.StatusOK, status)

	base, last := newStore(t, MaxFelixes)
	v := New(base+"/", in(time.June))
	status, answer := call(t, v, http.MethodPost, cats, `{"@self":{"name":"Felix"}}`)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, answer, "already five cats")

	status, _ = call(t, v, http.MethodPost, "/api/objects/pet-store/dog", `{"name":"Felix"}`)
	require.Equal(t, http.StatusOK, status, "dogs are counted apart")
	status, _ = call(t, v, http.MethodPut, cats+"/"+last, `{"name":"Felix"}`)
	require.Equal(t, http.StatusOK, status, "a cat does not count itself")
}

func TestRegisterThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "dog") {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, "<html>")
	}))
	t.Cleanup(failing.Close)

	for _, v := range []*Validator{New(failing.URL, in(time.June)), New("http://127.0.0.1:1", in(time.June)), New("::", in(time.June))} {
		for _, path := range []string{cats, "/api/objects/pet-store/dog", "/elsewhere"} {
			status, answer := call(t, v, http.MethodPost, path, `{"name":"Felix"}`)
			require.Equal(t, http.StatusServiceUnavailable, status)
			require.NotContains(t, answer, "127.0.0.1")
		}
	}
}

func TestCallsThatAreNoEvents(t *testing.T) {
	t.Parallel()
	v := New("http://127.0.0.1:1", nil)
	w := httptest.NewRecorder()
	v.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
	require.Equal(t, http.MethodPost, w.Header().Get("Allow"))

	w = httptest.NewRecorder()
	v.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"name":"Felix"}`)))
	require.Equal(t, http.StatusBadRequest, w.Code)
}

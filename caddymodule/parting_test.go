package caddymodule

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"
)

func TestAContextThatOutlivesItsClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		client, leave := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
		longer, cancel := outlive(client, time.Minute)
		defer cancel()
		require.Equal(t, "value", longer.Value(key{}))
		leave()
		time.Sleep(time.Minute - time.Nanosecond)
		synctest.Wait()
		require.NoError(t, longer.Err(), "it still has time")
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.ErrorIs(t, longer.Err(), context.Canceled)
	})
}

func TestAContextThatEndsWithItsWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // it fails when a goroutine is left behind
		client, leave := context.WithCancel(t.Context())
		longer, cancel := outlive(client, time.Minute)
		leave()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, longer.Err(), context.Canceled)
	})
}

// departing is a write whose client can leave.
func departing(t *testing.T) (w http.ResponseWriter, r *http.Request, leave func()) {
	t.Helper()
	w = httptest.NewRecorder()
	r = prepared(t, w.(*httptest.ResponseRecorder), http.MethodPost, cats, `{}`)
	ctx, leave := context.WithCancel(r.Context())
	return w, r.WithContext(ctx), leave
}

// TestAClientThatLeavesMeanwhile: the write is with the register, so it is done
// and told all the same.
func TestAClientThatLeavesMeanwhile(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", nobody)
	w, r, leave := departing(t)
	err := h.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		leave()
		select {
		case <-r.Context().Done():
			return clientGone(r.Context().Err())
		case <-time.After(50 * time.Millisecond):
		}
		w.WriteHeader(http.StatusCreated)
		_, err := io.WriteString(w, `{"id":"1"}`)
		return err
	}))
	require.NoError(t, err)
	require.Empty(t, holds(t, store))
	require.Len(t, stored(t, store), 1)
}

// TestAClientThatLeftBefore: nothing has been asked of the register yet, and it is
// not.
func TestAClientThatLeftBefore(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", nobody)
	w, r, leave := departing(t)
	leave()
	err := h.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error {
		t.Error("the register is asked")
		return nil
	}))
	var status caddyhttp.HandlerError
	require.ErrorAs(t, err, &status)
	require.Equal(t, 499, status.StatusCode)
	require.Eventually(t, func() bool { return len(holds(t, store)) == 0 }, 5*time.Second, 5*time.Millisecond)
	require.Empty(t, stored(t, store))
}

package transport

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSmoke(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("X", r.RemoteAddr)
		w.Write(b)
	}))
	defer srv.Close()
	tr := New(Options{})
	defer tr.Close()
	var addr string
	for _, body := range []io.Reader{strings.NewReader("hello"), strings.NewReader(strings.Repeat("x", 1<<20)), io.MultiReader(strings.NewReader("abc")), nil} {
		req, _ := http.NewRequest("POST", srv.URL, body)
		resp, err := tr.RoundTrip(req)
		require.NoError(t, err)
		b, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		t.Log(len(b), resp.Header.Get("X"))
		if addr != "" {
			require.Equal(t, addr, resp.Header.Get("X"))
		}
		addr = resp.Header.Get("X")
	}
}

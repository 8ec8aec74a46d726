package manage

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// The documents are open to all, so they are made once and not for each who asks.
func TestDocumentsAreMadeOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	d := newOffice(t, func(c *Config) {
		c.Types = func() (before, after []event.Type) {
			asked++
			return nil, []event.Type{{Name: "object.created"}}
		}
	})
	for range 3 {
		require.Contains(t, string(d.do("GET", "/asyncapi.json", "").body), "object.created")
	}
	require.Equal(t, 1, asked)
	first := d.handler.openAPI()
	require.Same(t, first, d.handler.openAPI())
}

// Who has a document already is not sent it again.
func TestDocumentsHaveATag(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	for _, path := range []string{"/openapi.json", "/gateway/asyncapi.json"} {
		ask := func(tags ...string) *reaction {
			r := httptest.NewRequestWithContext(t.Context(), "GET", path, http.NoBody)
			r.Header["If-None-Match"] = tags
			w := httptest.NewRecorder()
			d.handler.ServeHTTP(w, r)
			checkAnswer(t, d.handler, r, w)
			return &reaction{t, w.Code, w.Header(), w.Body.Bytes()}
		}
		first := ask()
		require.Equal(t, http.StatusOK, first.status)
		require.Equal(t, "no-cache", first.header.Get("Cache-Control"), "it may be kept, unlike anything else")
		tag := first.header.Get("ETag")
		require.Regexp(t, `^"[0-9a-f]{32}"$`, tag)
		for _, same := range [][]string{{tag}, {"W/" + tag}, {"*"}, {`"x", ` + tag}, {`"x"`, tag}} {
			again := ask(same...)
			require.Equal(t, http.StatusNotModified, again.status, same)
			require.Empty(t, again.body)
			require.Equal(t, tag, again.header.Get("ETag"))
			require.Equal(t, "*", again.header.Get("Access-Control-Allow-Origin"))
		}
		for _, other := range [][]string{{`"x"`}, {""}, {tag[1:]}, {"W/"}} {
			require.Equal(t, first.body, ask(other...).body, other)
		}
	}
}

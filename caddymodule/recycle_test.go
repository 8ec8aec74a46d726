package caddymodule

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"
)

// register is a next handler that reads the body and keeps the way to it, as a
// transport may.
type register struct {
	status  int
	partial bool  // it answers before it has read the body
	err     error // of the chain

	got     string
	getBody func() (io.ReadCloser, error)
}

func (g *register) ServeHTTP(w http.ResponseWriter, r *http.Request) error {
	g.getBody = r.GetBody
	if g.partial {
		_, _ = r.Body.Read(make([]byte, 3))
	} else {
		body, _ := io.ReadAll(r.Body)
		g.got = string(body)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(max(g.status, http.StatusCreated))
	_, _ = io.WriteString(w, `{"id":"1"}`)
	return g.err
}

// late is what somebody gets who reads the body when the request is over: all of
// it when its memory was left alone, an error when it was recycled.
func (g *register) late() (string, error) {
	body, err := g.getBody()
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(body)
	return string(data), err
}

func (g *register) pass(t *testing.T, h *Handler, contentType, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPost, cats, body)
	r.Header.Set("Content-Type", contentType)
	require.ErrorIs(t, h.ServeHTTP(w, r, caddyhttp.HandlerFunc(g.ServeHTTP)), g.err)
}

const jsonType = "application/json"

func TestBodiesAreRecycledWhenTheRequestIsOver(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]*Handler{
		"as it came":    asked(t, answered{status: 204}),
		"changed":       asked(t, answered{status: 200, body: `{"data":{"b":2}}`, options: merges}),
		"changed twice": asked(t, answered{status: 200, body: `{"data":{"b":2}}`, options: merges}, answered{status: 200, body: `{"data":{"c":2}}`, options: merges}),
		"unchecked":     asked(t, answered{status: 500, options: `,"onFailure":"allow"`}),
		"tried out":     asked(t, answered{status: 200, body: `{"data":{"b":2}}`, options: merges + `,"mode":"warn"`}),
		"not wanted":    provisioned(t, watched, `{"presets":["openregister"]}`),
	} {
		g := &register{}
		g.pass(t, h, jsonType, `{"a":1}`)
		require.Contains(t, g.got, `{"a":1`, name)
		_, err := g.late()
		require.Error(t, err, name)
	}
}

// What is over for the client is not over for whoever still has the body.
func TestBodiesThatSomebodyMayHaveAreLeftAlone(t *testing.T) {
	t.Parallel()
	broken := errors.New("the upstream broke off")
	approving := answered{status: 204}
	for name, c := range map[string]struct {
		h           *Handler
		register    register
		contentType string
	}{
		"the register has not read all of it": {h: asked(t, approving), register: register{partial: true}},
		"a handler for errors may look at it": {h: asked(t, approving), register: register{err: broken}},
		"a form":                              {h: asked(t, approving), contentType: "application/x-www-form-urlencoded"},
		"a shadow call was started":           {h: asked(t, approving, answered{status: 204, options: `,"mode":"shadow"`})},
	} {
		if c.contentType == "" {
			c.contentType = jsonType
		}
		body := `{"a":1}`
		if c.contentType != jsonType {
			body = "a=1"
		}
		c.register.pass(t, c.h, c.contentType, body)
		late, err := c.register.late()
		require.NoError(t, err, name)
		require.Equal(t, body, late, name)
	}
}

func TestABodyThatTheQueueHasIsLeftAlone(t *testing.T) {
	for name, hook := range map[string]string{
		"told afterwards": `{"name":"later","url":"http://127.0.0.1:9","events":["object.created"]}`,
		"announced":       `{"name":"later","url":"http://127.0.0.1:9","events":["object.creating"],"configuration":{"interceptRequests":true,"async":true}}`,
		"queued":          `{"name":"later","url":"http://127.0.0.1:9","events":["object.creating"],"configuration":{"interceptRequests":true,"onUnreachable":"queue"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			h, store := telling(t, "", "", hook)
			g := &register{}
			g.pass(t, h, jsonType, `{"a":1}`)
			require.Len(t, stored(t, store), 1, "it is told of")
			late, err := g.late()
			require.NoError(t, err)
			require.Equal(t, `{"a":1}`, late)
		})
	}
}

// Nothing that outlives the request leads to the memory any more: the log of the
// access is written when another request may have it.
func TestNothingLeadsToARecycledBody(t *testing.T) {
	t.Parallel()
	h := asked(t, answered{status: 200, body: `{"data":{"b":2}}`, options: merges})
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPost, cats, `{"a":1}`)
	p := passage{h: h, w: w, r: r, next: caddyhttp.HandlerFunc((&register{}).ServeHTTP), head: head{wire: http.MethodPost, path: cats, view: h.current()}}
	p.publish()
	require.NoError(t, p.read())
	require.Nil(t, p.event.Request.Body)
	require.Nil(t, p.event.Object())
	require.Nil(t, p.decision.Body)
	require.Nil(t, p.body.JSON)
	replacer, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	require.True(t, ok)
	require.Equal(t, "object.creating modified a:/b", replacer.ReplaceAll(
		"{http.voorpoort.event.type} {http.voorpoort.outcome} {http.voorpoort.changed}", ""))
}

// Many requests at once, each with a body of its own, through webhooks that
// change it and a register that is answered before it is done: no register ever
// sees a byte of another request.
func TestBodiesOfManyRequestsStayApart(t *testing.T) {
	t.Parallel()
	h := asked(t, answered{status: 200, body: `{"data":{"seen":true}}`, options: merges})
	var clients, readers sync.WaitGroup
	for client := range 8 {
		clients.Go(func() {
			text := strings.Repeat(string(rune('a'+client)), 1000+client*300)
			want := `{"x":"` + text + `","seen":true}`
			for range 25 {
				w := httptest.NewRecorder()
				r := prepared(t, w, http.MethodPost, cats, `{"x":"`+text+`"}`)
				err := h.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
					body, err := io.ReadAll(r.Body)
					if string(body) != want {
						t.Errorf("%d bytes: %.40s", len(body), body)
					}
					_ = r.Body.Close()
					readers.Go(func() { // it wants to send it once more
						if again, _ := io.ReadAll(r.Body); len(again) > 0 && !strings.HasPrefix(want, string(again)) {
							t.Errorf("somebody else's: %.40s", again)
						}
					})
					w.WriteHeader(http.StatusCreated)
					return err
				}))
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	clients.Wait()
	readers.Wait()
}

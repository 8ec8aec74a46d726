package caddymodule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"
)

const cats = "/api/objects/pets/cats"

// asked makes a handler with one webhook per answer, in this order, that is
// called a, b, c and so on. A handler in front of each adds its options.
func asked(t *testing.T, answers ...answered) *Handler {
	t.Helper()
	var hooks []string
	for i, a := range answers {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(a.status)
			_, _ = io.WriteString(w, a.body)
		}))
		t.Cleanup(s.Close)
		hooks = append(hooks, fmt.Sprintf(`{"name":%q,"url":%q,"events":["object.creating"],"configuration":{"interceptRequests":true%s}}`,
			string(rune('a'+i)), s.URL, a.options))
	}
	return provisioned(t, `{"webhooks":[`+strings.Join(hooks, ",")+`]}`, `{"presets":["openregister"]}`)
}

type answered struct {
	status  int
	body    string
	options string // of the webhook's configuration, each after a comma
}

const merges = `,"processResponse":true`

// pass sends a request through the handler and gives what the client and the
// register got, and a way to ask for placeholders.
func pass(t *testing.T, h *Handler, body string) (*httptest.ResponseRecorder, *recordingNext, func(string) string) {
	t.Helper()
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPost, cats, body)
	next := &recordingNext{}
	require.NoError(t, h.ServeHTTP(w, r, next.asHandler()))
	replacer, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	require.True(t, ok)
	return w, next, func(name string) string { return replacer.ReplaceAll("{http.voorpoort."+name+"}", "") }
}

func TestABlockIsAProblemAndNothingGoesOn(t *testing.T) {
	t.Parallel()
	w, next, placeholder := pass(t, asked(t, answered{status: 422, body: `{"message":"geen Felix","errors":[{"field":"name"}]}`}), `{}`)
	require.False(t, next.called)
	require.Equal(t, 422, w.Code)
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	require.Empty(t, w.Header().Get("Retry-After"))
	var problem map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &problem))
	require.Equal(t, map[string]any{
		"type": "urn:voorpoort:problem:rejected", "status": 422.0, "title": "Blocked by a check", "detail": "geen Felix",
		"errors": []any{map[string]any{"field": "name"}}, "webhook": "a", "eventId": placeholder("event.id"),
	}, problem)
	require.Equal(t, "rejected", placeholder("outcome"))
	require.Equal(t, "a", placeholder("webhook"))
}

func TestAFailureIsAProblemThatSaysWhenToTryAgain(t *testing.T) {
	t.Parallel()
	w, next, placeholder := pass(t, asked(t, answered{status: 500}), `{}`)
	require.False(t, next.called)
	require.Equal(t, 502, w.Code)
	require.Equal(t, "5", w.Header().Get("Retry-After"))
	require.Contains(t, w.Body.String(), "urn:voorpoort:problem:unavailable")
	require.Equal(t, "unavailable", placeholder("outcome"))
}

func TestAChangedBodyGoesOnWithItsLength(t *testing.T) {
	t.Parallel()
	_, next, placeholder := pass(t, asked(t,
		answered{status: 200, body: `{"data":{"a/b":1}}`, options: merges},
		answered{status: 200, body: `{"data":{"c":2}}`, options: merges},
		answered{status: 200, body: `{"data":{"d":2}}`, options: merges + `,"mode":"warn"`}), `{"x":1.10}`)
	require.Equal(t, `{"x":1.10,"a/b":1,"c":2}`, next.body)
	require.Equal(t, "24", next.header.Get("Content-Length"))
	require.Equal(t, "modified", placeholder("outcome"))
	require.Equal(t, "a:/a~1b,b:/c", placeholder("changed"), "what is only tried out changes nothing")
	require.Empty(t, placeholder("webhook"))
}

func TestFlagsGoToTheRegisterAndWarningsToTheClient(t *testing.T) {
	t.Parallel()
	w, next, placeholder := pass(t, asked(t,
		answered{status: 500, options: merges + `,"onFailure":"flag"`},
		answered{status: 200, body: `{"warnings":["let op"]}`},
		answered{status: 422, body: `{"message":"proef"}`, options: `,"mode":"warn"`}), `{"x":1}`)
	require.Equal(t, `{"x":1}`, next.body)
	require.Equal(t, `"a";reason=server_error`, next.header.Get("Voorpoort-Flag"))
	require.ElementsMatch(t, []string{`299 - "b: let op"`, `299 - "c: proef"`}, w.Header()["Warning"])
	require.Equal(t, "flagged", placeholder("outcome"))
	require.Equal(t, `"a";reason=server_error`, placeholder("flags"))
}

func TestAnApprovalIsOne(t *testing.T) {
	t.Parallel()
	_, next, placeholder := pass(t, asked(t, answered{status: 204}), `{"x":1}`)
	require.Equal(t, `{"x":1}`, next.body)
	require.Equal(t, "approved", placeholder("outcome"))
}

func TestAChangeThatTheBodyCannotHoldIsRefused(t *testing.T) {
	t.Parallel()
	h := asked(t, answered{status: 200, body: `{"data":[1]}`, options: `,"processResponse":true,"responseProcessing":{"mergeStrategy":"replace"}`})
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPost, cats, "a=1")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	next := &recordingNext{}
	require.NoError(t, h.ServeHTTP(w, r, next.asHandler()))
	require.False(t, next.called, "and not with the body as it was before the webhook")
	require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
}

func TestAClientThatLeavesIsNotAnswered(t *testing.T) {
	t.Parallel()
	h := asked(t, answered{status: 204})
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPost, cats, `{}`)
	ctx, leave := context.WithCancel(r.Context())
	leave()
	next := &recordingNext{}
	err := h.ServeHTTP(w, r.WithContext(ctx), next.asHandler())
	var status caddyhttp.HandlerError
	require.ErrorAs(t, err, &status)
	require.Equal(t, 499, status.StatusCode)
	require.False(t, next.called)
}

// failingBody gives an error instead of bytes.
type failingBody struct{ err error }

func (b failingBody) Read([]byte) (int, error) { return 0, b.err }
func (failingBody) Close() error               { return nil }

func TestABodyThatDoesNotCome(t *testing.T) {
	t.Parallel()
	h := provisioned(t, watched, `{"presets":["openregister"]}`)
	for name, c := range map[string]struct {
		err    error
		status int
	}{
		"client gone":  {context.Canceled, 499},
		"too slow":     {fmt.Errorf("read: %w", os.ErrDeadlineExceeded), http.StatusRequestTimeout},
		"stream reset": {errors.New("client disconnected"), http.StatusBadRequest},
	} {
		w := httptest.NewRecorder()
		r := prepared(t, w, http.MethodPost, cats, "")
		r.Body, r.ContentLength = failingBody{c.err}, 5
		next := &recordingNext{}
		var status caddyhttp.HandlerError
		require.ErrorAs(t, h.ServeHTTP(w, r, next.asHandler()), &status, name)
		require.Equal(t, c.status, status.StatusCode, name)
		require.False(t, next.called)
	}
}

func TestTheErrorOfAnEarlierHandlersLimitIsReturnedAsItIs(t *testing.T) {
	t.Parallel()
	h := provisioned(t, watched, `{"presets":["openregister"]}`)
	limit := caddyhttp.Error(http.StatusRequestEntityTooLarge, errors.New("over the limit"))
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPost, cats, "")
	r.Body, r.ContentLength = failingBody{limit}, 5
	require.Equal(t, error(limit), h.ServeHTTP(w, r, (&recordingNext{}).asHandler()))
}

func TestARuleThatCannotBeEvaluatedLetsNothingPass(t *testing.T) {
	t.Parallel()
	h := provisioned(t, watched, `{"rules":[{"resource":"cat","path":"/cats","actions":{"POST":{"name":"create","before":"cat.creating"}},"when":"request.body.secret == 'x'"}]}`)
	w := httptest.NewRecorder()
	next := &recordingNext{}
	require.NoError(t, h.ServeHTTP(w, prepared(t, w, http.MethodPost, "/cats", `{"s3cret":1}`), next.asHandler()))
	require.False(t, next.called)
	require.Equal(t, http.StatusBadGateway, w.Code)
	require.Contains(t, w.Body.String(), "rule_error")
	require.NotContains(t, w.Body.String(), "s3cret")
}

// TestWhatTunnelsOrHidesIsTakenAwayFirst covers what handler.go asks of package
// request for requests that need no more than a look.
func TestWhatTunnelsOrHidesIsTakenAwayFirst(t *testing.T) {
	t.Parallel()
	h := asked(t, answered{status: 500, options: `,"onFailure":"flag"`})
	for _, target := range []string{"/elsewhere", cats} {
		w := httptest.NewRecorder()
		r := prepared(t, w, http.MethodGet, target, "")
		r.Header.Set("Connection", "Upgrade, HTTP2-Settings")
		r.Header.Set("Upgrade", "h2c")
		next := &recordingNext{}
		require.NoError(t, h.ServeHTTP(w, r, next.asHandler()))
		require.Empty(t, next.header.Get("Upgrade"), target)
	}
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPost, cats, `{}`)
	r.Header.Set("Connection", "Voorpoort-Flag, X-Tenant")
	r.Header.Set("X-Tenant", "other")
	next := &recordingNext{}
	require.NoError(t, h.ServeHTTP(w, r, next.asHandler()))
	require.NotEmpty(t, next.header.Get("Voorpoort-Flag"))
	require.Empty(t, next.header.Get("Connection"), "a proxy would remove our mark")
	require.Empty(t, next.header.Get("X-Tenant"), "what the register never gets no webhook may see")
}

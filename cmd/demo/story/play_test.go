package story

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/cmd/demo/felix"
	"github.com/voorpoort/voorpoort/cmd/demo/register"
)

// gate is a gateway of a few lines: enough to tell the story to.
type gate struct {
	register http.Handler

	mu        sync.Mutex
	validator http.Handler // nil: not on the network
	policy    string
	month     time.Month

	deaf bool // never asks the validator
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	if g.deaf {
		g.pass(w, r, body)
		return
	}
	if g.validator == nil {
		if g.policy == "allow" {
			g.pass(w, r, body)
			return
		}
		http.Error(w, `{"status":503}`, http.StatusServiceUnavailable)
		return
	}
	verdict := httptest.NewRecorder()
	g.validator.ServeHTTP(verdict, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(
		`{"specversion":"1.0","id":"1","type":"object.creating","data":{"path":"`+r.URL.Path+`","body":`+string(body)+`}}`)))
	if verdict.Code != http.StatusOK {
		w.WriteHeader(verdict.Code)
		_, _ = w.Write(verdict.Body.Bytes())
		return
	}
	var object map[string]any
	_ = json.Unmarshal(body, &object)
	var answer struct{ Data map[string]any }
	_ = json.Unmarshal(verdict.Body.Bytes(), &answer)
	object["@self"] = answer.Data["@self"]
	merged, _ := json.Marshal(object)
	g.pass(w, r, merged)
}

func (g *gate) pass(w http.ResponseWriter, r *http.Request, body []byte) {
	g.register.ServeHTTP(w, httptest.NewRequest(r.Method, r.URL.Path, bytes.NewReader(body)))
}

func (g *gate) set(change func(*gate)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change(g)
}

// newStage puts a story on around the gate; out gets what it tells.
func newStage(t *testing.T, g *gate, out io.Writer) Stage {
	t.Helper()
	store := register.New(nil)
	upstream := httptest.NewServer(store)
	t.Cleanup(upstream.Close)
	validator := felix.New(upstream.URL, func() time.Time { return time.Date(2026, g.month, 1, 0, 0, 0, 0, time.UTC) })
	g.register, g.validator, g.policy = store, validator, "reject"
	front := httptest.NewServer(g)
	t.Cleanup(front.Close)
	return Stage{
		Gateway:        front.URL,
		Register:       store,
		Month:          func(m time.Month) { g.set(func(g *gate) { g.month = m }) },
		StopValidator:  func() error { g.set(func(g *gate) { g.validator = nil }); return nil },
		StartValidator: func() error { g.set(func(g *gate) { g.validator = validator }); return nil },
		OnFailure:      func(policy string) error { g.set(func(g *gate) { g.policy = policy }); return nil },
		Out:            out,
	}
}

func TestPlayTellsTheStory(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	g := &gate{}
	require.NoError(t, Play(t.Context(), newStage(t, g, &out)))

	text := out.String()
	require.Contains(t, text, "1. A cat is created")
	require.Contains(t, text, "  > POST "+Cats+"\n")
	require.Contains(t, text, "  < 201 Created\n")
	require.Contains(t, text, `"validatedBy": "felix-validator"`)
	require.Contains(t, text, "No cat can be named Felix in December.")
	require.Contains(t, text, "already five cats named Felix")
	require.Contains(t, text, "  < 503 Service Unavailable\n")
	require.Equal(t, 3, strings.Count(text, "The register received nothing."))
	require.Contains(t, text, "The register received: "+minoes)
	require.NotNil(t, g.validator, "the validator is on again")
	require.Equal(t, "reject", g.policy)
}

func TestPlayFailsWhenTheGateIsOpen(t *testing.T) {
	t.Parallel()
	err := Play(t.Context(), newStage(t, &gate{deaf: true}, io.Discard))
	require.ErrorIs(t, err, errOtherwise)
	require.ErrorContains(t, err, "not stored as validated")
}

func TestScenesNoticeAGateThatDoesNotKeepItsWord(t *testing.T) {
	t.Parallel()
	open := newStage(t, &gate{deaf: true}, io.Discard)
	require.ErrorContains(t, blockedInDecember(t.Context(), open), "Felix got status 201")
	require.ErrorContains(t, blockedAfterFive(t.Context(), open), "Felix got status 201")
	require.ErrorContains(t, downReject(t.Context(), open), "nobody validated Minoes")

	strict := newStage(t, &gate{}, io.Discard)
	strict.OnFailure = func(string) error { return nil } // stays at reject
	require.NoError(t, strict.StopValidator())
	require.ErrorContains(t, downAllow(t.Context(), strict), "not passed on as she was")
}

func TestPlayFailsWhenTheGatewayIsAway(t *testing.T) {
	t.Parallel()
	s := newStage(t, &gate{}, io.Discard)
	s.Gateway = "http://127.0.0.1:1"
	require.ErrorContains(t, Play(t.Context(), s), "asking the gateway")
}

func TestStageTroublesEndTheStory(t *testing.T) {
	t.Parallel()
	broken := func() error { return io.ErrUnexpectedEOF }
	s := newStage(t, &gate{}, io.Discard)
	s.StopValidator = broken
	require.ErrorIs(t, Play(t.Context(), s), io.ErrUnexpectedEOF)

	s = newStage(t, &gate{}, io.Discard)
	s.StartValidator = broken
	require.ErrorIs(t, Play(t.Context(), s), io.ErrUnexpectedEOF)

	s = newStage(t, &gate{}, io.Discard)
	s.OnFailure = func(string) error { return io.ErrUnexpectedEOF }
	require.ErrorIs(t, Play(t.Context(), s), io.ErrUnexpectedEOF)
}

func TestQuote(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	s := Stage{Out: &out}
	s.quote([]byte(`{"a":1}` + "\n"))
	s.quote([]byte("<html>\n100%\n"))
	s.quote(nil)
	require.Equal(t, "  < {\n  <   \"a\": 1\n  < }\n  < <html>\n  < 100%\n", out.String())
}

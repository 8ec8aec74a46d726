package story

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/cmd/demo/felix"
	"github.com/voorpoort/voorpoort/cmd/demo/petshop"
	"github.com/voorpoort/voorpoort/cmd/demo/register"
)

const secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

// deliver tells the shop of an event, signed.
func deliver(t *testing.T, shop http.Handler, id string) {
	t.Helper()
	event := `{"id":"` + id + `","type":"object.created"}`
	signer, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	now := time.Now()
	signature, err := signer.Sign(id, now, []byte(event))
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(event))
	r.Header.Set("Webhook-Id", id)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	r.Header.Set("Webhook-Signature", signature)
	w := httptest.NewRecorder()
	shop.ServeHTTP(w, r)
	require.Equal(t, http.StatusNoContent, w.Code)
}

// gate is a gateway of a few lines: enough to tell the story to.
type gate struct {
	register http.Handler

	mu        sync.Mutex
	validator http.Handler // nil: not on the network
	policy    string
	month     time.Month

	deaf bool // never asks the validator

	// What follows is the gate's way to tell: one attempt, and one more when it has
	// come back to life.
	shop    func(event string)
	closed  bool
	mute    bool // tells nobody, ever
	twice   bool // tells everything twice
	waiting []string
	log     []string
	events  int
}

// tell makes an event of an accepted write.
func (g *gate) tell(w http.ResponseWriter) {
	g.events++
	id := fmt.Sprintf("event-%d", g.events)
	w.Header().Set("Voorpoort-Event-Id", id)
	if g.closed {
		g.log = append(g.log, `{"msg":"delivery","event_id":"`+id+`"}`)
		g.waiting = append(g.waiting, id)
	}
}

func (g *gate) open() error {
	g.set(func(g *gate) {
		g.closed = false
		for _, id := range g.waiting {
			if g.mute {
				continue
			}
			g.shop(id)
			if g.twice {
				g.shop(id)
			}
		}
	})
	return nil
}

func (g *gate) line(parts ...string) (found string) {
	g.set(func(g *gate) {
		for _, line := range g.log {
			if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(line, part) }) {
				found = line
			}
		}
	})
	return found
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
	g.tell(w)
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
	shop, err := petshop.New(secret)
	require.NoError(t, err)
	g.shop = func(id string) { deliver(t, shop, id) }
	return Stage{
		Gateway:        front.URL,
		Register:       store,
		Month:          func(m time.Month) { g.set(func(g *gate) { g.month = m }) },
		StopValidator:  func() error { g.set(func(g *gate) { g.validator = nil }); return nil },
		StartValidator: func() error { g.set(func(g *gate) { g.validator = validator }); return nil },
		OnFailure:      func(policy string) error { g.set(func(g *gate) { g.policy = policy }); return nil },
		Shop:           shop,
		CloseShop:      func() error { g.set(func(g *gate) { g.closed = true }); return nil },
		OpenShop:       g.open,
		KillGateway:    func() error { return nil },
		StartGateway:   func() error { return nil },
		LogLine:        g.line,
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
	require.Contains(t, text, "kill -9")
	require.Contains(t, text, `"event_id":"event-2"`)
	require.Contains(t, text, "  event      event-2\n")
	require.Contains(t, text, "It came 1 time.")
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

func TestTheStoryCountsHowOftenTheEventCame(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, toldAtLast(t.Context(), newStage(t, &gate{twice: true}, &out)))
	require.Contains(t, out.String(), "It came 2 times.")
}

func TestTheStoryNoticesAGateThatTellsNobody(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	s := newStage(t, &gate{mute: true}, io.Discard)
	require.ErrorContains(t, toldAtLast(ctx, s), "the shop was not told of event event-1")

	s = newStage(t, &gate{}, io.Discard)
	s.LogLine = func(...string) string { return "" }
	require.ErrorContains(t, s.tellFailure(ctx, "event-1"), "logged no attempt")
}

func TestTroublesWithTheShopEndTheStory(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(*Stage, func() error){
		"close": func(s *Stage, f func() error) { s.CloseShop = f },
		"kill":  func(s *Stage, f func() error) { s.KillGateway = f },
		"start": func(s *Stage, f func() error) { s.StartGateway = f },
		"open":  func(s *Stage, f func() error) { s.OpenShop = f },
	} {
		s := newStage(t, &gate{}, io.Discard)
		broken(&s, func() error { return io.ErrUnexpectedEOF })
		require.ErrorIs(t, toldAtLast(t.Context(), s), io.ErrUnexpectedEOF, name)
	}
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

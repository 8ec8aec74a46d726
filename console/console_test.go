package console

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// call is a request as the gateway saw it.
type call struct {
	method, path, query, authorization, body string
}

// standIn is a gateway that answers what a test says, by method and path.
type standIn struct {
	*httptest.Server
	calls []call
}

func newStandIn(t *testing.T, answers map[string]string) *standIn {
	t.Helper()
	g := new(standIn)
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		g.calls = append(g.calls, call{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("Authorization"), string(body)})
		answer, ok := answers[r.Method+" "+r.URL.EscapedPath()]
		if !ok {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"status":404,"title":"Not Found","detail":"There is no such thing."}`)
			return
		}
		if status, rest, found := strings.Cut(answer, " "); found && len(status) == 3 {
			var code int
			_ = json.Unmarshal([]byte(status), &code)
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(code)
			answer = rest
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(g.Close)
	return g
}

// run runs a command line against a gateway.
func run(t *testing.T, g *standIn, line ...string) (out string, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte("secret\n"), 0o600))
	root := &cobra.Command{Use: "voorpoort", SilenceErrors: true}
	root.AddCommand(Commands()...)
	if g != nil {
		line = append(line, "--address", g.URL+"/gateway/", "--token-file", file)
	}
	root.SetArgs(line)
	var printed bytes.Buffer
	root.SetOut(&printed)
	root.SetErr(io.Discard)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err = root.ExecuteContext(ctx)
	return printed.String(), err
}

func TestWebhooksAreListed(t *testing.T) {
	t.Parallel()
	g := newStandIn(t, map[string]string{"GET /gateway/api/webhooks": `{"results":[
		{"id":7,"name":"stock","url":"https://s.example/h","enabled":true,"state":"open","totalDeliveries":200,"successfulDeliveries":199,"pending":3},
		{"id":4294967296,"name":"old","url":"https://o.example","enabled":false,"state":"disabled"}],"total":2}`})
	out, err := run(t, g, "webhooks", "list")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Equal(t, []string{"ID", "NAME", "STATE", "PENDING", "DEAD", "SUCCESS", "LAST", "TRIGGERED", "URL"}, strings.Fields(lines[0]))
	require.Equal(t, []string{"7", "stock", "open", "3", "0", "99.5%", "-", "https://s.example/h"}, strings.Fields(lines[1]))
	require.Equal(t, []string{"4294967296", "old", "disabled", "0", "0", "-", "-", "https://o.example"}, strings.Fields(lines[2]))
	require.Equal(t, "Bearer secret", g.calls[0].authorization)

	out, err = run(t, g, "webhooks", "list", "--json")
	require.NoError(t, err)
	require.True(t, json.Valid([]byte(out)), "for programs it is the gateway's answer")
	require.Contains(t, out, `"state": "open"`)
}

// TestEachCommandMakesOneCall: which, and with what.
func TestEachCommandMakesOneCall(t *testing.T) {
	t.Parallel()
	document := filepath.Join(t.TempDir(), "webhook.json")
	require.NoError(t, os.WriteFile(document, []byte(`{"name":"n"}`), 0o600))
	hook, done := `{"id":1,"name":"n"}`, `{"success":true,"message":"delivered"}`
	g := newStandIn(t, map[string]string{
		"GET /gateway/api/webhooks/1": hook, "POST /gateway/api/webhooks": hook, "PATCH /gateway/api/webhooks/1": hook,
		"DELETE /gateway/api/webhooks/1": "", "POST /gateway/api/webhooks/1/test": done,
		"GET /gateway/api/webhooks/logs":             `{"results":[{"id":5,"webhookName":"n","success":false,"statusCode":500,"reason":"server_error"}],"total":1}`,
		"GET /gateway/api/messages/e1":               `{"message":{"id":"e1","type":"a.b"},"deliveries":[{"webhookName":"n","state":"dead"}],"attempts":[]}`,
		"POST /gateway/api/webhooks/logs/5/retry":    done,
		"GET /gateway/api/dead-letters":              `{"results":[{"seq":9,"webhookId":1,"webhookName":"n","reason":"given up"}],"cursor":"abc"}`,
		"POST /gateway/api/dead-letters/1/9/replay":  `{}`,
		"POST /gateway/api/dead-letters/1/9/discard": `{}`,
		"POST /gateway/api/dead-letters/replay":      `{"id":"j","state":"done","total":2,"done":2,"failed":0}`,
		"POST /gateway/api/events":                   `{}`,
		"POST /gateway/api/check":                    `{"event":{"type":"object.created","subject":"s"},"rule":"r","webhooks":[{"name":"n","matches":false,"why":[{"filter":"schema","detail":"is dog"}]}]}`,
	})
	for _, test := range []struct {
		line                      string
		method, path, query, body string
		out                       string
	}{
		{"webhooks get 1", "GET", "/webhooks/1", "", "", `"name": "n"`},
		{"webhooks create -f " + document, "POST", "/webhooks", "", `{"name":"n"}`, "created n: webhook 1"},
		{"webhooks update 1 -f " + document, "PATCH", "/webhooks/1", "", `{"name":"n"}`, "updated n: webhook 1"},
		{"webhooks delete 1", "DELETE", "/webhooks/1", "", "", "deleted"},
		{"webhooks test 1", "POST", "/webhooks/1/test", "", `{}`, "delivered"},
		{"deliveries list --failed --webhook 1", "GET", "/webhooks/logs", "limit=50&success=false&webhook_id=1", "", "server_error 500"},
		{"deliveries show e1", "GET", "/messages/e1", "", "", "dead"},
		{"deliveries retry 5", "POST", "/webhooks/logs/5/retry", "", `{}`, "delivered"},
		{"dead-letters list", "GET", "/dead-letters", "limit=50", "", "--cursor abc"},
		{"dead-letters replay --webhook 1 --seq 9", "POST", "/dead-letters/1/9/replay", "", `{}`, "sent again"},
		{"dead-letters replay --type a.b --rate 5 --limit 3", "POST", "/dead-letters/replay", "", `{"type":"a.b","rate":5,"limit":3}`, "2 sent again"},
		{"dead-letters discard 1 9 --reason old", "POST", "/dead-letters/1/9/discard", "", `{"reason":"old"}`, "discarded"},
		{"check /api/objects/a/b -H A:b -f " + document, "POST", "/check", "", `{"method":"POST","path":"/api/objects/a/b","headers":{"A":"b"},"body":{"name":"n"}}`, "schema is dog"},
	} {
		before := len(g.calls)
		out, err := run(t, g, strings.Fields(test.line)...)
		require.NoError(t, err, test.line)
		require.Contains(t, out, test.out, test.line)
		require.Len(t, g.calls, before+1, test.line)
		got := g.calls[before]
		require.Equal(t, call{test.method, "/gateway/api" + test.path, test.query, "Bearer secret", got.body}, got, test.line)
		if test.body != "" {
			require.JSONEq(t, test.body, got.body, test.line)
		}
	}
	_, err := run(t, g, "send-test", "--type", "object.created", "--subject", "x")
	require.NoError(t, err)
	var event map[string]any
	require.NoError(t, json.Unmarshal([]byte(g.calls[len(g.calls)-1].body), &event))
	require.Equal(t, "object.created", event["type"])
	require.Equal(t, "1.0", event["specversion"])
	require.Len(t, event["id"], 26)
}

// TestExitCodes: a script can tell what went wrong.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	refused := `{"title":"Bad Request","detail":"two faults","errors":[{"pointer":"#/url","detail":"is required\u001b[2J"}]}`
	g := newStandIn(t, map[string]string{
		"GET /gateway/api/webhooks/401": "401 {}", "GET /gateway/api/webhooks/403": `403 {"detail":"scope read"}`,
		"GET /gateway/api/webhooks/400": "400 " + refused, "GET /gateway/api/webhooks/503": "503 nothing",
		"GET /gateway/api/webhooks/200":     "hello",
		"POST /gateway/api/webhooks/1/test": `{"success":false,"message":"no","error_details":{"status_code":500,"response_body":"boom"}}`,
	})
	for line, want := range map[string]int{
		"webhooks get 401": ExitNotAllowed, "webhooks get 403": ExitNotAllowed, "webhooks get 404": ExitNotFound,
		"webhooks get 400": ExitFailed, "webhooks get 503": ExitFailed, "webhooks get 200": ExitFailed, "webhooks test 1": ExitFailed,
		"webhooks get": ExitUsage, "webhooks create": ExitUsage,
		"webhooks create -f /nowhere": ExitUsage, "check /a -H x": ExitUsage, "dead-letters replay --seq 1": ExitUsage, "send-test": ExitUsage,
	} {
		_, err := run(t, g, strings.Fields(line)...)
		require.Error(t, err, line)
		require.Equal(t, want, ExitCode(err), "%s: %v", line, err)
	}
	_, err := run(t, g, "webhooks", "get", "400")
	require.EqualError(t, err, "two faults (400)\n  /url: is required�[2J", "each fault with its place, and nothing moves the cursor")
	_, err = run(t, g, "webhooks", "test", "1")
	require.EqualError(t, err, "the receiver did not take it: it answered 500 boom")

	_, err = run(t, nil, "webhooks", "list", "--address", "http://127.0.0.1:1")
	require.Equal(t, ExitUnreachable, ExitCode(err))
	for _, address := range []string{"", "localhost:8080", "ftp://x", "http://user:secret@host", "http://host/?a=b"} {
		_, err = run(t, nil, "webhooks", "list", "--address", address)
		require.Equal(t, ExitUsage, ExitCode(err), address)
		require.NotContains(t, err.Error(), "secret")
	}
	for _, line := range []string{"webhooks", "webhooks nonsense"} {
		_, err = run(t, nil, strings.Fields(line)...)
		require.Equal(t, ExitUsage, ExitCode(err), line)
	}
	require.Equal(t, ExitDone, ExitCode(nil))
}

// TestARedirectIsNotFollowed: the token would go elsewhere.
func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := newStandIn(t, nil)
	moved := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	t.Cleanup(moved.Close)
	_, err := run(t, nil, "webhooks", "list", "--address", moved.URL)
	require.Error(t, err)
	require.Empty(t, elsewhere.calls)
}

// TestALongReplayTellsItsProgress until the job has ended.
func TestALongReplayTellsItsProgress(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"POST /gateway/api/dead-letters/replay": `{"id":"j","state":"running","total":3,"done":1}`,
		"GET /gateway/api/jobs/j":               `{"id":"j","state":"failed","total":3,"done":2,"failed":1}`,
	}
	_, err := run(t, newStandIn(t, answers), "dead-letters", "replay")
	require.EqualError(t, err, "the job is failed; 1 of 3 failed")
}

func TestTailFollowsAndTakesUpAgain(t *testing.T) {
	t.Parallel()
	last := make(chan string, 10)
	ctx, enough := context.WithCancel(t.Context())
	defer enough()
	g := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last <- r.Header.Get("Last-Event-ID")
		if r.Header.Get("Last-Event-ID") != "" {
			_, _ = io.WriteString(w, "event: lane\ndata: {\"webhookName\":\"n\",\"state\":\"broken\"}\n\n")
			w.(http.Flusher).Flush()
			time.Sleep(100 * time.Millisecond)
			enough()
			return
		}
		_, _ = io.WriteString(w, ": hello\n\nid: 40\n\nid: 41\nevent: attempt\ndata: {\"webhookName\":\"n\",\ndata: \"success\":true,\"eventId\":\"e\"}\n\n"+
			"id: 42\nevent: interception\ndata: {\"webhookName\":\"v\",\"outcome\":\"rejected\"}\n\nevent: attempt\ndata: not JSON\n\n")
	}))
	t.Cleanup(g.Close)
	root := &cobra.Command{Use: "voorpoort", SilenceErrors: true}
	root.AddCommand(Commands()...)
	root.SetArgs([]string{"tail", "--address", g.URL})
	var out bytes.Buffer
	root.SetOut(&out)
	require.NoError(t, root.ExecuteContext(ctx))
	require.Empty(t, <-last)
	require.Equal(t, "42", <-last, "it goes on where it ended")
	require.Regexp(t, `(?s)delivery +n.*attempt 0  delivered.*interception +v.*rejected.*n  is broken`, out.String())
	require.NotContains(t, out.String(), "not JSON")
}

func TestATokenIsMadeWithItsLine(t *testing.T) {
	t.Parallel()
	out, err := run(t, nil, "token", "new", "--scopes", "read,write")
	require.NoError(t, err)
	require.Regexp(t, `^token, shown this once: +[A-Z2-7]{26}\nin voorpoort_api \{ ... \}: +token read,write [0-9a-f]{64}\n$`, out)
}

// FuzzNews: a stream may hold anything.
func FuzzNews(f *testing.F) {
	f.Add("id: 1\nevent: attempt\ndata: {}\n\n")
	f.Add("id:0\n\n") // it only tells where the stream is
	f.Add("data\n:\n\r\n\ndata: {\"statusCode\":1e9}\n\n")
	f.Fuzz(func(t *testing.T, stream string) {
		_ = readNews(strings.NewReader(stream), func(n news) {
			if len(n.data) == 0 && n.id == "" {
				t.Fatal("an event without data and place is none")
			}
			_, _ = n.line(false)
		})
	})
}

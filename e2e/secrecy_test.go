package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestNothingConfidentialLeavesTheGateway: not in its log, at any level, not in
// its answers, and not in what the admin endpoint shows.
func TestNothingConfidentialLeavesTheGateway(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{
		"THE_SECRET": "s3cret-of-signature", "THE_TOKEN": "s3cret-of-header", "THE_QUERY": "s3cret-of-query", "THE_PASSWORD": "s3cret-of-proxy",
	}
	environment := []string{"HTTP_PROXY="}
	hidden := []string{"s3cret-of-client", "s3cret-of-cookie", "s3cret-of-body", "s3cret-of-answer"}
	for name, value := range secrets {
		environment = append(environment, name+"="+value)
		hidden = append(hidden, value)
	}
	const with = "intercept merge;secret {env.THE_SECRET};signature sha256 openregister;header Authorization \"Bearer {env.THE_TOKEN}\";timeout 100ms;"
	const answer = `{"token":"s3cret-of-answer"`
	trials := []trial{
		{name: "fine", answer: saysJSON(`{"data":{"x":true},"token":"s3cret-of-answer"}`)},
		{name: "rejects", answer: says(422, "application/json", answer+`,"message":"nee"}`)},
		{name: "fails", answer: says(500, "text/plain", answer)},
		{name: "nonsense", answer: saysJSON(answer)},
		{name: "page", answer: says(200, "text/html", answer)},
		{name: "hangs", answer: hangs},
		{name: "moves", answer: func(w http.ResponseWriter, _ cloudEvent) {
			w.Header().Set("Location", "http://127.0.0.1:1/?t=s3cret-of-answer")
			w.WriteHeader(http.StatusFound)
		}},
		{name: "refuses", url: "http://127.0.0.1:1"},
		{name: "unknown", url: "http://does-not-exist.invalid"},
		{name: "no-tls", url: "https://127.0.0.1:1"},
		{name: "proxied", url: "http://does-not-exist.invalid", options: "proxy http://user:{env.THE_PASSWORD}@127.0.0.1:1"},
		{name: "standard", url: "http://127.0.0.1:1", options: "client net/http"},
		{name: "shadow", answer: says(500, "text/plain", answer), options: "mode shadow"},
	}
	u, s := register(t), answeringTrials(t, trials)
	for i := range trials {
		if trials[i].url == "" {
			trials[i].url = s.URL
		}
		trials[i].url += "/" + trials[i].name + "?token={env.THE_QUERY}"
		trials[i].options = with + trials[i].options
	}
	g := start(t, "\tdebug\n"+globals(blocksOf(trials, s)...), "\tlog\n\thandle_errors {\n\trespond \"{http.error.message} {http.error.trace}\"\n}\n"+inFront(u), environment...)
	var told strings.Builder
	for _, trial := range trials {
		for _, body := range []string{`{"b":"s3cret-of-body"}`, `{"b":"s3cret-of-body"`} {
			got := send(t, http.MethodPost, g.URL+objectsOf(trial.name), body,
				"Authorization: Bearer s3cret-of-client", "Cookie: session=s3cret-of-cookie")
			_, _ = fmt.Fprintln(&told, got.Status, got.Header, got.Body)
		}
	}
	require.Eventually(t, func() bool { return len(s.at("/shadow?token=s3cret-of-query")) == 1 }, 20*time.Second, 10*time.Millisecond)
	require.Len(t, s.at("/fine?token=s3cret-of-query"), 1)
	require.Equal(t, "Bearer s3cret-of-header", s.at("/fine?token=s3cret-of-query")[0].Header.Get("Authorization"))
	for _, path := range []string{"/metrics", "/config/", "/debug/pprof/goroutine?debug=2", "/reverse_proxy/upstreams"} {
		told.WriteString(send(t, http.MethodGet, g.Admin+path, "").Body)
	}
	status, message := g.reload(t, globals(webhook("bad", s.URL+"?token={env.THE_QUERY}", "intercept\nsecret {env.THE_SECRET}\nsignature standard-webhooks")), inFront(u))
	require.Equal(t, http.StatusBadRequest, status, "a text is no Standard Webhooks secret")
	told.WriteString(message)
	told.WriteString(g.log())
	for _, secret := range hidden {
		if at := strings.Index(told.String(), secret); at >= 0 {
			t.Errorf("%s is told: …%s…", secret, told.String()[max(0, at-300):min(told.Len(), at+100)])
		}
	}
}

package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestEveryFailurePolicy crosses the kinds of failure with the policies, and
// with the settings that speak for them.
func TestEveryFailurePolicy(t *testing.T) {
	t.Parallel()
	const (
		nobody  = "http://127.0.0.1:1" // tcpmux, which nobody runs
		nowhere = "http://does-not-exist.invalid"
	)
	kinds := []struct {
		name, url string
		answer    func(http.ResponseWriter, cloudEvent)
		options   string
		setting   string // the policy for this kind
		reason    string
		status    int
	}{
		{name: "failure", answer: says(500, "", ""), setting: "on_failure", reason: "server_error", status: http.StatusBadGateway},
		{name: "nonsense", answer: saysJSON(`{`), setting: "on_failure", reason: "invalid_answer", status: http.StatusBadGateway},
		{name: "redirect", answer: redirects(302), setting: "on_failure", reason: "redirect", status: http.StatusBadGateway},
		{name: "throttled", answer: says(429, "", ""), setting: "on_failure", reason: "throttled", status: http.StatusBadGateway},
		{name: "timeout", answer: hangs, options: "timeout 100ms", setting: "on_timeout", reason: "timeout", status: http.StatusGatewayTimeout},
		{name: "refused", url: nobody, setting: "on_unreachable", reason: "unreachable", status: http.StatusServiceUnavailable},
		{name: "unknown-name", url: nowhere, setting: "on_unreachable", reason: "unreachable", status: http.StatusServiceUnavailable},
		{name: "tls-to-plain", setting: "on_unreachable", reason: "unreachable", status: http.StatusServiceUnavailable},
	}
	const (
		refused = "reject"
		passed  = "allow"
		flagged = "flag"
	)
	policies := []struct{ name, setting, want string }{
		{"default", "", refused},
		{"reject", "$ reject", refused},
		{"allow", "$ allow", passed},
		{"flag", "$ flag", flagged},
		{"general-reject", "on_failure reject", refused},
		{"general-allow", "on_failure allow", passed},
		{"general-flag", "on_failure flag", flagged},
		{"own-over-general", "on_failure allow;$ reject", refused},
	}
	plain := register(t) // speaks no TLS
	var trials []trial
	for _, kind := range kinds {
		if kind.name == "tls-to-plain" {
			kind.url = "https://" + plain.address()
		}
		for _, policy := range policies {
			if kind.setting == "on_failure" && policy.name == "own-over-general" {
				continue // they are the same word
			}
			trials = append(trials, trial{
				name: kind.name + "-" + policy.name, url: kind.url, answer: kind.answer,
				options: "intercept;breaker off;" + kind.options + ";" + strings.ReplaceAll(policy.setting, "$", kind.setting),
			})
		}
	}
	s := newStand(t, trials)
	for _, kind := range kinds {
		for _, policy := range policies {
			name := kind.name + "-" + policy.name
			if kind.setting == "on_failure" && policy.name == "own-over-general" {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				got := s.create(t, name, sentBody, "Voorpoort-Flag: \"of-the-client\"")
				reached := s.reached(name)
				if policy.want == refused {
					require.Equal(t, kind.status, got.Status, got.Body)
					require.Empty(t, reached)
					require.Equal(t, "5", got.Header.Get("Retry-After"))
					p := got.problem(t)
					require.Equal(t, "urn:voorpoort:problem:unavailable", p.Type)
					require.Equal(t, name, p.Webhook)
					require.NotEmpty(t, p.EventID)
					require.Contains(t, p.Detail, name)
					require.NotContains(t, got.Body, "http", "the address of the service is nobody's business")
					return
				}
				require.Equal(t, http.StatusCreated, got.Status, got.Body)
				require.Len(t, reached, 1)
				require.Equal(t, sentBody, reached[0].Body)
				require.Empty(t, got.Header.Values("Warning"))
				flag := reached[0].Header.Values("Voorpoort-Flag")
				if policy.want == passed {
					require.Empty(t, flag, "not even the client's own")
				} else {
					require.Equal(t, []string{`"` + name + `";reason=` + kind.reason}, flag)
				}
			})
		}
	}
}

// TestTheClientCannotForgeAFlag on any route.
func TestTheClientCannotForgeAFlag(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	for _, path := range []string{"/api/objects/pets/cats", "/elsewhere"} {
		send(t, http.MethodPost, s.URL+path, `{}`, `Voorpoort-Flag: "checked"`)
		require.Empty(t, s.u.last(t).Header.Values("Voorpoort-Flag"))
	}
}

// TestSeveralFlagsMakeOneList in the order of the webhooks.
func TestSeveralFlagsMakeOneList(t *testing.T) {
	t.Parallel()
	u := register(t)
	s := interceptor(t, 500, "")
	g := start(t, globals(
		webhook("second", s.URL, "intercept merge\norder 2\non_failure flag"),
		webhook("first", s.URL, "intercept merge\norder 1\non_failure flag"),
		webhook(`"a \"name\" with é"`, s.URL, "intercept merge\norder 3\non_failure flag"),
	), inFront(u))
	require.Equal(t, http.StatusCreated, post(t, g, `{}`).Status)
	require.Equal(t, `"first";reason=server_error, "second";reason=server_error, "a \"name\" with ?";reason=server_error`,
		u.last(t).Header.Get("Voorpoort-Flag"))
}

// TestTheBreakerSparesADeadService and the requests that would wait for it.
func TestTheBreakerSparesADeadService(t *testing.T) {
	t.Parallel()
	s := newStand(t, []trial{
		{name: "dead", answer: says(500, "", ""), options: "intercept;breaker 2 1m;on_unreachable flag"},
		{name: "off", answer: says(500, "", ""), options: "intercept;breaker off"},
		{name: "alive", answer: says(422, "", ""), options: "intercept;breaker 2 1m"},
		{name: "heals", answer: healing(2), options: "intercept;breaker 2 300ms 300ms"},
	})
	for range 2 {
		require.Equal(t, http.StatusBadGateway, s.create(t, "dead", `{}`).Status)
	}
	for range 3 {
		require.Equal(t, http.StatusCreated, s.create(t, "dead", `{}`).Status, "an open breaker is: unreachable")
		require.Equal(t, `"dead";reason=breaker_open`, s.u.last(t).Header.Get("Voorpoort-Flag"))
	}
	require.Len(t, s.asked("dead"), 2, "called although the breaker is open")

	for range 4 {
		require.Equal(t, http.StatusBadGateway, s.create(t, "off", `{}`).Status)
		require.Equal(t, http.StatusUnprocessableEntity, s.create(t, "alive", `{}`).Status)
	}
	require.Len(t, s.asked("off"), 4)
	require.Len(t, s.asked("alive"), 4, "who blocks is not dead")

	for range 2 {
		require.Equal(t, http.StatusBadGateway, s.create(t, "heals", `{}`).Status)
	}
	require.Eventually(t, func() bool {
		return s.create(t, "heals", `{}`).Status == http.StatusCreated
	}, 20*time.Second, 50*time.Millisecond, "the probe after the pause closes the breaker")
	require.Equal(t, http.StatusCreated, s.create(t, "heals", `{}`).Status)
}

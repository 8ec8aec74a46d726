package webhook

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCompileFaults has every value that is refused, and where and why.
func TestCompileFaults(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	for members, want := range map[string]string{
		`"name":""`:             `/name: is required`,
		`"name":"` + long + `"`: `/name: is longer than 255 characters`,
		`"name":"a\nb"`:         `/name: holds a control character; it is shown in logs, metrics and answers`,
		`"uuid":"1"`:            `/uuid: must be a UUID such as 0199e2a4-7c00-7000-8000-000000000001`,

		`"uuid":"0199e2a47c0070008000000000000001"`: `/uuid: must be a UUID such as 0199e2a4-7c00-7000-8000-000000000001`,

		`"method":"GET"`:             `/method: is GET, which has no body to carry the event; only a subscriber with format "openregister" may use it; allowed are "POST", "PUT", "PATCH", "DELETE"`,
		`"method":"BREW"`:            `/method: is "BREW"; allowed are "POST", "PUT", "PATCH", "DELETE"`,
		`"events":["a",""]`:          `/events/1: is empty; to get every event, give no pattern at all`,
		`"events":["object.[ab"]`:    `/events/0: has a "[" without its "]"`,
		`"when":"request.method =="`: `/when: `,
		`"when":"1 + 1"`:             `/when: `,
		`"timeout":121`:              `/timeout: is 2m1s; allowed is 1ms to 2m0s`,
		`"timeout":"1us"`:            `/timeout: is 1µs; allowed is 1ms to 2m0s`,

		`"contentType":"text/plain"`: `/contentType: is "text/plain"; allowed are "application/json", "application/cloudevents+json"`,
		`"client":"curl"`:            `/client: is "curl"; allowed are "voorpoort", "net/http"`,

		`"client":"voorpoort","proxy":"http://p.example"`: `/client: is "voorpoort", which cannot use a proxy; leave it out or choose "net/http"`,
		`"proxy":"socks5://p.example"`:                    `/proxy: must be an absolute URL that begins with http:// or https://`,
		`"proxy":"http://p.example/x"`:                    `/proxy: must be scheme, host and port only, such as http://proxy.example:3128`,
	} {
		_, err := tryOver(members)
		lines := fieldErrors(t, err)
		require.Len(t, lines, 1, members)
		require.True(t, strings.HasPrefix(lines[0], want), "%s\ngot  %s\nwant %s", members, lines[0], want)
	}
}

// TestCompileConfigurationFaults is the same for the members of configuration.
func TestCompileConfigurationFaults(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]string{
		`"mode":"audit"`:                                  `/configuration/mode: is "audit"; allowed are "enforce", "warn", "shadow", "off"`,
		`"onFailure":"ignore"`:                            `/configuration/onFailure: is "ignore"; allowed are "reject", "allow", "flag", "queue"`,
		`"onTimeout":"ignore"`:                            `/configuration/onTimeout: is "ignore"; allowed are "reject", "allow", "flag", "queue"`,
		`"breaker":{"pause":"2h"}`:                        `/configuration/breaker/pause: is 2h0m0s; allowed is 1ms to 1h0m0s`,
		`"breaker":{"pause":"3s","maxPause":"2s"}`:        `/configuration/breaker/maxPause: is shorter than pause`,
		`"responseProcessing":{"mergeStrategy":"deep"}`:   `/configuration/responseProcessing/mergeStrategy: is "deep"; allowed are "merge", "replace", "custom", "merge-patch", "json-patch"`,
		`"responseProcessing":{"mergeStrategy":"custom"}`: `/configuration/responseProcessing/fieldMapping: is required with mergeStrategy "custom"`,
		`"responseProcessing":{"fieldMapping":{"a":""}}`:  `/configuration/responseProcessing/fieldMapping/a: needs a path in the answer and a path in the request body`,
	} {
		_, err := tryJSON(`"configuration":{"interceptRequests":true,"processResponse":true,` + members + `}`)
		require.Equal(t, want, strings.Join(fieldErrors(t, err), "\n"), members)
	}
}

// tryOver compiles a webhook in which members replace those of the base.
func tryOver(members string) (*Hook, error) {
	base := []string{`"name":"test"`, `"url":"https://hooks.example/in"`, `"configuration":{"interceptRequests":true}`}
	document := members
	for _, member := range base {
		name, _, _ := strings.Cut(member, ":")
		if !strings.Contains(members, name+":") {
			document += "," + member
		}
	}
	w, err := Parse([]byte("{" + document + "}"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", document, err)
	}
	return Compile(w, Defaults{})
}

func TestCompileURL(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"http://a.example", "https://a.example:8443/x?token=1&b=%20", "http://[::1]:5678/x", "http://localhost/@self", "HTTP://A.example/",
	} {
		w := interceptor("n")
		w.URL = NewAddress(url)
		_, err := Compile(w, Defaults{})
		require.NoError(t, err, url)
	}
	for url, want := range map[string]string{
		"": "is required",
		"http://a.example/" + strings.Repeat("x", 1024): "is longer than 1024 bytes",
		"a.example/x":                      "must be an absolute URL that begins with http:// or https://",
		"/x":                               "must be an absolute URL that begins with http:// or https://",
		"ftp://a.example/":                 "must be an absolute URL that begins with http:// or https://",
		"http://":                          "has no host",
		"http:///x":                        "has no host",
		"http://:80/":                      "has no host",
		"http:a.example":                   "has no host",
		"http://a.example:0/":              "has a port that is not from 1 to 65535",
		"http://a.example:70000/":          "has a port that is not from 1 to 65535",
		"http://a.example:/":               "has a port that is not from 1 to 65535",
		"http://a b.example/":              "is not a valid URL",
		"http://a.example/\r\nX: y":        "is not a valid URL",
		"http://a.example/#part":           "must not have a fragment (#...); it is never sent",
		"http://a.example/#":               "must not have a fragment (#...); it is never sent",
		"http://us3r:hunter2@a.example/":   "must not hold a user name or password; use a header such as Authorization",
		"http://us3r:hunter2@a.example:x/": "is not a valid URL",
		"http://us3r:hun/ter2@a.example/":  "is not a valid URL",
	} {
		w := interceptor("n")
		w.URL = NewAddress(url)
		_, err := Compile(w, Defaults{})
		require.Equal(t, []string{"/url: " + want}, fieldErrors(t, err), url)
		require.NotContains(t, err.Error(), "us3r")
		require.NotContains(t, err.Error(), "hun")
	}
}

func TestCompileCollectsAllFaults(t *testing.T) {
	t.Parallel()
	_, err := Compile(Webhook{Method: "GET", Timeout: time.Hour, Events: []string{"["}}, Defaults{})
	var pointers []string
	for _, line := range fieldErrors(t, err) {
		pointer, _, _ := strings.Cut(line, ":")
		pointers = append(pointers, pointer)
	}
	require.Equal(t, []string{"/name", "/url", "/method", "/events/0", "/timeout"}, pointers)
	require.True(t, strings.HasPrefix(err.Error(), "webhook: /name: is required; /url: is required; "), err.Error())
}

func TestCompileDefaults(t *testing.T) {
	t.Parallel()
	d := Defaults{Timeout: 4 * time.Second, OnFailure: Allow}
	w := interceptor("n")
	h, err := Compile(w, d)
	require.NoError(t, err)
	require.Equal(t, 4*time.Second, h.Timeout)
	require.Equal(t, []Policy{Allow, Allow, Allow}, []Policy{h.OnFailure, h.OnTimeout, h.OnUnreachable})

	w.Timeout, w.Configuration.OnFailure, w.Configuration.OnUnreachable = time.Second, Flag, Reject
	h, err = Compile(w, d)
	require.NoError(t, err)
	require.Equal(t, time.Second, h.Timeout)
	require.Equal(t, []Policy{Flag, Flag, Reject}, []Policy{h.OnFailure, h.OnTimeout, h.OnUnreachable})
}

func TestCompileSpecialCases(t *testing.T) {
	t.Parallel()
	require.Equal(t, "PATCH", compileJSON(t, `"method":"patch"`).Method)
	require.Equal(t, ClientNetHTTP, compileJSON(t, `"proxy":"http://p.example"`).Client)
	require.Equal(t, time.Minute, compileJSON(t, `"configuration":{"interceptRequests":true,"breaker":{"pause":"1m"}}`).Breaker.MaxPause)
	require.Zero(t, compileJSON(t, `"configuration":{"interceptRequests":true,"breaker":{"failures":-1}}`).Breaker.Failures)
	require.Empty(t, compileJSON(t, `"configuration":{"interceptRequests":true,"responseProcessing":{"mergeStrategy":"replace"}}`).Strategy,
		"without processResponse the answer changes nothing")
}

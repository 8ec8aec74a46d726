package manage

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASubscriptionIsAWebhook(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	made := d.do("POST", "/api/events/subscriptions", `{
		"reference":"zaken","source":"/s","types":["a.b"],"filters":[{"prefix":{"subject":"x"}}],"sink":"https://s.example/in?token=t",
		"protocol":"HTTP","protocolSettings":{"headers":{"Authorization":"Bearer t"},"method":"PUT"},
		"config":{"retryPolicy":"linear","maxRetries":5,"timeout":10},"style":"push","status":"active","consumerId":null}`).ok(200)
	e, ok := d.webhooks.Find(made["uuid"].(string))
	require.True(t, ok)
	w := e.Webhook
	require.Equal(t, "zaken", w.Name)
	require.Equal(t, "https://s.example/in?token=t", w.URL.Reveal())
	require.Equal(t, []string{"a.b"}, w.Events)
	require.Equal(t, "PUT", w.Method)
	require.Equal(t, "Bearer t", w.Headers[0].Value.Reveal())
	require.Equal(t, 5, *w.MaxRetries)
	require.True(t, e.Hook.Subscribes)

	got := d.do("GET", "/api/events/subscriptions/1", "")
	require.NotContains(t, string(got.body), "Bearer t", "what is secret is not told")
	require.NotContains(t, string(got.body), "token=t")
	view := got.ok(200)
	require.Equal(t, "zaken", view["reference"])
	require.Equal(t, "/s", view["source"])
	require.Equal(t, "x", at(t, view, "filters", 0, "prefix", "subject"))
	require.Equal(t, "active", view["status"])
	require.Equal(t, "push", view["style"])
	require.Equal(t, "HTTP", view["protocol"])
	require.Equal(t, "linear", at(t, view, "config", "retryPolicy"))
	require.Len(t, d.do("GET", "/api/events/subscriptions", "").ok(200)["results"], 1)
}

// TestAnAnswerCanBeSentBack without losing what is masked in it.
func TestAnAnswerCanBeSentBack(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	made := d.do("POST", "/api/events/subscriptions", `{"sink":"https://s.example/in?token=t","protocolSettings":{"headers":{"X-Key":"k"}},"config":[]}`)
	made.ok(200)
	d.do("PUT", "/api/events/subscriptions/1", string(made.body)).ok(200)
	after, _ := d.webhooks.Find("1")
	require.Equal(t, "https://s.example/in?token=t", after.Webhook.URL.Reveal())
	require.Equal(t, "k", after.Webhook.Headers[0].Value.Reveal())
}

func TestASubscriptionIsChangedInPart(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	d.do("POST", "/api/events/subscriptions", `{"sink":"https://s.example/","types":["a"]}`).ok(200)
	view := d.do("PUT", "/api/events/subscriptions/1", `{"status":"paused"}`).ok(200)
	require.Equal(t, "paused", view["status"])
	require.Equal(t, []any{"a"}, view["types"])
	view = d.do("PUT", "/api/events/subscriptions/1", `{"style":"pull"}`).ok(200)
	require.Equal(t, "pull", view["style"])
	require.Nil(t, view["sink"], "nobody is called")
	require.Equal(t, "pull", d.do("DELETE", "/api/events/subscriptions/1", "").ok(200)["style"])
	d.do("GET", "/api/events/subscriptions/1", "").problem(404)
}

// TestWhatIsWrongWithASubscription: the dialect is case OC-07.
func TestWhatIsWrongWithASubscription(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	for body, want := range map[string]string{
		`"filters":[{"frobnicate":{"type":"x"}}]`:   "/filters/0/frobnicate",
		`"filters":[{"exact":{"type":""}}]`:         "/filters/0/exact/type",
		`"status":"asleep"`:                         "/status",
		`"protocol":"MQTT"`:                         "/protocol",
		`"style":"poll"`:                            "/style",
		`"types":["["]`:                             "/types/0",
		`"config":{"secret":"x"}`:                   "/config/secret",
		`"config":{"maxRetries":1000}`:              "/config/maxRetries",
		`"config":5`:                                "/config",
		`"protocolSettings":{"method":"BREW"}`:      "/protocolSettings/method",
		`"protocolSettings":{"headers":{"a b":""}}`: "/protocolSettings/headers/a b",
	} {
		a := d.do("POST", "/api/events/subscriptions", `{"sink":"https://s.example/",`+body+`}`)
		require.Equal(t, []any{"#" + want}, a.problem(400), body)
	}
	require.Equal(t, []any{"#/sink"}, d.do("POST", "/api/events/subscriptions", `{}`).problem(400))
	require.Equal(t, []any{"#/sink"}, d.do("POST", "/api/events/subscriptions", `{"style":"pull","sink":"https://s.example/"}`).problem(400))
	require.Empty(t, d.webhooks.List())
}

func TestWebhooksThatAreAskedAreNoSubscriptions(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	d.webhook(`"name":"asked","url":"https://s.example/","configuration":{"interceptRequests":true}`)
	require.Empty(t, d.do("GET", "/api/events/subscriptions", "").ok(200)["results"])
	d.do("GET", "/api/events/subscriptions/1", "").problem(404)
	d.do("DELETE", "/api/events/subscriptions/1", "").problem(404)
}

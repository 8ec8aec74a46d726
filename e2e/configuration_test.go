package e2e_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAFailedReloadChangesNothing, whatever is wrong with the new
// configuration, and says where it is wrong.
func TestAFailedReloadChangesNothing(t *testing.T) {
	t.Parallel()
	u := register(t)
	s := interceptor(t, 422, `{"message":"nog steeds nee"}`)
	g := start(t, globals(webhook("no", s.URL, "intercept")), inFront(u))
	hook := func(lines string) string {
		return globals(webhook("fine", s.URL, "intercept"), webhook("bad", s.URL, "intercept\n"+lines))
	}
	rows := map[string]struct {
		globals string
		site    string
		want    []string
	}{
		"a timeout out of range":  {globals: hook("timeout 10m"), want: []string{`webhooks[1]: webhook "bad"`, "/timeout", "10m0s", "2m0s"}},
		"an unknown strategy":     {globals: globals(webhook("bad", s.URL, "intercept blend")), want: []string{`webhooks[0]: webhook "bad"`, "mergeStrategy", "blend", "merge-patch"}},
		"a url without a scheme":  {globals: globals(webhook("bad", "validator:80/x", "intercept")), want: []string{`webhook "bad"`, "/url"}},
		"a condition":             {globals: hook("when `request.body.x ==`"), want: []string{`webhook "bad"`, "/when", "line 1, column 18"}},
		"a secret that is unset":  {globals: hook("secret {env.VOORPOORT_UNSET_SECRET}"), want: []string{`webhook "bad"`, "VOORPOORT_UNSET_SECRET"}},
		"a secret without a file": {globals: hook("secret {file./does/not/exist}"), want: []string{`webhook "bad"`, "/does/not/exist"}},
		"an unknown policy":       {globals: hook("on_failure shrug"), want: []string{`on_failure "shrug"`, "reject, allow, flag, queue", "Caddyfile:"}},
		"a name twice":            {globals: globals(webhook("twin", s.URL, "intercept"), webhook("twin", s.URL, "intercept")), want: []string{"webhooks[1]", `"twin"`, "twice"}},
		"an unknown option":       {globals: hook("retires 3"), want: []string{"webhook bad", `"retires"`, "timeout", "Caddyfile:"}},
		"an unknown retry policy": {globals: hook("retry sometimes 3"), want: []string{`retry "sometimes"`, "exponential", "Caddyfile:"}},
		"two arguments":           {globals: hook("timeout 3s 4s"), want: []string{"wrong argument count", "'3s'", "Caddyfile:"}},
		"a duration":              {globals: hook("timeout soon"), want: []string{`"soon"`, "500ms"}},
		"an unknown preset":       {site: "voorpoort closedregister\nreverse_proxy " + u.address(), want: []string{"closedregister", "openregister"}},
		"a rule's expression":     {site: "voorpoort {\nrule zaak /zaken {\non POST create\nwhen `nope.x`\n}\n}\nreverse_proxy " + u.address(), want: []string{`rule "#1"`, "when: line 1, column 1", "'nope'"}},
		"a relaxation":            {site: "voorpoort openregister {\nrelax_path everything\n}", want: []string{`"everything"`, "encoded_slash"}},
		"a budget":                {site: "voorpoort openregister {\nbudget 5m\n}", want: []string{"budget 5m0s", "55s"}},
	}
	for name, row := range rows {
		if row.site == "" {
			row.site = inFront(u)
		}
		status, message := g.reload(t, row.globals, row.site)
		require.Equal(t, http.StatusBadRequest, status, "%s: %s", name, message)
		for _, want := range row.want {
			require.Contains(t, message, strings.ReplaceAll(want, `"`, `\"`), name)
		}
		got := postInsisting(t, g, `{}`)
		require.Equal(t, http.StatusUnprocessableEntity, got.Status, name)
		require.Equal(t, "no", got.problem(t).Webhook, name)
	}
	require.Empty(t, u.seen())
	require.EqualValues(t, 1, s.accepted.Load(), "a failed reload has cost the running configuration its connection")
}

// TestTheToolsWorkBesideARunningServer that has the same configuration: they
// open nothing that it holds.
func TestTheToolsWorkBesideARunningServer(t *testing.T) {
	t.Parallel()
	u := register(t)
	s := interceptor(t, 204, "")
	g := start(t, globals(webhook("check", s.URL, "intercept\nsecret {env.THE_SECRET}\nsignature sha256")), inFront(u), "THE_SECRET=s3cret-of-env")
	arguments := []string{"--config", g.file, "--adapter", "caddyfile"}

	out, code := runWith(t, []string{"THE_SECRET=s3cret-of-env"}, append([]string{"validate"}, arguments...)...)
	require.Zero(t, code, out)
	require.Contains(t, out, "Valid configuration")

	out, code = runTo(t, append([]string{"validate"}, arguments...)...)
	require.NotZero(t, code)
	require.Contains(t, out, "THE_SECRET", "an unset variable is named")

	out, code = runWith(t, []string{"THE_SECRET=s3cret-of-env"}, append([]string{"adapt", "--validate"}, arguments...)...)
	require.Zero(t, code, out)
	require.Contains(t, out, `"handler":"voorpoort"`)
	require.Contains(t, out, `"secret":"{env.THE_SECRET}"`, "placeholders stay placeholders")
	require.NotContains(t, out, "s3cret-of-env")

	require.Equal(t, http.StatusCreated, post(t, g, `{}`).Status)
	require.Len(t, s.events(), 1, "nobody but the running server has called")
	got := send(t, http.MethodGet, g.Admin+"/config/", "")
	require.NotContains(t, got.Body, "s3cret-of-env")
}

// TestAnUnknownWordIsRefusedWithItsPlace by the binary, at every level.
func TestAnUnknownWordIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		caddyfile string
		want      []string
	}{
		"global":    {"{\n\tvoorpoort {\n\t\tbugdet 3s\n\t}\n}\n", []string{`voorpoort: unrecognized option \"bugdet\"; it takes: `, "Caddyfile:3"}},
		"webhook":   {"{\n\tvoorpoort {\n\t\twebhook a {\n\t\t\turl http://a\n\t\t\tsecrets x\n\t\t}\n\t}\n}\n", []string{`webhook a: unrecognized option \"secrets\"; it takes: `, "Caddyfile:5"}},
		"tls":       {"{\n\tvoorpoort {\n\t\twebhook a {\n\t\t\ttls {\n\t\t\t\tca_file x\n\t\t\t}\n\t\t}\n\t}\n}\n", []string{`tls: unrecognized option \"ca_file\"; it takes: `, "Caddyfile:5"}},
		"directive": {":1 {\n\tvoorpoort openregister {\n\t\tmax_boddy 1\n\t}\n}\n", []string{`voorpoort: unrecognized option \"max_boddy\"; it takes: `, "Caddyfile:3"}},
		"rule":      {":1 {\n\tvoorpoort {\n\t\trule zaak /zaken {\n\t\t\tat POST create\n\t\t}\n\t}\n}\n", []string{`rule zaak: unrecognized option \"at\"; it takes: `, "Caddyfile:4"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "Caddyfile")
			require.NoError(t, os.WriteFile(file, []byte(row.caddyfile), 0o600))
			out, code := runTo(t, "validate", "--config", file)
			require.NotZero(t, code)
			for _, want := range row.want {
				require.Contains(t, out, want)
			}
		})
	}
}

// TestTheSameInJSON loads everything in Caddy's own form: the shape of seed
// documents for the webhooks, snake_case for the rest.
func TestTheSameInJSON(t *testing.T) {
	t.Parallel()
	u := register(t)
	s := interceptorWith(t, func(w http.ResponseWriter, e cloudEvent) {
		switch e.URI {
		case "/felix":
			says(422, "application/json", `{"message":"geen Felix"}`)(w, e)
		default:
			saysJSON(`{"extra":{"by":"json"}}`)(w, e)
		}
	})
	g := start(t, globals(webhook("old", "http://127.0.0.1:1", "intercept")), inFront(u))
	webhooks := []map[string]any{{
		"name": "felix", "url": s.URL + "/felix", "method": "POST", "enabled": true, "timeout": 3,
		"events":  []string{`OCA\OpenRegister\Event\ObjectCreatingEvent`},
		"filters": map[string]any{"schema": []string{"cats", "12"}, "data.name": "Felix"},
		"headers": map[string]string{"X-Source": "json"}, "secret": "een-geheim", "signature": "openregister",
		"configuration": map[string]any{"interceptRequests": true, "onFailure": "reject"},
	}, {
		"name": "add", "url": s.URL + "/add", "when": `request.body.name != "Felix"`,
		"configuration": map[string]any{
			"interceptRequests": true, "processResponse": true, "order": 5, "onTimeout": "allow",
			"responseProcessing": map[string]any{"mergeStrategy": "custom", "fieldMapping": map[string]string{"extra": "@self.extra"}},
		},
	}}
	config := map[string]any{
		"admin": map[string]any{"listen": strings.TrimPrefix(g.Admin, "http://"), "config": map[string]any{"persist": false}},
		"apps": map[string]any{
			"voorpoort": map[string]any{
				"source": "urn:json", "webhooks": webhooks, "budget": "5s", "max_body": 65536, "max_answer": 65536, "max_depth": 64,
				"max_buffered": 1 << 20, "max_shadow": 4, "headers": []string{"Content-Type"},
				"aliases": map[string]any{"schema": [][]string{{"cats", "katten"}}},
			},
			"http": map[string]any{"servers": map[string]any{"s": map[string]any{
				"listen": []string{g.address}, "automatic_https": map[string]any{"disable": true},
				"routes": []any{map[string]any{"handle": []any{
					map[string]any{
						"handler": "voorpoort", "presets": []string{"openregister"}, "budget": "4s", "max_body": 32768,
						"unparsed": "reject", "method_override": "strip", "relax_path": []string{"empty_segments"},
						"rules": []any{map[string]any{"resource": "zaak", "path": "/zaken", "actions": map[string]any{"POST": map[string]any{"name": "create"}}}},
					},
					map[string]any{
						"handler": "reverse_proxy", "upstreams": []any{map[string]any{"dial": u.address()}},
						"transport": map[string]any{"protocol": "voorpoort", "keep_alive": map[string]any{"max_idle_conns_per_host": 4}},
					},
				}}},
			}}},
		},
	}
	document, err := json.Marshal(config)
	require.NoError(t, err)
	status, message := g.loadJSON(t, string(document))
	require.Equal(t, http.StatusOK, status, message)

	refused := func(got answer) bool { return got.Status == http.StatusUnprocessableEntity }
	got := afterReload(t, refused, http.MethodPost, g.URL+"/api/objects/pets/katten", `{"name":"Felix"}`) // the name is an alias of cats
	require.Equal(t, "geen Felix", got.problem(t).Detail)
	require.Equal(t, "urn:json", s.at("/felix")[0].Source)
	require.Equal(t, "json", s.at("/felix")[0].Header.Get("X-Source"))
	require.Len(t, s.at("/felix")[0].Header.Get("X-Webhook-Signature"), 64)
	require.Equal(t, http.StatusCreated, send(t, http.MethodPost, g.URL+"/zaken", `{"name":"Tom"}`).Status)
	require.Equal(t, `{"name":"Tom","@self":{"extra":{"by":"json"}}}`, u.last(t).Body)
	require.Equal(t, "zaak.creating", s.at("/add")[0].Type)

	// One more through Caddy's own way of changing a part.
	status, message = g.load(t, "/config/apps/voorpoort/webhooks",
		`{"name":"extra","url":"`+s.URL+`/felix","configuration":{"interceptRequests":true}}`)
	require.Equal(t, http.StatusOK, status, message)
	afterReload(t, refused, http.MethodPost, g.URL+"/api/objects/pets/cats", `{"name":"Tom"}`)

	// Unknown and misplaced members are refused with their place.
	for _, row := range []struct{ path, document, want string }{
		{"/config/apps/voorpoort/webhooks", `{"name":"x","url":"http://a","retries":3,"configuration":{"interceptRequests":true}}`, "/retries"},
		{"/config/apps/voorpoort/webhooks", `{"name":"x","url":"http://a","configuration":{"interceptRequests":true,"mode":"loud"}}`, "/configuration/mode"},
		{"/config/apps/voorpoort/webhooks", `{"name":"x","url":"http://a","configuration":{"processResponse":true}}`, "/configuration/processResponse"},
		{"/config/apps/voorpoort/budgets", `"3s"`, "budgets"},
		{"/config/apps/http/servers/s/routes/0/handle/0/unparse", `"reject"`, "unparse"},
	} {
		status, message = g.load(t, row.path, row.document)
		require.GreaterOrEqual(t, status, http.StatusBadRequest, message) // Caddy's own choice among them
		require.Contains(t, message, row.want)
	}
	require.Equal(t, http.StatusUnprocessableEntity, postInsisting(t, g, `{"name":"Tom"}`).Status)
}

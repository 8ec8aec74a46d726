package manage

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/webhook"
)

// pointed is a webhook whose credentials nobody may see.
const pointed = `"name":"a","url":"https://good.example/hook?k=1","headers":{"Authorization":"Bearer hush","X-Team":"blue"},"secret":"signs-only",
	"tls":{"clientCertificate":"c"}`

// TestCredentialsDoNotFollowAWebhook to a server that they were not given for:
// who may change webhooks cannot see them, and must not get them in another way.
func TestCredentialsDoNotFollowAWebhook(t *testing.T) {
	t.Parallel()
	oauth := `"oauth2":{"tokenUrl":"https://login.example/token","clientId":"c","clientSecret":"hush"}`
	jwt := `"zgwJwt":{"clientId":"c","secret":"hush"}`
	for body, c := range map[string]struct {
		members string
		want    []string // pointers of what has to be given again
	}{
		`{"url":"https://evil.example/hook"}`:                                                       {pointed, []string{"/headers/Authorization", "/headers/X-Team"}},
		`{"url":"https://good.example:8443/hook"}`:                                                  {pointed, []string{"/headers/Authorization", "/headers/X-Team"}},
		`{"url":"http://good.example/hook","headers":{"X-Team":"blue","Authorization":"***"}}`:      {pointed, []string{"/headers/Authorization"}},
		`{"proxy":"http://evil.example:3128"}`:                                                      {pointed, []string{"/headers/Authorization", "/headers/X-Team"}},
		`{"url":"https://good.example:443/other"}`:                                                  {pointed, nil},
		`{"url":"https://GOOD.example/hook?k=2"}`:                                                   {pointed, nil},
		`{"url":"https://evil.example/","headers":null}`:                                            {pointed, nil},
		`{"url":"https://evil.example/","headers":{"Authorization":"Bearer of-evil"}}`:              {pointed, nil},
		`{"url":"https://new.example/","headers":{"Authorization":"Bearer hush","X-Team":"b"}}`:     {pointed, nil},
		`{"url":"https://evil.example/hook","enabled":false}`:                                       {`"name":"a","url":"https://good.example/","secret":"signs-only"`, nil},
		`{"url":"https://evil.example"}`:                                                            {`"name":"a","url":"https://good.example/",` + oauth, []string{"/oauth2/clientSecret"}},
		`{"oauth2":{"tokenUrl":"https://evil.example/token","clientId":"c","clientSecret":"***"}}`:  {`"name":"a","url":"https://good.example/",` + oauth, []string{"/oauth2/clientSecret"}},
		`{"oauth2":{"tokenUrl":"https://login.example/other","clientId":"c","clientSecret":"***"}}`: {`"name":"a","url":"https://good.example/",` + oauth, nil},
		`{"oauth2":{"tokenUrl":"https://evil.example/token","clientId":"c","clientSecret":"mine"}}`: {`"name":"a","url":"https://good.example/",` + oauth, nil},
		`{"url":"https://evil.example/ "}`:                                                          {`"name":"a","url":"https://good.example/",` + jwt, []string{"/zgwJwt/secret"}},
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			before, err := webhook.Parse([]byte(`{"uuid":"550e8400-e29b-41d4-a716-446655440000",` + c.members + `}`))
			require.NoError(t, err)
			checked, err := checkBody([]byte(body))
			require.NoError(t, err)
			_, err = changed(before, checked)
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			var invalid *webhook.ValidationError
			require.ErrorAs(t, err, &invalid)
			var pointers []string
			for _, f := range invalid.Fields {
				pointers = append(pointers, f.Pointer)
				require.NotContains(t, f.Detail, "hush")
			}
			require.ElementsMatch(t, c.want, pointers)
		})
	}
}

func TestCredentialsDoNotFollowASubscription(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	const one = "/api/events/subscriptions/1"
	d.do("POST", "/api/events/subscriptions", `{"sink":"https://good.example/","protocolSettings":{"headers":{"Authorization":"Bearer hush"}}}`).ok(200)
	for _, body := range []string{
		`{"sink":"https://evil.example/"}`,
		`{"sink":"https://evil.example/","protocolSettings":{"headers":{"Authorization":"***"}}}`,
		`{"sink":"https://evil.example/","protocolSettings":{"headers":{"authorization":"***"}}}`,
	} {
		require.Len(t, d.do("PUT", one, body).problem(400), 1, body)
	}
	d.do("PUT", one, `{"sink":"https://good.example/other"}`).ok(200)
	d.do("PUT", one, `{"sink":"https://new.example/","protocolSettings":{"headers":{"Authorization":"Bearer new"}}}`).ok(200)
	e, _ := d.webhooks.Find("1")
	require.Equal(t, "Bearer new", e.Webhook.Headers[0].Value.Reveal())
}

// TestStarsOfASubscription: what stands for what is stored is never stored itself.
func TestStarsOfASubscription(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	stars := func(name string) string {
		return fmt.Sprintf(`{"sink":"https://good.example/","protocolSettings":{"headers":{%q:"***"}}}`, name)
	}
	require.Equal(t, []any{"#/protocolSettings/headers/Authorization"}, d.do("POST", "/api/events/subscriptions", stars("Authorization")).problem(400))
	d.do("POST", "/api/events/subscriptions", `{"sink":"https://good.example/","protocolSettings":{"headers":{"Authorization":"Bearer hush"}},"config":{"maxRetries":7}}`).ok(200)
	d.do("PUT", "/api/events/subscriptions/1", stars("authorization")).ok(200)
	e, _ := d.webhooks.Find("1")
	require.Equal(t, "Bearer hush", e.Webhook.Headers[0].Value.Reveal(), "a name may be written in any case")
	d.do("PUT", "/api/events/subscriptions/1", `{"config":{"ordered":true}}`).ok(200)
	e, _ = d.webhooks.Find("1")
	require.Equal(t, 7, *e.Webhook.MaxRetries, "what is not said stays")
	require.True(t, e.Webhook.Ordered)
}

func TestSubscriptionsHaveRevisions(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	made := d.do("POST", "/api/events/subscriptions", `{"sink":"https://good.example/"}`)
	made.ok(200)
	tag := made.header.Get("ETag")
	require.NotEmpty(t, tag)
	require.Equal(t, tag, d.do("GET", "/api/events/subscriptions/1", "").header.Get("ETag"))
	as := func(method, body, match string) *reaction {
		return d.with(map[string]string{"If-Match": match}, Read|Write, method, "/api/events/subscriptions/1", body)
	}
	as("PUT", `{"status":"paused"}`, `"999"`).problem(412)
	as("DELETE", "", `"999"`).problem(412)
	as("PUT", `{"status":"paused"}`, tag).ok(200)
	as("PUT", `{"status":"active"}`, tag).problem(412)
}

func TestSubscriptionsArePaged(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	for range 5 {
		d.do("POST", "/api/events/subscriptions", `{"sink":"https://good.example/"}`).ok(200)
	}
	page := d.do("GET", "/api/events/subscriptions?limit=2&offset=3", "").ok(200)
	require.Equal(t, []any{4.0, 5.0}, column(t, page["results"], "id"))
	require.InDelta(t, 5, page["total"], 0)
	require.Equal(t, []any{"?limit"}, d.do("GET", "/api/events/subscriptions?limit=0", "").problem(400))
}

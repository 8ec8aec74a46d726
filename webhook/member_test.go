package webhook

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

const everyDelivery = `{
	"name": "All of deliveries",
	"url": "https://hooks.example/in",
	"format": "openregister-cloudevent",
	"retryPolicy": "linear", "maxRetries": 0, "noRetryOn": [422, 404, 404],
	"ordered": true, "orderPolicy": "skip-after", "skipAfter": 5,
	"concurrency": 4,
	"oauth2": {
		"tokenUrl": "https://idp.example/token?tenant=abc", "clientId": "poort", "clientSecret": "hunter2",
		"scopes": ["read", "write"], "audience": "https://api.example/", "style": "post"
	},
	"configuration": {
		"enableRetries": false, "useCloudEvents": true, "cloudEventSource": "/apps/openregister", "cloudEventSubject": "thing"
	}
}`

const everyZGW = `{
	"name": "ZGW", "url": "https://hooks.example/in",
	"format": "cloudevents-batch", "batchSize": 7,
	"zgwJwt": {"clientId": "poort", "secret": "hunter2", "userId": "42", "userRepresentation": "Poort"},
	"configuration": {"interceptRequests": true, "async": true, "enableRetries": true, "useCloudEvents": null}
}`

func TestParseEveryMemberOfDeliveries(t *testing.T) {
	t.Parallel()
	w, err := Parse([]byte(everyDelivery))
	require.NoError(t, err)
	require.Equal(t, Webhook{
		Name: "All of deliveries", URL: NewAddress("https://hooks.example/in"),
		EventFormat: FormatOpenRegisterCloudEvent,
		RetryPolicy: Linear, MaxRetries: new(0), NoRetryOn: []int{422, 404, 404},
		Ordered: true, OrderPolicy: OrderSkip, SkipAfter: 5, Concurrency: 4,
		OAuth2: &OAuth2{
			TokenURL: NewAddress("https://idp.example/token?tenant=abc"), ClientID: "poort", ClientSecret: NewSecret("hunter2"),
			Scopes: []string{"read", "write"}, Audience: "https://api.example/", Style: TokenPost,
		},
		Configuration: Configuration{
			DisableRetries: true, UseCloudEvents: new(true), CloudEventSource: "/apps/openregister", CloudEventSubject: "thing",
		},
	}, w)

	h := compile(t, w)
	require.Equal(t, []int{404, 422}, h.NoRetry)
	require.Equal(t, Retry{Policy: Linear, Off: true}, h.Retry)
	require.Equal(t, w.OAuth2, h.OAuth2)

	w, err = Parse([]byte(everyZGW))
	require.NoError(t, err)
	require.Equal(t, &ZGWJWT{ClientID: "poort", Secret: NewSecret("hunter2"), UserID: "42", UserRepresentation: "Poort"}, w.ZGWJWT)
	require.Nil(t, w.Configuration.UseCloudEvents)
	require.False(t, w.Configuration.DisableRetries)
	require.Equal(t, 7, compile(t, w).BatchSize)
}

// TestWriteEveryMemberOfDeliveries: in full it reads back the same; masked it
// shows neither secrets nor the query of an address.
func TestWriteEveryMemberOfDeliveries(t *testing.T) {
	t.Parallel()
	for _, document := range []string{everyDelivery, everyZGW} {
		w, err := Parse([]byte(document))
		require.NoError(t, err)
		again, err := Parse(w.Plain())
		require.NoError(t, err)
		require.Equal(t, w, again)

		shown, err := json.Marshal(w)
		require.NoError(t, err)
		require.NotContains(t, string(shown), "hunter2")
		require.NotContains(t, string(shown), "tenant")
		require.Contains(t, string(shown), `:"***"`)
	}
}

func TestParseFaultsOfDeliveries(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		`{"maxRetries":"abc"}`:                          `/maxRetries: must be an integer from 0 to 100`,
		`{"maxRetries":-1}`:                             `/maxRetries: must be an integer from 0 to 100`,
		`{"maxRetries":101}`:                            `/maxRetries: must be an integer from 0 to 100`,
		`{"batchSize":0}`:                               `/batchSize: must be an integer from 1 to 1000`,
		`{"skipAfter":102}`:                             `/skipAfter: must be an integer from 1 to 101`,
		`{"concurrency":257}`:                           `/concurrency: must be an integer from 1 to 256`,
		`{"noRetryOn":404}`:                             `/noRetryOn: must be a list of statuses, not a number`,
		`{"noRetryOn":[404,500]}`:                       `/noRetryOn/1: must be an integer from 400 to 499`,
		`{"noRetryOn":[399,404]}`:                       `/noRetryOn/0: must be an integer from 400 to 499`,
		`{"ordered":"yes"}`:                             `/ordered: must be true or false, not a text`,
		`{"format":1}`:                                  `/format: must be a text, not a number`,
		`{"oauth2":{"tokenURL":"x"}}`:                   `/oauth2/tokenURL: is unknown`,
		`{"oauth2":{"scopes":"a b"}}`:                   `/oauth2/scopes: must be a list of texts, not a text`,
		`{"oauth2":"x"}`:                                `/oauth2: must be an object, not a text`,
		`{"zgwJwt":{"secret":1}}`:                       `/zgwJwt/secret: must be a text, not a number`,
		`{"zgwJwt":{"user_id":"x"}}`:                    `/zgwJwt/user_id: is unknown`,
		`{"configuration":{"useCloudEvents":"true"}}`:   `/configuration/useCloudEvents: must be true or false, not a text`,
		`{"configuration":{"enableRetries":0}}`:         `/configuration/enableRetries: must be true or false, not a number`,
		`{"configuration":{"cloudEventSource":["/a"]}}`: `/configuration/cloudEventSource: must be a text, not a list`,
	} {
		_, err := Parse([]byte(document))
		require.Equal(t, []string{want}, fieldErrors(t, err), document)
	}
}

func TestExpandReachesCredentials(t *testing.T) {
	t.Parallel()
	shout := func(text string) string { return text + "!" }
	for _, document := range []string{everyDelivery, everyZGW} {
		w, err := Parse([]byte(document))
		require.NoError(t, err)
		before := string(w.Plain())
		expanded := w.Expand(shout)
		require.Equal(t, before, string(w.Plain()), "the original stays as it was")
		if o := expanded.OAuth2; o != nil {
			require.Equal(t, "hunter2!", o.ClientSecret.Reveal())
			require.Equal(t, "https://idp.example/token?tenant=abc!", o.TokenURL.Reveal())
			require.Equal(t, []string{"poort!", "https://api.example/!", "read!", "write!"}, append([]string{o.ClientID, o.Audience}, o.Scopes...))
		}
		if z := expanded.ZGWJWT; z != nil {
			require.Equal(t, []string{"poort!", "hunter2!", "42!", "Poort!"}, []string{z.ClientID, z.Secret.Reveal(), z.UserID, z.UserRepresentation})
		}
	}
}

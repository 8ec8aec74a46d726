package caddymodule

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const felix = `{
	"name": "Felix Cat Validation",
	"url": "http://n8n:5678/webhook/felix-validation",
	"method": "POST",
	"events": ["OCA\\OpenRegister\\Event\\ObjectCreatingEvent"],
	"filters": {"objectType": "object", "schema": "pet-store-cat-schema", "data.@self.name": "Felix"},
	"enabled": true,
	"configuration": {
		"interceptRequests": true, "async": false, "processResponse": true,
		"responseProcessing": {"mergeStrategy": "merge"}
	}
}`

func TestTheWebhookOfTheDocumentationCanBePasted(t *testing.T) {
	t.Parallel()
	hooks, err := compileWebhooks([]json.RawMessage{[]byte(felix)})
	require.NoError(t, err)
	require.Equal(t, "Felix Cat Validation", hooks[0].Hook.Name)
}

func TestAllFaultsAreToldAtOnceWithTheirPlaces(t *testing.T) {
	t.Parallel()
	_, err := compileWebhooks([]json.RawMessage{
		[]byte(`{"name":"a","url":"ftp://x","configuration":{"interceptRequests":true}}`),
		[]byte(felix),
		[]byte(`{"name":"b","urll":"http://x","configuration":{"interceptRequests":true}}`),
		[]byte(felix),
	})
	require.ErrorContains(t, err, `webhooks[0]`)
	require.ErrorContains(t, err, `/url`)
	require.ErrorContains(t, err, `webhooks[2]`)
	require.ErrorContains(t, err, `/urll`)
	require.ErrorContains(t, err, `webhooks[3]: the name "Felix Cat Validation" is used twice`)
}

func TestPlaceholdersAreExpandedOnceAndMustBeKnown(t *testing.T) {
	t.Setenv("FELIX_URL", "http://felix.example/{env.HOME}")
	t.Setenv("FELIX_KEY", "een-geheim-van-de-gemeente")
	document := func(secret string) []json.RawMessage {
		return []json.RawMessage{[]byte(`{"name":"a","url":"{env.FELIX_URL}","secret":"` + secret +
			`","signature":"sha256","configuration":{"interceptRequests":true}}`)}
	}
	hooks, err := compileWebhooks(document("{env.FELIX_KEY}"))
	require.NoError(t, err)
	require.Contains(t, hooks[0].Hook.URL.String(), "%7Benv.HOME%7D", "what comes out is not expanded again")

	_, err = compileWebhooks(document("{env.NOT_SET_ANYWHERE}"))
	require.ErrorContains(t, err, "env.NOT_SET_ANYWHERE", "an empty secret would sign nothing")
	_, err = compileWebhooks(document("{file./does/not/exist}"))
	require.Error(t, err)
}

// TestTwoWebhooksNeverShareAQueue: neither by UUID, nor by a name that is the
// UUID of another.
func TestTwoWebhooksNeverShareAQueue(t *testing.T) {
	t.Parallel()
	const id = "0199e2a4-7c00-7000-8000-000000000001"
	document := func(name, uuid string) json.RawMessage {
		return json.RawMessage(`{"name":"` + name + `","uuid":"` + uuid + `","url":"http://a.example/"}`)
	}
	_, err := compileWebhooks([]json.RawMessage{document("a", id), document("b", strings.ToUpper(id))})
	require.EqualError(t, err, `webhooks[1]: webhook "b" has the uuid of "a"`)
	_, err = compileWebhooks([]json.RawMessage{document("a", id), document(id, "")})
	require.ErrorContains(t, err, `has the uuid of "a"`)
	_, err = compileWebhooks([]json.RawMessage{document("a", id), document("b", "")})
	require.NoError(t, err)
}

func TestCredentialsTakePlaceholdersAndStayHidden(t *testing.T) {
	t.Setenv("STOCK_SECRET", "een-geheim-van-de-voorraad")
	t.Setenv("ZAKEN_SECRET", "een-geheim-van-de-zaken")
	hooks, err := compileWebhooks([]json.RawMessage{
		[]byte(`{"name":"stock","url":"http://a.example/","oauth2":{"tokenUrl":"https://idp.example/token?key={env.STOCK_SECRET}",
			"clientId":"poort","clientSecret":"{env.STOCK_SECRET}"}}`),
		[]byte(`{"name":"zaken","url":"http://b.example/","zgwJwt":{"clientId":"poort","secret":"{env.ZAKEN_SECRET}"}}`),
	})
	require.NoError(t, err)
	require.Equal(t, "een-geheim-van-de-voorraad", hooks[0].Hook.OAuth2.ClientSecret.Reveal())
	require.Equal(t, "een-geheim-van-de-zaken", hooks[1].Hook.ZGW.Secret.Reveal())
	for _, fixed := range hooks {
		hook := fixed.Hook
		require.NotContains(t, fmt.Sprintf("%+v %#v %+v %+v", hook, *hook, hook.OAuth2, hook.ZGW), "een-geheim")
	}

	_, err = compileWebhooks([]json.RawMessage{[]byte(`{"name":"a","url":"http://a.example/","zgwJwt":{"clientId":"a","secret":"{env.NOT_SET_ANYWHERE}"}}`)})
	require.ErrorContains(t, err, "env.NOT_SET_ANYWHERE")
}

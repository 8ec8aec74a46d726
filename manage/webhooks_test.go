package manage

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

const minimal = `{"name":"My Webhook","url":"https://s.example/h"}`

// The members that OpenRegister always has, in its order, and ours behind them.
func TestWebhookHasAllMembersInOrder(t *testing.T) {
	d := newDesk(t)
	created := d.do("POST", "/webhooks", minimal).is(http.StatusCreated)

	decoder := json.NewDecoder(strings.NewReader(created.Body.String()))
	var names []string
	for name := range membersInOrder(t, decoder) {
		names = append(names, name)
	}
	require.Equal(t, strings.Fields(`id uuid name url method events headers secret enabled organisation filters retryPolicy maxRetries timeout
		lastTriggeredAt lastSuccessAt lastFailureAt totalDeliveries successfulDeliveries failedDeliveries created updated configuration mapping
		signature format ordered readOnly state stateUntil fault pending retrying deadLetters skipped`), names)

	made := created.object()
	require.NotEmpty(t, made["uuid"])
	require.NotEmpty(t, made["created"])
	for name, value := range map[string]any{
		"id": 1.0, "method": "POST", "events": []any{}, "headers": map[string]any{}, "secret": nil, "enabled": true, "organisation": nil,
		"filters": map[string]any{}, "retryPolicy": "exponential", "maxRetries": 3.0, "timeout": 30.0, "lastTriggeredAt": nil,
		"totalDeliveries": 0.0, "successfulDeliveries": 0.0, "failedDeliveries": 0.0, "configuration": map[string]any{}, "mapping": nil,
		"format": "cloudevents", "readOnly": false, "state": "idle", "fault": nil,
	} {
		require.Equal(t, value, made[name], name)
	}
	require.Equal(t, "webhooks/1", created.Header().Get("Location"))
	require.NotEmpty(t, created.Header().Get("ETag"))
}

// membersInOrder goes over the members of an object as they are written.
func membersInOrder(t *testing.T, decoder *json.Decoder) func(func(string) bool) {
	t.Helper()
	return func(yield func(string) bool) {
		_, err := decoder.Token()
		require.NoError(t, err)
		for decoder.More() {
			name, err := decoder.Token()
			require.NoError(t, err)
			var value json.RawMessage
			require.NoError(t, decoder.Decode(&value))
			if !yield(name.(string)) {
				return
			}
		}
	}
}

func TestCreateNeedsNameAndURL(t *testing.T) {
	d := newDesk(t)
	for body, pointers := range map[string][]string{
		`{"name":"x"}`:                     {"#/url"},
		`{"url":"https://s"}`:              {"#/name"},
		`{"name":"","url":"https://s"}`:    {"#/name"},
		`{"name":null,"url":[]}`:           {"#/name", "#/url"},
		`{}`:                               {"#/name", "#/url"},
		`{"name":"p","url":"","style":""}`: {"#/url"},
	} {
		refused := d.do("POST", "/webhooks", body).refused(http.StatusBadRequest, "Name and URL are required")
		require.Equal(t, pointers, refused.pointers(), body)
	}
}

func TestCreateNamesEveryFault(t *testing.T) {
	d := newDesk(t)
	for member, pointer := range map[string]string{
		`"url":"ftp://x"`: "#/url", `"method":"TRACE"`: "#/method", `"retryPolicy":"random"`: "#/retryPolicy", `"timeout":-1`: "#/timeout",
		`"maxRetries":"abc"`: "#/maxRetries", `"enabled":"false"`: "#/enabled", `"uuid":"1"`: "#/uuid", `"mapping":4`: "#/mapping",
		`"colour":"red"`: "#/colour", `"headers":{"X-A":"***"}`: "#/headers/X-A", `"secret":"***"`: "#/secret", `"secret":["a","***"]`: "#/secret",
		`"tls":{"clientKey":"***"}`: "#/tls/clientKey",
	} {
		body := `{"name":"x",` + member + `}`
		if !strings.HasPrefix(member, `"url"`) {
			body = `{"name":"x","url":"https://s.example",` + member + `}`
		}
		require.Contains(t, d.do("POST", "/webhooks", body).refused(http.StatusBadRequest, "").pointers(), pointer, member)
	}
	three := d.do("POST", "/webhooks", `{"name":"x","url":"https://s","maxRetries":101,"timeout":-1,"enabled":1}`).is(http.StatusBadRequest)
	require.Len(t, three.pointers(), 3)
	require.Len(t, d.list.List(), 1, "nothing was made")
}

func TestCreateHonoursUUIDAndIgnoresWhatIsOnlyShown(t *testing.T) {
	d := newDesk(t)
	made := d.do("POST", "/webhooks", `{"name":"x","url":"https://s.example","uuid":"550E8400-e29b-41d4-a716-446655440000","id":77,"organisation":"o",
		"totalDeliveries":5,"_route":"r","state":"gone"}`).is(http.StatusCreated).object()
	require.Equal(t, "550e8400-e29b-41d4-a716-446655440000", made["uuid"])
	require.Equal(t, []any{1.0, nil, 0.0, "idle"}, []any{made["id"], made["organisation"], made["totalDeliveries"], made["state"]})

	d.do("GET", "/webhooks/550E8400-E29B-41D4-A716-446655440000", "").is(http.StatusOK)
	d.do("POST", "/webhooks", `{"name":"x","url":"https://s.example"}`).refused(http.StatusConflict, "")
}

func TestUpdateAppliesWhatIsThere(t *testing.T) {
	for _, method := range []string{"PUT", "PATCH"} {
		d := newDesk(t)
		id, uuid := d.make(`{"name":"One","url":"https://s.example/h","filters":{"a":1},"timeout":5}`)
		after := d.do(method, "/webhooks/"+id, `{"enabled":false}`).is(http.StatusOK).object()
		require.Equal(t, []any{false, "One", "https://s.example/h", 5.0, "disabled"},
			[]any{after["enabled"], after["name"], after["url"], after["timeout"], after["state"]})

		after = d.do(method, "/webhooks/"+uuid, `{"filters":null,"timeout":null,"enabled":null}`).is(http.StatusOK).object()
		require.Equal(t, []any{true, map[string]any{}, 30.0}, []any{after["enabled"], after["filters"], after["timeout"]}, "null takes away")

		require.Equal(t, []string{"#/name"}, d.do(method, "/webhooks/"+id, `{"name":null}`).is(http.StatusBadRequest).pointers())
		require.Equal(t, []string{"#/uuid"}, d.do(method, "/webhooks/"+id, `{"uuid":"550e8400-e29b-41d4-a716-446655440000"}`).is(http.StatusBadRequest).pointers())
	}
}

// The client of OpenRegister sends back all that it got with one member changed.
func TestUpdateWithWhatWasShownChangesNothing(t *testing.T) {
	d := newDesk(t)
	for i, body := range []string{
		minimal,
		`{"name":"All","url":"https://u.example/h?token=query-secret","secret":["k1","k2"],"headers":{"Authorization":"Bearer t","X":"v"},"timeout":"1500ms",
		  "tls":{"clientCertificate":"","serverName":"n"},"oauth2":{"tokenUrl":"https://t.example/t?k=1","clientId":"c","clientSecret":"s"},"maxRetries":0}`,
		`{"name":"Asked","url":"https://i.example","configuration":{"interceptRequests":true,"processResponse":true},"contentType":"application/json"}`,
		`{"name":"Legacy","url":"https://l.example","method":"get","configuration":{"useCloudEvents":false},"events":["*"]}`,
		`{"name":"Zaak","url":"https://z.example","zgwJwt":{"clientId":"c","secret":"s"},"proxy":"http://u:p@proxy.example:3128","noRetryOn":[404]}`,
	} {
		body = strings.Replace(body, `"headers":{"Authorization":"Bearer t","X":"v"}`, `"headers":{"X-Key":"Bearer t","X":"v"}`, 1)
		made := d.do("POST", "/webhooks", body).is(http.StatusCreated)
		id := jsonNumber(made.object()["id"])
		before, _ := d.list.Find(id)
		d.do("PUT", "/webhooks/"+id, made.Body.String()).is(http.StatusOK)
		after, _ := d.list.Find(id)
		require.Equal(t, string(before.Webhook.Plain()), string(after.Webhook.Plain()), "%d", i)
		require.NotContains(t, made.Body.String(), "query-secret")
		require.NotContains(t, made.Body.String(), "Bearer")
	}
}

func TestUpdateKeepsSecrets(t *testing.T) {
	d := newDesk(t)
	id, _ := d.make(`{"name":"S","url":"https://s.example/h?token=query-secret","secret":"k1","headers":{"X-A":"a","X-B":"b"}}`)
	plain := func() string {
		e, _ := d.list.Find(id)
		return string(e.Webhook.Plain())
	}
	put := func(body string) *reply { return d.do("PUT", "/webhooks/"+id, body) }

	require.Equal(t, "***", put(`{"secret":"***"}`).is(http.StatusOK).object()["secret"])
	require.Contains(t, plain(), `"secret":"k1"`)
	put(`{"secret":["k2","***"]}`).is(http.StatusOK)
	require.Contains(t, plain(), `"secret":["k2","k1"]`)
	put(`{"secret":["***","k3"]}`).is(http.StatusOK)
	require.Contains(t, plain(), `"secret":["k2","k3"]`)
	require.Equal(t, []string{"#/secret"}, put(`{"secret":["***","***","***"]}`).is(http.StatusBadRequest).pointers())

	put(`{"headers":{"X-A":"***","X-C":"c"}}`).is(http.StatusOK)
	require.Contains(t, plain(), `"headers":{"X-A":"a","X-C":"c"}`)
	require.Equal(t, []string{"#/headers/X-B"}, put(`{"headers":{"X-B":"***"}}`).is(http.StatusBadRequest).pointers())

	put(`{"url":"https://s.example/h"}`).is(http.StatusOK)
	require.Contains(t, plain(), "token=query-secret", "a URL that comes back as it was shown keeps its query")
	put(`{"url":"https://s.example/other"}`).is(http.StatusOK)
	require.NotContains(t, plain(), "token=query-secret")
	require.Nil(t, put(`{"secret":null}`).is(http.StatusOK).object()["secret"])
	require.NotContains(t, plain(), "secret")
}

func TestChangesDependOnRevision(t *testing.T) {
	d := newDesk(t)
	id, _ := d.make(minimal)
	tag := d.do("GET", "/webhooks/"+id, "").Header().Get("ETag")
	conditional := func(method, tag string) *reply {
		r := request(method, prefix+"/webhooks/"+id, `{"timeout":9}`)
		r.Header.Set("If-Match", tag)
		return d.send(r)
	}
	second := conditional("PUT", tag).is(http.StatusOK).Header().Get("ETag")
	require.NotEqual(t, tag, second)
	for _, stale := range []string{tag, "W/" + second, `"0"`, "", `"x", ` + tag} {
		conditional("PATCH", stale).refused(http.StatusPreconditionFailed, "")
		conditional("DELETE", stale).refused(http.StatusPreconditionFailed, "")
	}
	conditional("PUT", "*").is(http.StatusOK)
	third := d.do("GET", "/webhooks/"+id, "").Header().Get("ETag")
	conditional("DELETE", `"7777", `+third).is(http.StatusNoContent)
}

func TestDelete(t *testing.T) {
	d := newDesk(t)
	id, _ := d.make(minimal)
	gone := d.do("DELETE", "/webhooks/"+id, "").is(http.StatusNoContent)
	require.Empty(t, gone.Body.String())
	d.do("GET", "/webhooks/"+id, "").refused(http.StatusNotFound, "Webhook not found")
}

func TestUnknownWebhook(t *testing.T) {
	d := newDesk(t)
	for _, id := range []string{"999999", "0", "-1", "x", "550e8400-e29b-41d4-a716-446655440000", "%2e%2e", "1%2Flogs"} {
		for method, path := range map[string]string{"GET": "", "PUT": "", "PATCH": "", "DELETE": "", "POST": "/test"} {
			d.do(method, "/webhooks/"+id+path, `{}`).refused(http.StatusNotFound, "Webhook not found")
		}
		d.do("POST", "/webhooks/"+id+"/resume", "").refused(http.StatusNotFound, "Webhook not found")
		d.do("GET", "/webhooks/"+id+"/logs", "").refused(http.StatusNotFound, "Webhook not found")
		d.do("GET", "/webhooks/"+id+"/logs/stats", "").refused(http.StatusNotFound, "Webhook not found")
	}
}

func TestWebhookOfConfigurationIsReadOnly(t *testing.T) {
	d := newDesk(t)
	shown := d.do("GET", "/webhooks/"+fixedUUID, "").is(http.StatusOK)
	require.Equal(t, true, shown.object()["readOnly"])
	require.Empty(t, shown.Header().Get("ETag"))
	d.do("PUT", "/webhooks/"+fixedUUID, `{"enabled":false}`).refused(http.StatusForbidden, "configuration")
	d.do("DELETE", "/webhooks/"+fixedUUID, "").refused(http.StatusForbidden, "configuration")
}

func TestList(t *testing.T) {
	d := newDesk(t)
	for _, name := range []string{"A", "B", "C", "D", "E"} {
		d.make(`{"name":"` + name + `","url":"https://s.example"}`)
	}
	names := func(query string) (names []string) {
		list := d.do("GET", "/webhooks"+query, "").is(http.StatusOK)
		require.InDelta(t, 6, list.object()["total"], 0)
		for _, one := range list.results() {
			names = append(names, one["name"].(string))
		}
		return names
	}
	require.Equal(t, []string{"A", "B", "C", "D", "E", "Fixed"}, names(""))
	require.Equal(t, []string{"C", "D"}, names("?limit=2&offset=2"))
	require.Equal(t, []string{"C", "D"}, names("?_limit=2&_page=2"))
	require.Empty(t, names("?offset=6"))
	for query, parameter := range map[string]string{"?limit=0": "limit", "?limit=x": "limit", "?offset=-1": "offset", "?_page=0": "_page", "?a=%zz": "query"} {
		require.Equal(t, []string{parameter}, d.do("GET", "/webhooks"+query, "").is(http.StatusBadRequest).pointers(), query)
	}
}

func TestWebhookShowsHowItIsDoing(t *testing.T) {
	d := newDesk(t)
	id, uuid := d.make(minimal)
	d.log(uuid, delivery.Attempt{Message: "a", Success: true, Status: 200}, delivery.Attempt{Message: "b", Status: 500})
	d.engine.lanes[uuid] = delivery.LaneStatus{Lane: uuid, State: delivery.LaneBroken}

	for _, shown := range []map[string]any{d.do("GET", "/webhooks/"+id, "").object(), d.do("GET", "/webhooks", "").results()[0]} {
		require.Equal(t, []any{"broken", 2.0, 1.0, 1.0, 1.0}, []any{shown["state"], shown["totalDeliveries"], shown["successfulDeliveries"], shown["failedDeliveries"], shown["deadLetters"]})
		require.NotNil(t, shown["lastTriggeredAt"])
		require.NotNil(t, shown["lastFailureAt"])
	}
}

func TestResume(t *testing.T) {
	d := newDesk(t)
	id, uuid := d.make(minimal)
	d.do("POST", "/webhooks/"+id+"/resume", "").refused(http.StatusConflict, "no queue")
	d.engine.lanes[uuid] = delivery.LaneStatus{Lane: uuid, State: delivery.LaneOpen}
	require.Equal(t, "open", d.do("POST", "/webhooks/"+id+"/resume", "").is(http.StatusOK).object()["state"])
	require.Equal(t, []string{uuid, uuid}, d.engine.resumed)
}

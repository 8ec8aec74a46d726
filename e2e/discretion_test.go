package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheStoreAndTheLogKeepNoSecrets: neither the clients' credentials nor those
// of webhooks and of the store itself stand in a line of the log, at any level,
// or in a byte on disk, whatever becomes of a delivery or a write.
func TestTheStoreAndTheLogKeepNoSecrets(t *testing.T) {
	t.Parallel()
	t.Run("local", func(t *testing.T) {
		t.Parallel()
		discreet(t, localStorage(t))
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		s := redisStorage(t, "--requirepass", "s3cret-of-redis")
		s.words = "store redis redis://" + s.redis.address + " {\npassword {env.REDIS_PASSWORD}\n}\n"
		discreet(t, s)
	})
}

func discreet(t *testing.T, s *storage) {
	t.Helper()
	secrets := map[string]string{
		"REDIS_PASSWORD": "s3cret-of-redis", "SIGNATURE": "s3cret-of-signature", "TOKEN": "s3cret-of-header", "QUERY": "s3cret-of-query",
		"OAUTH": "s3cret-of-client", "JWT": "s3cret-of-jwt", "ASKING": "s3cret-of-asking",
	}
	hidden := []string{"s3cret-of-caller", "s3cret-of-cookie", "s3cret-of-token"}
	var environment []string
	for name, value := range secrets {
		environment = append(environment, name+"="+value)
		hidden = append(hidden, value)
	}
	const all = `secret {env.SIGNATURE};signature sha256 openregister;`
	subscriptions := []subscription{
		{name: "fine", url: "{receiver}/fine?t={env.QUERY}", options: all + `header Authorization "Bearer {env.TOKEN}"`},
		{name: "fails", url: "{receiver}/fails?t={env.QUERY}", options: all + "retry off", answer: tells(500, "nee")},
		{name: "refused", url: "http://127.0.0.1:1/?t={env.QUERY}", options: all},
		{name: "unknown", url: "http://does-not-exist.invalid/?t={env.QUERY}", options: all + "client net/http"},
		{name: "no-tls", url: "https://127.0.0.1:1/?t={env.QUERY}", options: all + "header X-Api-Key {env.TOKEN}"},
		{name: "moves", url: "{receiver}/moves?t={env.QUERY}", answer: tells(302, "", "Location: http://127.0.0.1:1/?t=s3cret-of-query")},
		{name: "oauth", options: "oauth2 {;token_url {receiver}/idp;client_id v;client_secret {env.OAUTH};}"},
		{name: "idp", answer: tells(200, `{"access_token":"s3cret-of-token","token_type":"Bearer"}`, "Content-Type: application/json")},
		{name: "no-oauth", options: "oauth2 {;token_url {receiver}/no-idp;client_id v;client_secret {env.OAUTH};}"},
		{name: "no-idp", answer: tells(400, `{"error":"invalid_client"}`)},
		{name: "zgw", options: "zgw_jwt {;client_id v;secret {env.JWT};}"},
		{name: "off", options: all + "enabled off"},
	}
	d := &depot{storage: s, shelf: newShelf(t)}
	answers := map[string]func(http.ResponseWriter, call){}
	for _, one := range subscriptions {
		answers["/"+one.name] = one.answer
	}
	d.receiver = receiverWith(t, func(w http.ResponseWriter, c call) {
		path, _, _ := strings.Cut(c.URI, "?")
		if answer := answers[path]; answer != nil {
			answer(w, c)
			return
		}
		takes(w, c)
	})
	site := "\tlog\n\tvoorpoort openregister {\nrecover_header Authorization \"Bearer {env.ASKING}\"\n}\nreverse_proxy " + d.shelf.address()
	d.gateway = start(t, "\tdebug\n"+d.globals(subscriptions, ""), site, environment...)

	credentials := []string{"Authorization: Bearer s3cret-of-caller", "Cookie: session=s3cret-of-cookie"}
	for _, one := range subscriptions {
		if !strings.HasSuffix(one.name, "idp") { // the identity providers are no subscribers
			d.create(t, one.name, `{}`, credentials...)
		}
	}
	path := objectsOf("fine") + "/1"
	_, err := try(t, http.MethodPut, d.URL+path, `{"n":1}`, append(credentials, "X-Play: die-after")...)
	require.NoError(t, err)
	require.Len(t, d.told(t, "fine", 2), 2)
	require.Equal(t, "Bearer s3cret-of-header", d.told(t, "fine", 2)[0].Header.Get("Authorization"))
	require.Equal(t, "Bearer s3cret-of-token", d.told(t, "oauth", 1)[0].Header.Get("Authorization"))
	asked := d.shelf.seen(path)
	require.Equal(t, "Bearer s3cret-of-asking", asked[len(asked)-1].Header.Get("Authorization"))
	for _, name := range []string{"fails", "refused", "unknown", "no-tls", "moves", "no-oauth"} {
		d.awaitFailures(t, name, 1)
	}
	_, proceed := d.shelf.during(t, d.gateway, http.MethodPut, objectsOf("fine")+"/2", `{"n":1}`, "wait-after")
	held := s.bytes(t)
	proceed()
	for _, one := range []string{"/metrics", "/config/", "/debug/pprof/goroutine?debug=2"} {
		held += insist(t, http.MethodGet, d.Admin+one, "").Body
	}
	d.stop(t)
	told := map[string]string{"the log": d.log(), "the store": held + s.bytes(t)}
	for _, secret := range hidden {
		for place, text := range told {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s is in %s: …%q…", secret, place, text[max(0, at-300):min(len(text), at+100)])
			}
		}
	}
	require.Contains(t, told["the store"], "object.created", "this is where events are")
	require.Contains(t, told["the log"], `"msg":"delivery"`)
}

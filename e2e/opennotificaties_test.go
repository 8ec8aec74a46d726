package e2e_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// The conformance cases of Open Notificaties about delivery, by their numbers.
// The waits of ON-13 and ON-14 are in retry_test.go.
func TestOpenNotificatiesDeliveries(t *testing.T) {
	t.Parallel()
	follow(t, func() []conduct { return []conduct{on15(), on16(), on17(), on18(), on19()} })
}

// on15: who says 410 is gone: the event is a dead letter, and nothing more is
// sent to him. What comes later waits until he has another address.
func on15() conduct {
	return conduct{
		id:            "ON-15",
		subscriptions: []subscription{{name: "on15", answer: tells(http.StatusGone, "")}},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			d.create(t, "on15", `{"n":1}`)
			l := d.awaitFailures(t, "on15", 1)[0]
			require.True(t, l.Dead)
			require.Equal(t, "gone", l.Outcome)
			require.Eventually(t, func() bool {
				return len(d.logged("a receiver says that it is gone; its events wait until the webhook has another address")) == 1
			}, 20*time.Second, 10*time.Millisecond)
			d.create(t, "on15", `{"n":2}`)
			time.Sleep(300 * time.Millisecond)
			require.Len(t, d.receiver.at("/on15"), 1)
		},
		kept: func(t *testing.T, store delivery.Store) {
			t.Helper()
			all := kept(t, store, "on15")
			require.Len(t, all, 2)
			require.Equal(t, delivery.Dead, all[0].State)
			require.Contains(t, all[0].Reason, "gone")
			require.Equal(t, delivery.Pending, all[1].State)
		},
	}
}

// on16: a receiver that asks for time gets it, for all events.
func on16() conduct {
	answers := map[string]func(http.ResponseWriter, call){
		"on16-429": tells(429, "", "Retry-After: 600"),
		"on16-503": tells(503, "", "Retry-After: 600"),
		"on16-date": func(w http.ResponseWriter, c call) {
			tells(503, "", "Retry-After: "+time.Now().Add(10*time.Minute).UTC().Format(http.TimeFormat))(w, c)
		},
		"on16-not-less": tells(429, "", "Retry-After: 1"),
	}
	c := conduct{id: "ON-16"}
	for name, answer := range answers {
		c.subscriptions = append(c.subscriptions, subscription{name: name, answer: answer})
	}
	c.run = func(t *testing.T, d *depot) {
		t.Helper()
		for name := range answers {
			d.create(t, name, `{}`)
			want := 590 * time.Second // of ten minutes: a date has no fractions, and a slow machine gets to it late
			if name == "on16-not-less" {
				want = 118 * time.Second // the schedule's own two minutes
			}
			l := d.awaitFailures(t, name, 1)[0]
			require.GreaterOrEqual(t, l.wait(), want, name)
			require.Less(t, l.wait(), 11*time.Minute, name)
			if name == "on16-not-less" {
				continue
			}
			d.create(t, name, `{}`)
			time.Sleep(100 * time.Millisecond)
			require.Len(t, d.receiver.at("/"+name), 1, "the next event waits as well")
		}
	}
	return c
}

// on17: of what a failing receiver babbles a bounded part is kept.
func on17() conduct {
	return conduct{
		id: "ON-17",
		subscriptions: []subscription{
			{name: "on17", answer: tells(500, strings.Repeat("boom ", 200_000))},
			{name: "on17-ok", answer: tells(200, strings.Repeat("fine ", 200_000))},
			{name: "on17-5000", answer: tells(400, strings.Repeat("é", 5000))},
		},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			d.create(t, "on17", `{}`)
			require.Equal(t, 500, d.awaitFailures(t, "on17", 1)[0].Status)
			d.create(t, "on17-ok", `{}`)
			d.told(t, "on17-ok", 1)
			d.create(t, "on17-5000", `{}`)
			d.awaitFailures(t, "on17-5000", 1)
			d.create(t, "on17-ok", `{}`)
			d.told(t, "on17-ok", 2) // it goes on
		},
		kept: func(t *testing.T, store delivery.Store) {
			t.Helper()
			for name, success := range map[string]bool{"on17": false, "on17-ok": true} {
				row := attempts(t, store, name)[0]
				require.Equal(t, success, row.Success, name)
				require.Len(t, row.Response, delivery.MaxResponseText, name)
				require.LessOrEqual(t, len(row.Error), delivery.MaxErrorText, name)
				require.Equal(t, success, row.Error == "", name)
			}
			row := attempts(t, store, "on17-5000")[0]
			require.Equal(t, strings.Repeat("é", 5000), string(row.Response), "what is short enough is kept whole")
			require.Equal(t, "client_error: status 400", row.Error)
		},
	}
}

// on18: every 2xx is a yes.
func on18() conduct {
	statuses := []int{200, 201, 202, 204, 209}
	c := conduct{id: "ON-18"}
	name := func(status int) string { return "on18-" + strconv.Itoa(status) }
	for _, status := range statuses {
		c.subscriptions = append(c.subscriptions, subscription{name: name(status), answer: tells(status, "")})
	}
	c.run = func(t *testing.T, d *depot) {
		t.Helper()
		for _, status := range statuses {
			d.create(t, name(status), `{}`)
			d.told(t, name(status), 1)
		}
	}
	c.kept = func(t *testing.T, store delivery.Store) {
		t.Helper()
		for _, status := range statuses {
			require.Equal(t, delivery.Delivered, kept(t, store, name(status))[0].State, status)
			require.Equal(t, status, attempts(t, store, name(status))[0].Status)
		}
	}
	return c
}

// on19: an identity provider that fails is a failed attempt; one that is well
// gives the token.
func on19() conduct {
	oauth := func(path string) string {
		return "oauth2 {;token_url {receiver}" + path + ";client_id voorpoort;client_secret s3cret;}"
	}
	return conduct{
		id: "ON-19",
		subscriptions: []subscription{
			{name: "on19", options: oauth("/on19-idp")},
			{name: "on19-idp", answer: tells(500, `{"error":"server_error"}`)},
			{name: "on19-well", options: oauth("/on19-token")},
			{name: "on19-token", answer: tells(200, `{"access_token":"t0ken","token_type":"Bearer","expires_in":300}`, "Content-Type: application/json")},
		},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			d.create(t, "on19", `{}`)
			l := d.awaitFailures(t, "on19", 1)[0]
			require.Equal(t, "auth", l.Outcome)
			requireDue(t, 120*time.Second, l)
			require.Empty(t, d.receiver.at("/on19"), "nothing is sent without a token")
			require.NotEmpty(t, d.receiver.at("/on19-idp"))

			d.create(t, "on19-well", `{}`)
			require.Equal(t, "Bearer t0ken", d.told(t, "on19-well", 1)[0].Header.Get("Authorization"))
			d.create(t, "on19-well", `{}`)
			d.told(t, "on19-well", 2)
			require.Len(t, d.receiver.at("/on19-token"), 1, "a token is used until it ends")
		},
	}
}

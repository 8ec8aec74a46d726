package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTheTwoGuarantees: what is kept while the register works, and what is left
// of it when the gateway is killed then.
func TestTheTwoGuarantees(t *testing.T) {
	t.Parallel()
	for guarantee, kept := range map[string]int{"at-least-once": 1, "on-response": 0} {
		t.Run(guarantee, func(t *testing.T) {
			t.Parallel()
			d := &desk{storage: localStorage(t), shelf: newShelf(t), receiver: receiving(t)}
			told := fmt.Sprintf("webhook told {\nurl %s/told\nevents object.updated\n}\n", d.receiver.URL)
			site := strings.Replace(d.site(ownerToken), "voorpoort openregister\n", "voorpoort openregister {\nguarantee "+guarantee+"\n}\n", 1)
			d.gateway = start(t, d.globals(told), site)

			d.shelf.put(objectsOf("settled")+"/1", `{"n":0}`)
			got := insist(t, http.MethodPut, d.URL+objectsOf("settled")+"/1", `{"n":1}`)
			require.Equal(t, http.StatusOK, got.Status)
			require.NotEmpty(t, got.Header.Get("Voorpoort-Event-Id"))
			d.receiver.await(t, "/told", 1)

			path := objectsOf("lost") + "/1"
			d.shelf.put(path, `{"n":0}`)
			d.shelf.during(t, d.gateway, http.MethodPut, path, `{"n":2}`, "wait-after")
			holds := look[struct {
				Results []struct {
					Path     string
					UnderWay bool
				}
			}](t, d, "/holds").Results
			require.Len(t, holds, kept)
			for _, h := range holds {
				require.Equal(t, path, h.Path)
				require.True(t, h.UnderWay)
			}
			d.kill(t)
			d.run(t)
			if kept > 0 {
				require.Contains(t, d.receiver.await(t, "/told", 2)[1].Body, `"n":2`)
				return
			}
			got = insist(t, http.MethodPut, d.URL+objectsOf("settled")+"/1", `{"n":3}`)
			require.Equal(t, http.StatusOK, got.Status)
			calls := d.receiver.await(t, "/told", 2)
			require.Contains(t, calls[1].Body, `"n":3`, "nobody is told of the one that was lost, as is said")
			require.Empty(t, look[struct{ Results []any }](t, d, "/dead-letters").Results)
		})
	}
}

// TestARegisterThatIsNotThereIsToldToNobody is the other half of OR-10.
func TestARegisterThatIsNotThereIsToldToNobody(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		gone := httptest.NewServer(http.NotFoundHandler())
		gone.Close()
		r := receiving(t)
		told := fmt.Sprintf("webhook told {\nurl %s/told\nevents object.*\n}\n", r.URL)
		g := start(t, globals(s.words, told), "\tvoorpoort openregister\n\treverse_proxy "+strings.TrimPrefix(gone.URL, "http://")+"\n")
		got := insist(t, http.MethodPost, g.URL+objectsOf("cats"), `{}`)
		require.Equal(t, http.StatusBadGateway, got.Status)
		require.Empty(t, got.Header.Get("Voorpoort-Event-Id"))
		g.stop(t)
		store := s.open(t)
		require.Empty(t, kept(t, store, ""))
		hasNoHolds(t, store)
		require.Empty(t, r.at("/told"))
	})
}

// TestEventsThatCannotBeBuiltAreDeadLetters, each with its reason, and the write
// stands.
func TestEventsThatCannotBeBuiltAreDeadLetters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		global, rule, webhook string
		body                  string
		reason                string
	}{
		"the profile is strict": {
			global: "profile strict\n",
			rule:   "rule pet /pets {\non POST create\n}\n",
			body:   `{"naam":"Tom"}`, reason: "NLV-21",
		},
		"the data's expression fails": {
			rule: "rule pet /pets {\non POST create {\nafter_data `{\"age\": int(response.body.age)}`\n}\n}\n",
			body: `{"age":"old"}`, reason: "after_data",
		},
		"the webhook's condition fails": {
			rule:    "rule pet /pets {\non POST create\n}\n",
			webhook: "when `int(request.body.age) > 3`\n",
			body:    `{"age":"old"}`, reason: "when",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &desk{storage: localStorage(t), shelf: newShelf(t), receiver: receiving(t)}
			told := fmt.Sprintf("webhook told {\nurl %s/told\nevents pet.created\n%s}\n", d.receiver.URL, c.webhook)
			site := strings.Replace(d.site(ownerToken), "voorpoort openregister\n", "voorpoort {\n"+c.rule+"}\n", 1)
			d.gateway = start(t, globals(d.storage.words, c.global, told), site)
			got := insist(t, http.MethodPost, d.URL+"/pets", c.body, "Content-Type: application/json")
			require.Equal(t, http.StatusCreated, got.Status, "the write has happened, and stays")
			type letters struct {
				Results []struct {
					Type   string
					Reason string
				}
			}
			var found letters
			require.Eventually(t, func() bool {
				found = look[letters](t, d, "/dead-letters")
				return len(found.Results) > 0
			}, 20*time.Second, 20*time.Millisecond)
			require.Len(t, found.Results, 1)
			require.Contains(t, found.Results[0].Reason, c.reason)
			require.Empty(t, d.receiver.at("/told"))
		})
	}
}

// TestThePresetZGW: who is told learns the url of the thing, and nothing else.
func TestThePresetZGW(t *testing.T) {
	t.Parallel()
	register := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answerJSON(w, http.StatusCreated, `{"url":"https://zaken.example.nl/zaken/api/v1/zaken/4f1c09a2","identificatie":"ZAAK-1","bsn":"999990639"}`)
	}))
	t.Cleanup(register.Close)
	r := receiving(t)
	told := fmt.Sprintf("webhook told {\nurl %s/told\nevents nl.vng.zgw.zaken.zaak.created\n}\n", r.URL)
	g := start(t, globals(localStorage(t).words, told), "\tvoorpoort zgw\n\treverse_proxy "+strings.TrimPrefix(register.URL, "http://")+"\n")
	got := insist(t, http.MethodPost, g.URL+"/zaken/api/v1/zaken", `{"bronorganisatie":"517439943"}`, "Content-Type: application/json")
	require.Equal(t, http.StatusCreated, got.Status)
	f := r.await(t, "/told", 1)[0]
	require.Contains(t, f.Body, `"type":"nl.vng.zgw.zaken.zaak.created"`)
	require.Contains(t, f.Body, `"data":{"zaakUrl":"https://zaken.example.nl/zaken/api/v1/zaken/4f1c09a2"}`)
	require.Contains(t, f.Body, `"subject":"4f1c09a2"`)
	require.NotContains(t, f.Body, "999990639")
}

// TestTheEgressGuardKeepsDeliveriesFromAddressesThatAreNotAllowed, until they are.
func TestTheEgressGuardKeepsDeliveriesFromAddressesThatAreNotAllowed(t *testing.T) {
	t.Parallel()
	d := &desk{storage: localStorage(t), shelf: newShelf(t), receiver: receiving(t)}
	told := fmt.Sprintf("webhook told {\nurl %s/told\nevents object.created\nretry standard-webhooks\n}\n", d.receiver.URL)
	d.gateway = start(t, globals(d.storage.words, "egress_allow 10.1.0.0/16\n", told), d.site(ownerToken))
	require.Equal(t, http.StatusCreated, insist(t, http.MethodPost, d.URL+objectsOf("cats"), `{}`).Status)
	var refused rows
	require.Eventually(t, func() bool {
		refused = look[rows](t, d, "/webhooks/logs")
		return refused.Total > 0
	}, 20*time.Second, 20*time.Millisecond)
	require.Equal(t, "egress", *refused.Results[0].Reason)
	require.Contains(t, *refused.Results[0].ErrorMessage, "loopback")
	require.Empty(t, d.receiver.at("/told"), "nothing was sent")

	status, said := d.reload(t, globals(d.storage.words, "egress_allow 10.1.0.0/16 127.0.0.0/8\n", told), d.site(ownerToken))
	require.Equal(t, http.StatusOK, status, said)
	d.receiver.await(t, "/told", 1)
}

package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// klantRegister is an Open Klant that answers each write as its case says. A
// case's onderwerpobject has a UUID of its own, by which its requests are known.
type klantRegister struct {
	*upstream

	mu    sync.Mutex
	cases map[string]*klantCase // by the UUID
}

func newKlantRegister(t testing.TB) *klantRegister {
	t.Helper()
	k := &klantRegister{cases: map[string]*klantCase{}}
	k.upstream = registerWith(t, func(w http.ResponseWriter, r *http.Request, _ reached) {
		if contact, ok := klantcontacten[strings.TrimPrefix(r.URL.Path, klantinteracties+"/klantcontacten/")]; ok {
			answerJSON(w, http.StatusOK, contact)
			return
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		o := r.Header.Get("X-Case")
		c := k.cases[o]
		if c == nil {
			answerJSON(w, http.StatusNotFound, `{}`)
			return
		}
		answerJSON(k.play(w, r, c, o))
	})
	return k
}

// play gives the answer to a request of a case: the document from before to
// reads, and what the case says to its write.
func (k *klantRegister) play(w http.ResponseWriter, r *http.Request, c *klantCase, o string) (http.ResponseWriter, int, string) {
	method, _, _ := strings.Cut(c.write, " ")
	document := func(text string) string { return strings.ReplaceAll(text, "{o}", o) }
	switch {
	case r.Method == method:
		return w, c.status, document(c.now)
	case strings.Contains(r.URL.Path, "/klantcontacten/"):
		return w, http.StatusOK, document(`{"uuid":"k4","onderwerp":"Mijn Klantcontact Onderwerp","nummer":"99999",` +
			`"_expand":{"ging_over_onderwerpobjecten":[` + k1A + `,` + k1Document + `,` + k1B + `]}}`)
	}
	return w, http.StatusOK, document(c.old)
}

// klantcontacten are those that the register knows.
var klantcontacten = map[string]string{
	"k1": `{"uuid":"k1","onderwerp":"Mijn Klantcontact Onderwerp","nummer":"99999"}`,
	"k2": `{"uuid":"k2","onderwerp":"Ander","nummer":""}`,
	"k3": `{"uuid":"k3","onderwerp":"` + longSubject + `","nummer":"7"}`,
}

// klantSite has a gate for each mode.
func klantSite(k *klantRegister) string {
	var site strings.Builder
	for mode, gate := range map[string]string{
		"semantic": "open-klant-semantic",
		"spelled":  "open-klant {\nsetting open-klant object_types zaak zgw-Zaak\n}",
		"long":     "open-klant {\nsetting open-klant label_length 0\n}",
		"off":      "rest",
		"":         "open-klant",
	} {
		matcher := "@m" + mode
		if mode == "" {
			matcher = ""
		} else {
			_, _ = fmt.Fprintf(&site, "%s header X-Mode %s\n", matcher, mode)
		}
		_, _ = fmt.Fprintf(&site, "handle %s {\nvoorpoort %s\nreverse_proxy %s\n}\n", matcher, gate, k.address())
	}
	return site.String()
}

// linkData is the data of both events.
type linkData struct {
	Zaak, LinkTo, Label, LinkObjectType string
}

// linksOf are the events about one onderwerpobject, as the receiver got them.
func linksOf(t testing.TB, r *receiver, o string) (links []link, calls []call) {
	t.Helper()
	for _, c := range r.at("/") {
		var e struct {
			Type, Subject string
			Data          linkData
		}
		require.NoError(t, json.Unmarshal([]byte(c.Body), &e))
		if e.Data.LinkTo != publicURL+klantinteracties+"/onderwerpobjecten/"+o {
			continue
		}
		require.Equal(t, "urn:uuid:"+e.Subject, e.Data.Zaak)
		require.Equal(t, "Onderwerpobject", e.Data.LinkObjectType)
		calls = append(calls, c)
		links = append(links, link{strings.TrimPrefix(e.Type, "nl.overheid.zaken.zaak-"), e.Subject, e.Data.Label})
	}
	return links, calls
}

// ids are those of the events that followed from a write.
func (a answer) ids() []string {
	if told := a.Header.Get("Voorpoort-Event-Id"); told != "" {
		return strings.Split(told, ", ")
	}
	return nil
}

// TestOpenKlant runs the conformance cases of Open Klant at the level of a
// proxy, by their numbers.
func TestOpenKlant(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		k, r := newKlantRegister(t), receiving(t)
		const source = "source ok-test\npublic_url " + publicURL + "\n"
		g := start(t, globals(s.words, source, "\twebhook zaken {\nurl "+r.URL+"/\nevents nl.overheid.*\nordered\n}\n"), klantSite(k))
		t.Run("told", func(t *testing.T) {
			for _, c := range klantCases {
				t.Run(c.id, func(t *testing.T) {
					t.Parallel()
					o := uuid.NewString()
					k.mu.Lock()
					k.cases[o] = &c
					k.mu.Unlock()
					method, path, _ := strings.Cut(c.write, " ")
					body := ""
					if method != http.MethodDelete && method != http.MethodGet && method != http.MethodHead {
						body = `{"written":"by the client"}`
					}
					got := send(t, method, g.URL+klantinteracties+strings.ReplaceAll(path, "{o}", o), body,
						"X-Case: "+o, "X-Mode: "+c.mode, "X-Forwarded-Host: evil.example")
					require.Equal(t, c.status, got.Status)
					require.Equal(t, strings.ReplaceAll(c.now, "{o}", o), got.Body)
					require.Len(t, got.ids(), len(c.want))
					var links []link
					var calls []call
					require.Eventually(t, func() bool {
						links, calls = linksOf(t, r, o)
						return len(links) >= len(c.want)
					}, 20*time.Second, 5*time.Millisecond)
					require.Equal(t, c.want, links)
					for i, one := range calls { // OK-09: ids of their own
						require.Equal(t, got.ids()[i], one.fact(t).ID)
						requireLinkEvent(t, one.Body)
					}
				})
			}
		})
		t.Run("OK-25", func(t *testing.T) { notFromTheHost(t, g, k, r) })
		want := 1
		for _, c := range klantCases {
			want += len(c.want)
		}
		require.Len(t, r.at("/"), want, "the cases without events had none")
		require.Len(t, g.logged("an event after a write"), 2, "OK-26: objectIds that are no UUID")
		g.stop(t)
		store := s.open(t)
		hasNoHolds(t, store)
		all := kept(t, store, "")
		require.Len(t, all, want)
		for _, one := range all {
			require.Equal(t, delivery.Delivered, one.State)
		}
	})
}

// requireLinkEvent checks the envelope of OK-01. What is not set is left out
// (OK-26).
func requireLinkEvent(t testing.TB, event string) {
	t.Helper()
	var members map[string]any
	require.NoError(t, json.Unmarshal([]byte(event), &members))
	at, err := time.Parse("2006-01-02T15:04:05Z", fmt.Sprint(members["time"]))
	require.NoError(t, err, "whole seconds")
	require.WithinDuration(t, time.Now(), at, 30*time.Second)
	require.Len(t, members["sequence"], 20)
	for _, known := range []string{"id", "type", "subject", "time", "data", "sequence", "sequencetype", "beforeimage"} {
		delete(members, known)
	}
	require.Equal(t, map[string]any{"specversion": "1.0", "source": "ok-test", "datacontenttype": "application/json"}, members)
}

// notFromTheHost: whatever a client says the host is, links begin with the
// configured base.
func notFromTheHost(t *testing.T, g *gateway, k *klantRegister, r *receiver) {
	t.Helper()
	o := uuid.NewString()
	k.mu.Lock()
	k.cases[o] = &klantCases[0]
	k.mu.Unlock()
	got := raw(t, g, "POST "+klantinteracties+"/onderwerpobjecten HTTP/1.1\r\nHost: other.example\r\nX-Forwarded-Host: evil\r\n"+
		"X-Case: "+o+"\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
	require.Equal(t, http.StatusCreated, got.Status)
	require.Eventually(t, func() bool {
		links, _ := linksOf(t, r, o)
		return len(links) == 1
	}, 20*time.Second, 5*time.Millisecond)
}

// TestOpenKlantNeedsASource is OK-04: without one there are no events, and the
// operator is told once.
func TestOpenKlantNeedsASource(t *testing.T) {
	t.Parallel()
	onBothStores(t, withoutSource)
}

func withoutSource(t *testing.T, s *storage) {
	t.Helper()
	u, r := register(t), receiving(t)
	g := start(t, globals(s.words, "public_url "+publicURL+"\n", "\twebhook zaken {\nurl "+r.URL+"\n}\n"), "voorpoort open-klant\nreverse_proxy "+u.address())
	got := send(t, http.MethodPost, g.URL+klantinteracties+"/onderwerpobjecten", `{}`)
	require.Equal(t, http.StatusCreated, got.Status)
	require.Empty(t, got.ids())
	var warnings int
	for line := range strings.Lines(g.log()) {
		if strings.Contains(line, `"level":"warn"`) && strings.Contains(line, "source") {
			warnings++
		}
	}
	require.Equal(t, 1, warnings, g.log())
	require.Empty(t, r.at("/"))
}

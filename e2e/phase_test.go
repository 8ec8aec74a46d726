package e2e_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bodies are what the events of a service carried.
func bodies(events []cloudEvent) []string {
	var bodies []string
	for _, e := range events {
		bodies = append(bodies, string(e.Data.Body))
	}
	return bodies
}

// TestChangesComeFirstAndInOrder runs the whole of both phases: changes one
// after another by order and name, then the validators on the final body.
func TestChangesComeFirstAndInOrder(t *testing.T) {
	t.Parallel()
	together := meeting(3)
	u := register(t)
	s := interceptorWith(t, func(w http.ResponseWriter, e cloudEvent) {
		switch e.URI {
		case "/validator":
			together(e) // answers only when all three have been asked
			w.WriteHeader(http.StatusNoContent)
		default:
			saysJSON(fmt.Sprintf(`{"data":{%q:true}}`, e.URI[1:]))(w, e)
		}
	})
	g := start(t, globals(
		webhook("a-validator", s.URL+"/validator", "intercept\norder -9"),
		webhook("z-last", s.URL+"/last", "intercept merge\norder 2"),
		webhook("b", s.URL+"/third", "intercept merge\norder 1"),
		webhook("a", s.URL+"/second", "intercept merge\norder 1"),
		webhook("z-first", s.URL+"/first", "intercept merge\norder -1"),
		webhook("b-validator", s.URL+"/validator", "intercept"),
		webhook("c-validator", s.URL+"/validator", "intercept"),
	), inFront(u))
	require.Equal(t, http.StatusCreated, post(t, g, `{"n":1.10}`).Status)

	const final = `{"n":1.10,"first":true,"second":true,"third":true,"last":true}`
	require.Equal(t, []string{`{"n":1.10}`}, bodies(s.at("/first")))
	require.Equal(t, []string{`{"n":1.10,"first":true}`}, bodies(s.at("/second")))
	require.Equal(t, []string{`{"n":1.10,"first":true,"second":true}`}, bodies(s.at("/third")))
	require.Equal(t, []string{`{"n":1.10,"first":true,"second":true,"third":true}`}, bodies(s.at("/last")))
	require.Equal(t, []string{final, final, final}, bodies(s.at("/validator")))
	require.Equal(t, final, u.last(t).Body)

	id := s.events()[0].ID
	for _, e := range s.events() {
		require.Equal(t, id, e.ID, "it is one event, whoever is asked about it")
	}
}

// meeting makes calls wait until so many of them have come.
func meeting(size int64) func(cloudEvent) {
	var arrived atomic.Int64
	all := make(chan struct{})
	return func(e cloudEvent) {
		if arrived.Add(1) == size {
			close(all)
		}
		select {
		case <-all:
		case <-e.Gone:
		}
	}
}

// TestTheFirstBlockEndsBothPhases so that nobody is asked in vain.
func TestTheFirstBlockEndsBothPhases(t *testing.T) {
	t.Parallel()
	u := register(t)
	given := make(chan struct{}, 2)
	waiting := make(chan struct{}, 2)
	s := interceptorWith(t, func(w http.ResponseWriter, e cloudEvent) {
		switch e.URI {
		case "/slow":
			waiting <- struct{}{}
			<-e.Gone
			given <- struct{}{}
		case "/no":
			for range 2 {
				select {
				case <-waiting:
				case <-e.Gone:
				}
			}
			says(409, "text/plain", "nee")(w, e)
		default:
			says(403, "text/plain", "eerder nee")(w, e)
		}
	})
	validators := webhook("a-slow", s.URL+"/slow", "intercept\nfilter schema cats") +
		webhook("b-no", s.URL+"/no", "intercept\nfilter schema cats") +
		webhook("c-slow", s.URL+"/slow", "intercept\nfilter schema cats")
	change := webhook("change", s.URL+"/change", "intercept merge\nfilter schema dogs") +
		webhook("unasked", s.URL+"/unasked", "intercept\nfilter schema dogs") +
		webhook("unasked-change", s.URL+"/unasked", "intercept merge\norder 1\nfilter schema dogs")
	g := start(t, globals("budget 50s\n", validators, change), inFront(u))

	began := time.Now()
	got := post(t, g, `{}`)
	require.Less(t, time.Since(began), 15*time.Second, "the slow ones could have taken 30 s")
	require.Equal(t, http.StatusConflict, got.Status)
	require.Equal(t, "b-no", got.problem(t).Webhook)
	for range 2 {
		select {
		case <-given:
		case <-time.After(20 * time.Second):
			t.Fatal("a call that nobody needs any more was not given up")
		}
	}

	got = send(t, http.MethodPost, g.URL+"/api/objects/pets/dogs", `{}`)
	require.Equal(t, http.StatusForbidden, got.Status)
	require.Empty(t, s.at("/unasked"))
	require.Empty(t, u.seen())
}

// TestOneBudgetForAll webhooks of a request, whatever each of them may take.
func TestOneBudgetForAll(t *testing.T) {
	t.Parallel()
	u := register(t)
	s := interceptorWith(t, hangs)
	open := "intercept merge\ntimeout 20s\non_timeout allow\nfilter schema cats"
	site := "\t@strict path /api/objects/*/dogs\n\thandle @strict {\n\tvoorpoort openregister {\n\tbudget 200ms\n\t}\n\treverse_proxy " + u.address() + "\n}\n" +
		"\thandle {\n" + inFront(u) + "}\n"
	g := start(t, "voorpoort {\n\tbudget 700ms\n"+
		webhook("a", s.URL, open)+webhook("b", s.URL, open)+webhook("c", s.URL, "intercept\ntimeout 20s\nfilter schema cats")+
		webhook("d", s.URL, "intercept\ntimeout 20s\nfilter schema dogs")+
		webhook("e", s.URL, "intercept\ntimeout 20s\non_timeout flag\nfilter schema birds")+"}\n", site)

	began := time.Now()
	got := post(t, g, `{}`)
	took := time.Since(began)
	require.Equal(t, http.StatusGatewayTimeout, got.Status)
	p := got.problem(t)
	require.Equal(t, "c", p.Webhook)
	require.Contains(t, p.Detail, "The time for all checks")
	require.GreaterOrEqual(t, took, 700*time.Millisecond)
	require.Less(t, took, 10*time.Second, "three times 20 s would be the sum of the timeouts")

	require.Equal(t, http.StatusGatewayTimeout, send(t, http.MethodPost, g.URL+"/api/objects/pets/dogs", `{}`).Status, "the site's own budget")

	require.Equal(t, http.StatusCreated, send(t, http.MethodPost, g.URL+"/api/objects/pets/birds", `{}`).Status)
	require.Equal(t, `"e";reason=budget`, u.last(t).Header.Get("Voorpoort-Flag"))
}

// TestModes says how much a webhook's word counts.
func TestModes(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	no := says(422, "application/json", `{"message":"geen Felix"}`)
	add := saysJSON(`{"data":{"x":true},"warnings":["aangevuld"]}`)
	s := newStand(t, []trial{
		{name: "enforce", answer: no, options: "intercept;mode enforce"},
		{name: "warn", answer: no, options: "intercept;mode warn"},
		{name: "warn-change", answer: add, options: "intercept merge;mode warn"},
		{name: "warn-failure", answer: says(500, "", ""), options: "intercept;mode warn;on_failure reject"},
		{name: "shadow", options: "intercept merge;mode shadow", answer: func(w http.ResponseWriter, e cloudEvent) {
			select {
			case <-release:
			case <-e.Gone:
			}
			no(w, e)
		}},
		{name: "off", answer: no, options: "intercept;mode off"},
		{name: "disabled", answer: no, options: "intercept;enabled off"},
		{name: "enabled", answer: no, options: "intercept;enabled on"},
	})
	require.Equal(t, http.StatusUnprocessableEntity, s.create(t, "enforce", `{}`).Status)

	got := s.create(t, "warn", `{}`)
	require.Equal(t, http.StatusCreated, got.Status)
	require.Equal(t, []string{`299 - "warn: geen Felix"`}, got.Header.Values("Warning"))

	got = s.create(t, "warn-change", sentBody)
	require.Equal(t, http.StatusCreated, got.Status)
	require.Equal(t, sentBody, s.reached("warn-change")[0].Body, "recorded, not made")
	require.Len(t, s.asked("warn-change"), 1)

	got = s.create(t, "warn-failure", `{}`)
	require.Equal(t, http.StatusCreated, got.Status)
	require.Empty(t, s.reached("warn-failure")[0].Header.Get("Voorpoort-Flag"))

	got = s.create(t, "shadow", sentBody)
	require.Equal(t, http.StatusCreated, got.Status, "the answer was not waited for")
	require.Empty(t, got.Header.Values("Warning"))
	require.Equal(t, sentBody, s.reached("shadow")[0].Body)
	require.Eventually(t, func() bool { return len(s.asked("shadow")) == 1 }, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, sentBody, string(s.asked("shadow")[0].Data.Body))
	close(release)

	for _, name := range []string{"off", "disabled"} {
		require.Equal(t, http.StatusCreated, s.create(t, name, `{}`).Status)
		require.Empty(t, s.asked(name))
	}
	require.Equal(t, http.StatusUnprocessableEntity, s.create(t, "enabled", `{}`).Status)
}

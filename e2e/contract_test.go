package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sentBody has what a careless gateway would respell: a number with a zero at
// its end, one that no float holds, and spaces.
const sentBody = `{"a": 1, "b": [1.10, 12345678901234567890, 1e400], "ë": "é"}`

// enrichedBody is sentBody with {"x":true} merged into it.
const enrichedBody = `{"a": 1, "b": [1.10, 12345678901234567890, 1e400], "ë": "é","x":true}`

// outcome is what becomes of a request: the client's status and what the
// register got, nothing when it is empty.
type outcome struct {
	status int
	body   string
}

func blocked(status int) outcome { return outcome{status: status} }

var (
	unchanged = outcome{status: http.StatusCreated, body: sentBody}
	enriched  = outcome{status: http.StatusCreated, body: enrichedBody}
	failed    = outcome{status: http.StatusBadGateway}
)

// TestTheAnswerTable goes through the answers that a service can give. Each is
// given to a webhook that may change the body and to one that only validates.
func TestTheAnswerTable(t *testing.T) {
	t.Parallel()
	const plain = "text/plain"
	rows := []struct {
		name       string
		answer     func(http.ResponseWriter, cloudEvent)
		merging    outcome
		validating outcome
		detail     string // part of the problem's detail
	}{
		// 2xx, empty or without data: proceed unchanged.
		{"204", says(http.StatusNoContent, "", ""), unchanged, unchanged, ""},
		{"200-empty", says(http.StatusOK, "application/json", ""), unchanged, unchanged, ""},
		{"202-empty-without-type", says(http.StatusAccepted, "", ""), unchanged, unchanged, ""},
		{"empty-object", saysJSON(`{}`), unchanged, unchanged, ""},
		{"approved", saysJSON(`{"status":"approved"}`), unchanged, unchanged, ""},
		{"approved-with-data", saysJSON(`{"status":"approved","data":{"x":true}}`), unchanged, unchanged, ""},
		{"allowed", saysJSON(`{"allowed":true}`), unchanged, unchanged, ""},
		{"without-data", saysJSON(`{"message":"fine by me"}`), unchanged, unchanged, ""},

		// 2xx with data: applied by a webhook that processes responses.
		{"data", saysJSON(`{"data":{"x":true}}`), enriched, unchanged, ""},
		{"modified", saysJSON(`{"status":"modified","data":{"x":true}}`), enriched, unchanged, ""},
		{"data-201", says(http.StatusCreated, "application/json", `{"data":{"x":true}}`), enriched, unchanged, ""},
		{"data-without-type", says(http.StatusOK, "", `{"data":{"x":true}}`), enriched, unchanged, ""},
		{"data-that-is-there", saysJSON(`{"data":{"a":1}}`), unchanged, unchanged, ""},

		// 2xx that says no: 422, or the 4xx that it names.
		{"rejected", saysJSON(`{"status":"rejected","message":"dat mag niet"}`), blocked(422), blocked(422), "dat mag niet"},
		{"rejected-409", saysJSON(`{"status":"rejected","statusCode":409}`), blocked(409), blocked(409), "rejected-409"},
		{"rejected-200", saysJSON(`{"status":"rejected","statusCode":200}`), blocked(422), blocked(422), ""},
		{"rejected-503", saysJSON(`{"status":"rejected","statusCode":503}`), blocked(422), blocked(422), ""},
		{"rejected-with-data", saysJSON(`{"status":"rejected","data":{"x":true}}`), blocked(422), blocked(422), ""},
		{"disallowed", saysJSON(`{"allowed":false,"message":"nee"}`), blocked(422), blocked(422), "nee"},
		{"disallowed-with-data", saysJSON(`{"allowed":false,"status":"modified","data":{"x":true}}`), blocked(422), blocked(422), ""},

		// 4xx: block with that status and its message.
		{"400", says(400, "application/json", `{"message":"van message"}`), blocked(400), blocked(400), "van message"},
		{"401", says(401, "application/json", `{"detail":"van detail"}`), blocked(401), blocked(401), "van detail"},
		{"403", says(403, "application/json", `{"error":"van error"}`), blocked(403), blocked(403), "van error"},
		{"404", says(404, "application/problem+json", `{"title":"van title"}`), blocked(404), blocked(404), "van title"},
		{"409", says(409, "application/json", `{"errors":[{"message":"van errors"}]}`), blocked(409), blocked(409), "van errors"},
		{"410", says(410, plain, "van de tekst\n"), blocked(410), blocked(410), "van de tekst"},
		{"413-empty", says(413, "", ""), blocked(413), blocked(413), "413-empty"},
		{"418-approved", says(418, "application/json", `{"status":"approved"}`), blocked(418), blocked(418), ""},
		{"422-not-json", says(422, "application/json", `{"message":`), blocked(422), blocked(422), "422-not-json"},
		{"451-page", says(451, "text/html", "<h1>page</h1>"), blocked(451), blocked(451), "451-page"},

		// 5xx, 3xx, 408, 425 and 429, and what cannot be understood: a failure.
		{"500", says(500, "application/json", `{"data":{"x":true}}`), failed, failed, "no usable answer"},
		{"502", says(502, "", ""), failed, failed, ""},
		{"503", says(503, plain, "in onderhoud"), failed, failed, ""},
		{"301", redirects(301), failed, failed, ""},
		{"302", redirects(302), failed, failed, ""},
		{"307", redirects(307), failed, failed, ""},
		{"308", redirects(308), failed, failed, ""},
		{"304", says(304, "", ""), failed, failed, ""},
		{"408", says(408, "", ""), failed, failed, ""},
		{"425", says(425, "", ""), failed, failed, ""},
		{"429", says(429, "application/json", `{"message":"rustig aan"}`), failed, failed, ""},
		{"page", says(200, "text/html", "<h1>log in</h1>"), failed, failed, ""},
		{"half-a-document", saysJSON(`{"data":{"x":tr`), failed, failed, ""},
		{"two-documents", saysJSON(`{"data":{"x":true}}{}`), failed, failed, ""},
		{"name-twice", saysJSON(`{"data":{"x":true,"x":false}}`), failed, failed, ""},
		{"not-utf-8", saysJSON("{\"data\":{\"x\":\"\xff\"}}"), failed, failed, ""},
		{"deep", saysJSON(`{"data":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`), failed, failed, ""},
		{"allowed-unclear", saysJSON(`{"allowed":"false"}`), failed, failed, ""},
		{"status-unclear", saysJSON(`{"status":["rejected"]}`), failed, failed, ""},
		{"modified-without-data", saysJSON(`{"status":"modified"}`), failed, failed, ""},
		{"data-that-does-not-fit", saysJSON(`{"data":"text"}`), failed, unchanged, ""},
		{"plain-text", says(200, plain, "OK"), failed, unchanged, ""},
		{"array", saysJSON(`["data"]`), failed, unchanged, ""},
		{"too-large", saysJSON(`{"data":{"x":"` + strings.Repeat("x", 4096) + `"}}`), failed, failed, ""},
		{"too-large-chunked", endless, failed, failed, ""},
	}
	var trials []trial
	for _, row := range rows {
		trials = append(trials,
			trial{name: "m-" + row.name, answer: row.answer, options: "intercept merge;max_answer 4KiB;breaker off"},
			trial{name: "v-" + row.name, answer: row.answer, options: "intercept;max_answer 4KiB;breaker off"})
	}
	s := newStand(t, trials)
	for _, row := range rows {
		for kind, want := range map[string]outcome{"m-": row.merging, "v-": row.validating} {
			t.Run(kind+row.name, func(t *testing.T) {
				t.Parallel()
				name := kind + row.name
				got := s.create(t, name, sentBody)
				require.Equal(t, want.status, got.Status, got.Body)
				require.Len(t, s.asked(name), 1)
				reached := s.reached(name)
				if want.status == http.StatusCreated {
					require.Equal(t, `{"id":"abc-123"}`, got.Body, "the register's own answer")
					require.Len(t, reached, 1)
					require.Equal(t, want.body, reached[0].Body)
					require.EqualValues(t, len(want.body), reached[0].Length)
					return
				}
				require.Empty(t, reached, "nothing may reach the register")
				require.Empty(t, s.s.at("/elsewhere"), "a redirect was followed")
				p := got.problem(t)
				require.Contains(t, p.Detail, row.detail)
				require.Equal(t, name, p.Webhook)
				require.Equal(t, s.asked(name)[0].ID, p.EventID)
				if want == failed {
					require.Equal(t, "urn:voorpoort:problem:unavailable", p.Type)
					require.Equal(t, "5", got.Header.Get("Retry-After"))
				} else {
					require.Equal(t, "urn:voorpoort:problem:rejected", p.Type)
					require.Empty(t, got.Header.Get("Retry-After"), "trying again will not help")
				}
			})
		}
	}
}

// redirects is a service that sends the gateway elsewhere.
func redirects(status int) func(http.ResponseWriter, cloudEvent) {
	return func(w http.ResponseWriter, _ cloudEvent) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}
}

// endless is a service that does not say how long its answer is.
func endless(w http.ResponseWriter, e cloudEvent) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"data":{"x":"`)
	for {
		select {
		case <-e.Gone:
			return
		default:
		}
		if _, err := io.WriteString(w, strings.Repeat("x", 1024)); err != nil {
			return
		}
	}
}

// TestABlockRepeatsTheErrors of the service as they are, and the first message
// that it finds.
func TestABlockRepeatsTheErrors(t *testing.T) {
	t.Parallel()
	const errors = `[{"field":"name","message":"taken","code":"dup","n":1.10}]`
	s := newStand(t, []trial{
		{name: "polite", options: "intercept", answer: saysJSON(`{"status":"rejected","errors":` + errors + `}`)},
		{name: "status", options: "intercept", answer: says(409, "application/json", `{"detail":"zie de fouten","errors":`+errors+`}`)},
		{name: "no-list", options: "intercept", answer: says(400, "application/json", `{"errors":{"name":"taken"}}`)},
		{name: "noisy", options: "intercept", answer: says(400, "application/json", `{"message":"a\u0000b\r\n\u202eX-Evil: 1`+strings.Repeat("é", 5000)+`"}`)},
	})
	p := s.create(t, "polite", `{}`).problem(t)
	require.Equal(t, errors, string(p.Errors), "to the byte")
	require.Equal(t, "taken", p.Detail)

	p = s.create(t, "status", `{}`).problem(t)
	require.Equal(t, errors, string(p.Errors))
	require.Equal(t, "zie de fouten", p.Detail)

	p = s.create(t, "no-list", `{}`).problem(t)
	require.Empty(t, p.Errors)

	p = s.create(t, "noisy", `{}`).problem(t)
	require.Contains(t, p.Detail, "ab X-Evil: 1éé")
	require.Less(t, len(p.Detail), 4096, "one webhook must not fill the client's screen")
}

// TestWarningsReachTheClient beside the register's answer, and cannot smuggle
// a header of their own.
func TestWarningsReachTheClient(t *testing.T) {
	t.Parallel()
	many := make([]string, 100)
	for i := range many {
		many[i] = fmt.Sprintf(`"nummer %d"`, i)
	}
	s := newStand(t, []trial{
		{name: "two", options: "intercept", answer: saysJSON(`{"warnings":["pas op",{"message":"zo \"kan\" het niet"},7]}`)},
		{name: "with-data", options: "intercept merge", answer: saysJSON(`{"data":{"x":true},"warnings":["aangevuld"]}`)},
		{name: "evil", options: "intercept", answer: saysJSON(`{"warnings":["a\r\nX-Evil: 1"]}`)},
		{name: "many", options: "intercept", answer: saysJSON(`{"warnings":[` + strings.Join(many, ",") + `]}`)},
	})
	got := s.create(t, "two", `{}`)
	require.Equal(t, http.StatusCreated, got.Status)
	require.Equal(t, []string{`299 - "two: pas op"`, `299 - "two: zo \"kan\" het niet"`}, got.Header.Values("Warning"))

	got = s.create(t, "with-data", `{}`)
	require.Equal(t, []string{`299 - "with-data: aangevuld"`}, got.Header.Values("Warning"))
	require.Equal(t, `{"x":true}`, s.u.last(t).Body)

	got = s.create(t, "evil", `{}`)
	require.Empty(t, got.Header.Get("X-Evil"))
	require.Equal(t, []string{`299 - "evil: a X-Evil: 1"`}, got.Header.Values("Warning"))

	require.LessOrEqual(t, len(s.create(t, "many", `{}`).Header.Values("Warning")), 16)
}

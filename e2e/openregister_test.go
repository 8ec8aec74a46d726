package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// The conformance cases for webhooks as OpenRegister documents them, by their
// numbers, as far as they can be seen on the event before a write. What happens
// after it is in openregister_after_test.go.

// TestOpenRegisterWebhooks runs the cases on one gateway.
func TestOpenRegisterWebhooks(t *testing.T) {
	t.Parallel()
	cases := []func(*suite){or10, or14, or15, or16, or17, or28, or29, or30}
	s := &suite{}
	for _, c := range cases {
		c(s)
	}
	u := registerWith(t, func(w http.ResponseWriter, r *http.Request, _ reached) {
		status := http.StatusCreated
		_, _ = fmt.Sscan(r.Header.Get("X-Answer"), &status)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"id":"abc-123"}`)
	})
	s.stand = &stand{u: u, s: answeringTrials(t, s.trials)}
	s.gateway = start(t, globals(blocksOf(s.trials, s.s)...)+globals(s.blocks...),
		"\t@down header X-Register down\n\tvoorpoort openregister\n\treverse_proxy @down 127.0.0.1:1\n\treverse_proxy "+u.address(),
		"SERVICE="+s.s.URL)
	for _, run := range s.runs {
		t.Run(run.id, func(t *testing.T) {
			t.Parallel()
			run.test(t)
		})
	}
}

// suite collects what the cases need before the gateway is started, and what
// they do then.
type suite struct {
	*stand

	trials []trial
	blocks []string
	runs   []struct {
		id   string
		test func(t *testing.T)
	}
}

func (s *suite) add(c trial) string {
	s.trials = append(s.trials, c)
	return c.name
}

func (s *suite) run(id string, test func(t *testing.T)) {
	s.runs = append(s.runs, struct {
		id   string
		test func(t *testing.T)
	}{id, test})
}

// called tells how often a trial's service has been asked.
func (s *suite) called(name string) int { return len(s.asked(name)) }

// or10: what the register refuses stays refused, and who asked for the event
// after the write hears nothing. The event before it is told once per attempt.
func or10(s *suite) {
	before := s.add(trial{name: "or10", answer: says(204, "", ""), options: "intercept"})
	after := s.add(trial{name: "or10-after", answer: says(204, "", ""), options: `intercept;events OCA\OpenRegister\Event\ObjectCreatedEvent`})
	s.run("OR-10", func(t *testing.T) {
		t.Helper()
		statuses := []string{"400", "403", "409", "422", "500"}
		for _, status := range statuses {
			for _, schema := range []string{before, after} {
				got := s.create(t, schema, `{}`, "X-Answer: "+status)
				require.Equal(t, status, fmt.Sprint(got.Status))
				require.Equal(t, `{"id":"abc-123"}`, got.Body, "the register's own words")
			}
		}
		require.Equal(t, http.StatusBadGateway, s.create(t, before, `{}`, "X-Register: down").Status)
		require.Equal(t, len(statuses)+1, s.called(before))
		for _, e := range s.asked(after) {
			require.Equal(t, "object.creating", e.Type, "no event after a write that did not happen")
		}
	})
}

// filterCase is a filter and the bodies that it does and does not let through.
func (s *suite) filterCase(id, name, filters string, bodies map[string]bool) {
	s.add(trial{name: name, answer: says(204, "", ""), options: "intercept;" + filters})
	s.run(id+"/"+name, func(t *testing.T) {
		t.Helper()
		for body, want := range bodies {
			before := s.called(name)
			require.Equal(t, http.StatusCreated, s.create(t, name, body).Status)
			require.Equal(t, want, s.called(name) > before, "body %s", body)
		}
	})
}

// or14: a filter on a path holds only when the path is there and the value equal.
func or14(s *suite) {
	bodies := map[string]bool{
		`{"type":"person"}`:       true,
		`{"type":"organisation"}`: false,
		`{"type":null}`:           false,
		`{"Type":"person"}`:       false,
		`{}`:                      false,
		`"str"`:                   false,
		``:                        false,
	}
	s.filterCase("OR-14", "or14", "filter object.type person", bodies)
	s.filterCase("OR-14", "or14-data", "filter data.type person", bodies)
	s.filterCase("OR-14", "or14-self", "filter data.@self.name Felix", map[string]bool{
		`{"@self":{"name":"Felix"}}`: true,
		`{"@self":{"name":"Tom"}}`:   false,
		`{"@self":["Felix"]}`:        false,
		`{"@self.name":"Felix"}`:     false,
	})
}

// or15: a list is any of its values; all filters must hold.
func or15(s *suite) {
	name := s.add(trial{name: "or15", answer: says(204, "", ""), options: "intercept;events object.*;filter action creating updating"})
	s.run("OR-15", func(t *testing.T) {
		t.Helper()
		object := s.URL + objectsOf(name)
		for _, step := range []struct {
			method, path string
			want         int
		}{{http.MethodPost, "", 1}, {http.MethodPut, "/1", 2}, {http.MethodPatch, "/1", 3}, {http.MethodDelete, "/1", 3}} {
			body := `{}`
			if step.method == http.MethodDelete {
				body = ""
			}
			require.Equal(t, http.StatusCreated, send(t, step.method, object+step.path, body).Status)
			require.Equal(t, step.want, s.called(name), step.method)
		}
	})
	s.filterCase("OR-15", "or15-all", "filter data.a 1;filter data.b 2", map[string]bool{
		`{"a":1,"b":2}`: true,
		`{"a":1}`:       false,
		`{"a":1,"b":3}`: false,
	})
}

// or16: a comparison is of values with their types. 5 and 5.0 are one number.
func or16(s *suite) {
	s.filterCase("OR-16", "or16", "filter data.n 5", map[string]bool{
		`{"n":5}`:    true,
		`{"n":5.0}`:  true,
		`{"n":"5"}`:  false,
		`{"n":null}`: false,
		`{"n":true}`: false,
		`{}`:         false,
	})
	s.filterCase("OR-16", "or16-text", `filter data.n "5"`, map[string]bool{`{"n":"5"}`: true, `{"n":5}`: false})
	s.filterCase("OR-16", "or16-list", `filter data.n "" 0`, map[string]bool{
		`{}`: false, `{"n":null}`: false, `{"n":false}`: false, `{"n":""}`: true, `{"n":0}`: true,
	})
}

// or17: patterns, with the class of the event before a write. *object* is in
// the list of the case as one that does not match the class; it does match the
// other name of the same event, object.creating.
func or17(s *suite) {
	patterns := []struct {
		pattern string
		want    bool
	}{
		{`OCA\OpenRegister\Event\ObjectCreatingEvent`, true},
		{`OCA\OpenRegister\Event\Object*`, true},
		{`OCA\OpenRegister\Event\*CreatingEvent`, true},
		{`*`, true},
		{`*CreatingEvent`, true},
		{`OCA?OpenRegister?Event?Object*`, true},
		{`*Object[CU]*Event`, true},
		{`OCA\OpenRegister\Event\Register*`, false},
		{`Object*`, false},
		{`*OBJECT*`, false},
		{`OCA\\OpenRegister\\Event\\Object*`, true}, // escaped once too often
		{`object.creating`, true},
		{`object.*`, true},
		{`*object*`, true},
		{`object`, false},
		{``, true}, // no list at all
	}
	for i, p := range patterns {
		events := "events " + p.pattern
		if p.pattern == "" {
			events = ""
		}
		s.blocks = append(s.blocks, fmt.Sprintf("webhook pattern-%d {\nurl {env.SERVICE}/pattern-%d\nfilter schema or17\nintercept\n%s\n}\n", i, i, events))
	}
	s.run("OR-17", func(t *testing.T) {
		t.Helper()
		require.Equal(t, http.StatusCreated, s.create(t, "or17", `{}`).Status)
		for i, p := range patterns {
			require.Equal(t, p.want, s.called(fmt.Sprintf("pattern-%d", i)) == 1, "pattern %q", p.pattern)
		}
	})
}

// or28: the event as a service gets it, and its answer merged.
func or28(s *suite) {
	const body = `{"@self":{"title":"My Object","description":"d"}}`
	name := s.add(trial{
		name:    "or28",
		options: `intercept merge;events OCA\OpenRegister\Event\ObjectCreatingEvent;content_type application/cloudevents+json`,
		answer:  saysJSON(`{"data":{"@self":{"validated":true,"enrichedField":"value"}}}`),
	})
	s.run("OR-28", func(t *testing.T) {
		t.Helper()
		got := send(t, http.MethodPost, s.URL+objectsOf(name)+"?x=1", body, "Authorization: Bearer token")
		require.Equal(t, http.StatusCreated, got.Status)
		e := s.asked(name)[0]
		require.Equal(t, "application/cloudevents+json", e.Header.Get("Content-Type"))
		require.Equal(t, "1.0", e.SpecVersion)
		require.Equal(t, "object.creating", e.Type)
		require.NotEmpty(t, e.Source)
		require.NoError(t, uuid.Validate(e.ID))
		_, err := time.Parse(time.RFC3339, e.Time)
		require.NoError(t, err)
		require.Equal(t, "application/json", e.DataContentType)
		require.Equal(t, "object:pets/or28", e.Subject)
		require.Equal(t, "POST", e.Data.Method)
		require.Equal(t, objectsOf(name), e.Data.Path)
		require.Equal(t, map[string]any{"x": "1"}, e.Data.QueryParams)
		require.JSONEq(t, body, string(e.Data.Body))
		require.NotContains(t, e.Raw, "Bearer")
		var attributes map[string]any
		require.NoError(t, json.Unmarshal([]byte(e.Raw), &attributes))
		for attribute, value := range attributes {
			require.NotNil(t, value, attribute)
		}
		reached := s.u.at(objectsOf(name) + "?x=1")
		require.Len(t, reached, 1)
		require.JSONEq(t, `{"@self":{"title":"My Object","description":"d","validated":true,"enrichedField":"value"}}`, reached[0].Body)
	})
}

// or29: what each strategy makes of a body.
func or29(s *suite) {
	const body = `{"a":1,"b":{"c":1,"d":[1,2]}}`
	for name, c := range map[string]struct{ options, answer, want string }{
		"or29-merge":   {"intercept merge", `{"data":{"b":{"c":2,"d":[9]},"e":null}}`, `{"a":1,"b":{"c":2,"d":[9]},"e":null}`},
		"or29-replace": {"intercept replace", `{"data":{"z":1}}`, `{"z":1}`},
		"or29-custom": {
			"intercept custom;map validatedData data;map metadata @self.metadata",
			`{"validatedData":{"a":5},"metadata":{"m":1},"ignored":true}`, `{"a":5,"b":{"c":1,"d":[1,2]},"@self":{"metadata":{"m":1}}}`,
		},
		"or29-missing":      {"intercept custom;map x.y b.c", `{"x":{}}`, body},
		"or29-empty":        {"intercept merge", ``, body},
		"or29-no-process":   {"intercept", `{"data":{"z":1}}`, body},
		"or29-merge-patch":  {"intercept merge-patch", `{"data":{"a":null,"b":{"c":3}}}`, `{"b":{"c":3,"d":[1,2]}}`},
		"or29-json-patch":   {"intercept json-patch", `{"data":[{"op":"add","path":"/b/d/-","value":3}]}`, `{"a":1,"b":{"c":1,"d":[1,2,3]}}`},
		"or29-body-literal": {"intercept custom;map v body.data;map w data.k", `{"v":1,"w":2}`, `{"a":1,"b":{"c":1,"d":[1,2]},"data":1,"k":2}`},
	} {
		s.add(trial{name: name, options: c.options, answer: saysJSON(c.answer)})
		s.run("OR-29/"+name, func(t *testing.T) {
			t.Helper()
			require.Equal(t, http.StatusCreated, s.create(t, name, body).Status)
			if c.want == body {
				require.Equal(t, body, s.reached(name)[0].Body, "to the byte")
				return
			}
			require.JSONEq(t, c.want, s.reached(name)[0].Body)
		})
	}
	into := s.add(trial{name: "or29-into-a-number", options: "intercept custom;map v a.b", answer: saysJSON(`{"v":1}`)})
	s.run("OR-29/"+into, func(t *testing.T) {
		t.Helper()
		got := s.create(t, into, body)
		require.Equal(t, http.StatusBadGateway, got.Status, "a path into a number is an error, never silent damage")
		require.Equal(t, into, got.problem(t).Webhook)
		require.Empty(t, s.reached(into))
	})
}

// or30: a service that says no, or nothing.
func or30(s *suite) {
	no := s.add(trial{name: "or30-422", options: "intercept merge", answer: says(422, "application/json", `{"message":"No Felix in December"}`)})
	rejected := s.add(trial{
		name: "or30-rejected", options: "intercept merge",
		answer: saysJSON(`{"status":"rejected","errors":[{"field":"name","message":"taken","code":"dup"}]}`),
	})
	closed := s.add(trial{name: "or30-reject", options: "intercept merge;timeout 200ms;on_failure reject", answer: hangs})
	open := s.add(trial{name: "or30-allow", options: "intercept merge;timeout 200ms;on_failure allow", answer: hangs})
	page := s.add(trial{name: "or30-page", options: "intercept merge", answer: says(200, "text/html", "<p>hoi</p>")})
	s.run("OR-30", func(t *testing.T) {
		t.Helper()
		got := s.create(t, no, `{}`)
		require.Equal(t, http.StatusUnprocessableEntity, got.Status)
		require.Contains(t, got.Body, "No Felix in December")
		got = s.create(t, rejected, `{}`)
		require.Equal(t, http.StatusUnprocessableEntity, got.Status)
		require.JSONEq(t, `[{"field":"name","message":"taken","code":"dup"}]`, string(got.problem(t).Errors))
		require.Equal(t, http.StatusGatewayTimeout, s.create(t, closed, `{}`).Status)
		require.Equal(t, http.StatusBadGateway, s.create(t, page, `{}`).Status)
		for _, name := range []string{no, rejected, closed, page} {
			require.Empty(t, s.reached(name), name)
		}
		require.Equal(t, http.StatusCreated, s.create(t, open, `{}`).Status)
		require.Len(t, s.reached(open), 1)
	})
	for method, class := range map[string]string{"PUT": "ObjectUpdatingEvent", "PATCH": "ObjectUpdatingEvent", "DELETE": "ObjectDeletingEvent"} {
		name := s.add(trial{
			name: "or30-" + strings.ToLower(method), answer: says(409, "text/plain", "nee"),
			options: `intercept;events OCA\OpenRegister\Event\` + class,
		})
		s.run("OR-30/"+method, func(t *testing.T) {
			t.Helper()
			body := `{"a":1}`
			if method == http.MethodDelete {
				body = ""
			}
			got := send(t, method, s.URL+objectsOf(name)+"/7", body)
			require.Equal(t, http.StatusConflict, got.Status)
			require.Equal(t, "object:pets/"+name+"/7", s.asked(name)[0].Subject)
			require.Empty(t, s.u.at(objectsOf(name)+"/7"))
		})
	}
}

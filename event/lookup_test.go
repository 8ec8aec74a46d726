package event

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// owned is a rule whose event tells who owned a thing before, and who owns it now.
func owned(old, now Lookup) Rule {
	return Rule{Name: "owned", Path: "/things/{id}", Resource: "thing", Actions: map[string]Action{"PUT": {
		Name: "update", Lookups: map[string]Lookup{"old": old, "now": now},
		AfterEvents: []AfterEvent{
			{Type: "thing.moved", When: "before.owner != after.owner", DataExpression: `{"from": fetched.old, "to": fetched["now"].name}`},
			{Type: "thing.updated"},
		},
	}}}
}

var (
	oldOwner = Lookup{PathExpression: `"/owners/" + before.owner`, Phase: "before"}
	newOwner = Lookup{PathExpression: `"/owners/" + after.owner + "?full=1"`}
)

// owners answers for the register and notes what was asked.
type owners struct {
	asked     []string
	documents map[string]string
}

func (o *owners) fetch(_ context.Context, path string) ([]byte, error) {
	o.asked = append(o.asked, path)
	if document, ok := o.documents[path]; ok {
		return []byte(document), nil
	}
	return nil, errors.New("the register answers 404")
}

// move is the exchange of a thing that changes hands.
func move(from, to string, o *owners) *Exchange {
	ex := answered(request("PUT", "/things/1", "{}"), 200, `{"owner":"`+to+`"}`)
	ex.Before = &Image{Body: []byte(`{"owner":"` + from + `"}`), Quality: Exact}
	ex.Fetch = o.fetch
	return ex
}

func TestLookups(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{owned(oldOwner, newOwner)}})
	m, _ := table.Match("PUT", "/things/1")
	o := &owners{documents: map[string]string{"/owners/ann": `{"name":"Ann"}`, "/owners/bob?full=1": `{"name":"Bob"}`}}
	ex := move("ann", "bob", o)
	require.NoError(t, m.Prepare(t.Context(), ex))
	require.Equal(t, []string{"/owners/ann"}, o.asked, "only what the write may remove")
	require.Equal(t, map[string]Fetched{"old": {Body: json.RawMessage(`{"name":"Ann"}`)}}, ex.Fetched)

	events, err := m.After(t.Context(), ex)
	require.NoError(t, err)
	require.Equal(t, `{"from":{"name":"Ann"},"to":"Bob"}`, toldBy(t, events[0]))
	require.Equal(t, []string{"/owners/ann", "/owners/bob?full=1"}, o.asked)
}

func TestNothingIsLookedUpForAnEventThatDoesNotApply(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{owned(newOwner, newOwner)}})
	o := &owners{}
	events := after(t, table, move("ann", "ann", o))
	require.Len(t, events, 1)
	require.Empty(t, o.asked)
}

func TestOnePathIsLookedUpOnce(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{owned(newOwner, newOwner)}})
	o := &owners{documents: map[string]string{"/owners/bob?full=1": `{"name":"Bob"}`}}
	require.Len(t, after(t, table, move("ann", "bob", o)), 2)
	require.Equal(t, []string{"/owners/bob?full=1"}, o.asked)
}

func TestNothingIsPreparedForEventsThatNobodyWants(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{owned(oldOwner, newOwner)}})
	m, _ := table.Match("PUT", "/things/1")
	o := &owners{}
	ex := move("ann", "bob", o)
	ex.Wanted = func(t Type) bool { return t.Name == "thing.updated" }
	require.NoError(t, m.Prepare(t.Context(), ex))
	require.Empty(t, o.asked)
}

// TestAFailedLookup: what was not found before the write is told to the caller, who may go on.
func TestAFailedLookup(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{owned(oldOwner, newOwner)}})
	m, _ := table.Match("PUT", "/things/1")
	ex := move("ann", "bob", &owners{documents: map[string]string{"/owners/bob?full=1": `{"name":"Bob"}`}})
	err := m.Prepare(t.Context(), ex)
	var failed *LookupError
	require.ErrorAs(t, err, &failed)
	require.EqualError(t, err, `looking up old for rule "owned": the register answers 404`)
	require.Equal(t, map[string]Fetched{"old": {Failed: "the register answers 404"}}, ex.Fetched)

	events, err := m.After(t.Context(), ex)
	require.Len(t, events, 1, "the others follow")
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "old", failed.Lookup)

	ex.Fetched = nil
	_, err = m.After(t.Context(), ex)
	require.ErrorContains(t, err, "not looked up before the write")
	ex.Fetched, ex.Fetch = map[string]Fetched{"old": {Body: []byte(`{}`)}}, nil
	_, err = m.After(t.Context(), ex)
	require.ErrorContains(t, err, "nobody who gets documents")
}

func TestAnOptionalLookup(t *testing.T) {
	t.Parallel()
	old := oldOwner
	old.Optional = true
	table := compile(t, Config{Rules: []Rule{owned(old, newOwner)}})
	m, _ := table.Match("PUT", "/things/1")
	ex := move("ann", "bob", &owners{documents: map[string]string{"/owners/bob?full=1": `{"name":"Bob"}`}})
	require.NoError(t, m.Prepare(t.Context(), ex))
	events, err := m.After(t.Context(), ex)
	require.NoError(t, err)
	require.Equal(t, `{"from":null,"to":"Bob"}`, toldBy(t, events[0]))
}

func TestALookupStaysWhereItsExpressionPoints(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{owned(newOwner, newOwner)}})
	for _, owner := range []string{"../admin", "a/../../admin", "%2e%2e/admin", "a%2fb", "a b", "a#b", `a\\b`, "/a", "é", `\u0000`} {
		o := &owners{}
		m, _ := table.Match("PUT", "/things/1")
		_, err := m.After(t.Context(), move("x", owner, o))
		var failed *LookupError
		require.ErrorAs(t, err, &failed, owner)
		require.Empty(t, o.asked, owner)
		require.NotContains(t, err.Error(), "admin")
	}
}

func TestLookupsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lookups map[string]Lookup
		data    string
		want    string
	}{
		"too many": {map[string]Lookup{"a": newOwner, "b": newOwner, "c": newOwner, "d": newOwner, "e": newOwner}, "1", "at most 4"},
		"a name":   {map[string]Lookup{"a-b": newOwner}, "1", "is not a name"},
		"a phase":  {map[string]Lookup{"a": {PathExpression: "''", Phase: "during"}}, "1", "the phases are before and after"},
		"no path":  {map[string]Lookup{"a": {}}, "1", "path_expression: is missing"},
		"too late": {map[string]Lookup{"a": {PathExpression: "after.x", Phase: "before"}}, "1", "not known in the phase before"},
		"no text":  {map[string]Lookup{"a": {PathExpression: "1"}}, "1", "gives a int, but must give a string"},
		"unknown":  {map[string]Lookup{"a": newOwner}, "fetched.b", `"b" is not a lookup of the action; its lookups are a`},
		"a chain":  {map[string]Lookup{"a": {PathExpression: "fetched.b.url"}, "b": newOwner}, "1", "it has none"},
		"computed": {map[string]Lookup{"a": newOwner}, "fetched[request.path]", "name the lookup: fetched.<name>"},
		"all":      {map[string]Lookup{"a": newOwner}, "fetched", "name the lookup: fetched.<name>"},
	} {
		r := Rule{Name: "r", Path: "/a", Actions: map[string]Action{"PUT": {
			Name: "x", Lookups: test.lookups, AfterEvents: []AfterEvent{{Type: "a.b", DataExpression: test.data}},
		}}}
		_, err := Compile(Config{Rules: []Rule{r}})
		require.ErrorContains(t, err, test.want, name)
		require.ErrorContains(t, err, `rule "r": actions.PUT.`, name)
	}
}

// TestWhatALookupMayGive: a document, nothing when there is nothing to look up, or an error that says why.
func TestWhatALookupMayGive(t *testing.T) {
	t.Parallel()
	away := errors.New("the register is away")
	for name, test := range map[string]struct {
		path     string
		fetch    func(context.Context, string) ([]byte, error)
		optional bool
		want     string // the data of the event
		err      string
	}{
		"a document":             {path: `"/a"`, fetch: gives(`{"n": 1.0}`), want: `{"n":1}`},
		"a list":                 {path: `"/a?page=1"`, fetch: gives(`[1,2]`), want: `[1,2]`},
		"null":                   {path: `"/a"`, fetch: gives(`null`), want: `null`},
		"nothing to look up":     {path: `""`, want: `null`},
		"not for this body":      {path: `after.?owner.orValue("")`, want: `null`},
		"an empty answer":        {path: `"/a"`, fetch: gives(``), err: "the register's answer is not JSON"},
		"a page for people":      {path: `"/a"`, fetch: gives(`<html>`), err: "the register's answer is not JSON"},
		"a failure":              {path: `"/a"`, fetch: func(context.Context, string) ([]byte, error) { return nil, away }, err: "the register is away"},
		"a failure, optional":    {path: `"/a"`, fetch: func(context.Context, string) ([]byte, error) { return nil, away }, optional: true, want: `null`},
		"a page, optional":       {path: `"/a"`, fetch: gives(`<html>`), optional: true, want: `null`},
		"no path":                {path: `after.owner`, err: "evaluating path_expression of rule \"told\": no such key: owner"},
		"no path, optional":      {path: `after.owner`, optional: true, want: `null`},
		"elsewhere, optional":    {path: `"//elsewhere/a"`, optional: true, want: `null`},
		"elsewhere":              {path: `"http://elsewhere/a"`, err: "does not begin with one slash"},
		"an escape that is none": {path: `"/a%2"`, err: "begins no escape"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := compile(t, Config{Rules: []Rule{toldRule(func(_ *Rule, a *Action, e *AfterEvent) {
				a.Lookups = map[string]Lookup{"a": {PathExpression: test.path, Optional: test.optional}}
				e.DataExpression = "fetched.a"
			})}})
			m, _ := table.Match("PUT", "/things/1")
			ex := answered(request("PUT", "/things/1", "{}"), 200, `{}`)
			ex.Fetch = test.fetch
			events, err := m.After(t.Context(), ex)
			if test.err == "" {
				require.NoError(t, err)
				require.Equal(t, test.want, toldBy(t, events[0]))
				return
			}
			require.Empty(t, events)
			require.ErrorContains(t, err, test.err)
			var failed *LookupError
			require.ErrorAs(t, err, &failed)
			require.Equal(t, "a", failed.Lookup)
		})
	}
}

// gives is a register that always answers the same.
func gives(body string) func(context.Context, string) ([]byte, error) {
	return func(context.Context, string) ([]byte, error) { return []byte(body), nil }
}

// TestTheReasonOfAFailedLookupIsKept: callers look for what they returned themselves.
func TestTheReasonOfAFailedLookupIsKept(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{owned(oldOwner, newOwner)}})
	m, _ := table.Match("PUT", "/things/1")
	ex := move("ann", "bob", &owners{})
	ex.Fetch = func(context.Context, string) ([]byte, error) { return nil, context.DeadlineExceeded }
	require.ErrorIs(t, m.Prepare(t.Context(), ex), context.DeadlineExceeded)
	ex.Fetched = map[string]Fetched{"old": {}}
	_, err := m.After(t.Context(), ex)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// TestFetchedSurvivesAStore: what was got before the write is kept with its intent, and used after a crash.
func TestFetchedSurvivesAStore(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{owned(oldOwner, newOwner)}})
	m, _ := table.Match("PUT", "/things/1")
	o := &owners{documents: map[string]string{"/owners/ann": `{"name": "Ann"}`, "/owners/bob?full=1": `{"name":"Bob"}`}}
	ex := move("ann", "bob", o)
	require.NoError(t, m.Prepare(t.Context(), ex))
	kept, err := json.Marshal(ex.Fetched)
	require.NoError(t, err)

	again := move("ann", "bob", o)
	require.NoError(t, json.Unmarshal(kept, &again.Fetched))
	delete(o.documents, "/owners/ann") // the write has removed it
	again.Recovered = true
	events := after(t, table, again)
	require.Equal(t, `{"from":{"name":"Ann"},"to":"Bob"}`, toldBy(t, events[0]))
}

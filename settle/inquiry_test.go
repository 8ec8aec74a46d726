package settle

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// registerAnswers is a register with one resource.
func registerAnswers(status int, body string) Inquiry {
	return Inquiry{Get: func(context.Context, *Intent, string) (Page, error) {
		return Page{Status: status, Body: []byte(body)}, nil
	}}
}

func TestWhatTheRegisterTells(t *testing.T) {
	t.Parallel()
	felix := &Image{Image: event.Image{Body: []byte(`{"id":1,"name":"Felix"}`)}}
	nobody := &Image{Missing: true}
	for name, c := range map[string]struct {
		method string
		body   string
		before *Image
		status int
		now    string
		want   Finding
	}{
		"put, is there":                       {"PUT", `{"name":"Tom"}`, felix, 200, `{"id":1,"name":"Tom","at":5}`, Happened},
		"put, as before":                      {"PUT", `{"name":"Tom"}`, felix, 200, `{"name":"Felix","id":1.0}`, DidNot},
		"put, neither":                        {"PUT", `{"name":"Tom"}`, felix, 200, `{"id":1,"name":"Garfield"}`, Unknown},
		"put that changes nothing":            {"PUT", `{"name":"Felix"}`, felix, 200, `{"id":1,"name":"Felix"}`, Unknown},
		"put, no image, is there":             {"PUT", `{"name":"Tom"}`, nil, 200, `{"name":"Tom"}`, Happened},
		"put, no image, is not":               {"PUT", `{"name":"Tom"}`, nil, 200, `{"name":"Felix"}`, Unknown},
		"put of something new, there":         {"PUT", `{"name":"Tom"}`, nobody, 200, `{"name":"Tom"}`, Happened},
		"put of something new, not there":     {"PUT", `{"name":"Tom"}`, nobody, 404, ``, DidNot},
		"put, no image, not there":            {"PUT", `{"name":"Tom"}`, nil, 404, ``, Unknown},
		"put of what is not shown":            {"PUT", `{"password":"x"}`, felix, 200, `{"id":1,"name":"Felix"}`, Unknown},
		"put, of which a part is shown":       {"PUT", `{"name":"Tom","age":3}`, &Image{Image: event.Image{Body: []byte(`{"name":"Felix"}`)}}, 200, `{"name":"Felix"}`, DidNot},
		"put, as before, nested":              {"PUT", `{"a":{"b":2}}`, &Image{Image: event.Image{Body: []byte(`{"a":{"b":1}}`)}}, 200, `{"a":{"b":1}}`, DidNot},
		"put of nothing, as before":           {"PUT", ``, felix, 200, `{"id":1,"name":"Felix"}`, Unknown},
		"put, gone meanwhile":                 {"PUT", `{"name":"Tom"}`, felix, 404, ``, Unknown},
		"patch, nested":                       {"PATCH", `{"a":{"b":1}}`, felix, 200, `{"a":{"b":1,"c":2}}`, Happened},
		"patch, a list is compared whole":     {"PATCH", `{"a":[1]}`, felix, 200, `{"a":[1,2]}`, Unknown},
		"patch that removes":                  {"PATCH", `{"name":null}`, felix, 200, `{"id":1}`, Happened},
		"delete, gone":                        {"DELETE", ``, felix, 404, ``, Happened},
		"delete, gone (410)":                  {"DELETE", ``, felix, 410, ``, Happened},
		"delete, may never have been there":   {"DELETE", ``, nil, 404, ``, Unknown},
		"delete, was not there":               {"DELETE", ``, nobody, 404, ``, Unknown},
		"delete, still there":                 {"DELETE", ``, felix, 200, `{"id":1,"name":"Felix"}`, DidNot},
		"delete, there, not as it was":        {"DELETE", ``, felix, 200, `{"id":1,"name":"Felix","deleted":true}`, Unknown},
		"delete, there, who knows since when": {"DELETE", ``, nil, 200, `{"id":1,"name":"Felix"}`, Unknown},
		"delete, a page for whatever path":    {"DELETE", ``, felix, 200, `<html>`, Unknown},
		"put, not JSON":                       {"PUT", `{"name":"Tom"}`, felix, 200, `<cat/>`, Unknown},
		"nobody may look":                     {"PUT", `{"name":"Tom"}`, felix, 403, ``, Unknown},
		"duplicate names are no JSON for us":  {"PUT", `{"name":"Tom"}`, felix, 200, `{"name":"Tom","name":"Felix"}`, Unknown},
	} {
		intent := &Intent{Method: c.method, Path: "/cats/1", Thing: true, Body: []byte(c.body), Before: c.before}
		got, now, err := registerAnswers(c.status, c.now).Ask(t.Context(), intent)
		require.NoError(t, err, name)
		require.Equal(t, c.want.String(), got.String(), name)
		if c.want == Happened && c.status == 200 {
			require.JSONEq(t, c.now, string(now), name)
		}
	}
}

// TestWhatIsNotShownToStrangers: a register may answer 404 to who may not see a
// thing. The image was got with the caller's credentials, and those are not kept.
func TestWhatIsNotShownToStrangers(t *testing.T) {
	t.Parallel()
	there, missing := &Image{Image: event.Image{Body: []byte(`{}`)}}, &Image{Missing: true}
	for _, c := range []struct {
		method                  string
		before                  *Image
		credentials, introduced bool
		want                    Finding
	}{
		{"DELETE", there, false, false, Happened},
		{"DELETE", there, true, true, Happened},
		{"DELETE", there, true, false, Unknown},
		{"PUT", missing, false, false, DidNot},
		{"PUT", missing, true, true, DidNot},
		{"PATCH", missing, true, false, Unknown},
	} {
		q := Inquiry{Get: func(context.Context, *Intent, string) (Page, error) {
			return Page{Status: 404, Introduced: c.introduced}, nil
		}}
		i := &Intent{Method: c.method, Path: "/cats/1", Thing: true, Before: c.before, Credentials: c.credentials, Body: []byte(`{"a":1}`)}
		got, _, err := q.Ask(t.Context(), i)
		require.NoError(t, err)
		require.Equal(t, c.want.String(), got.String(), "%+v", c)
	}
}

// TestThereNeverIsAnythingAtAnAction: PUT /cats/1/lock locks, and GET on it is
// 404 before and after.
func TestThereNeverIsAnythingAtAnAction(t *testing.T) {
	t.Parallel()
	i := &Intent{Method: http.MethodPut, Path: "/cats/1/lock", Before: &Image{Missing: true}, Body: []byte(`{"by":"tom"}`)}
	got, _, err := registerAnswers(404, "").Ask(t.Context(), i)
	require.NoError(t, err)
	require.Equal(t, Unknown, got)
}

// TestTheQueryIsAskedFor as it came in: it may say whose cat it is.
func TestTheQueryIsAskedFor(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{"": "/cats/1", "tenant=a&x=%20": "/cats/1?tenant=a&x=%20"} {
		q := Inquiry{Get: func(_ context.Context, _ *Intent, path string) (Page, error) {
			require.Equal(t, want, path)
			return Page{Status: 200}, nil
		}}
		_, _, err := q.Ask(t.Context(), &Intent{Method: http.MethodPut, Path: "/cats/1", Query: "tenant=a&added=1", Asked: query})
		require.NoError(t, err)
	}
}

// TestAPostLeavesNoAddress: only the answer that nobody saw told where it went.
func TestAPostLeavesNoAddress(t *testing.T) {
	t.Parallel()
	q := Inquiry{Get: func(context.Context, *Intent, string) (Page, error) {
		t.Error("asked")
		return Page{}, nil
	}}
	f, _, err := q.Ask(t.Context(), &Intent{Method: http.MethodPost, Path: "/cats"})
	require.NoError(t, err)
	require.Equal(t, Unknown, f)
}

// TestARewrittenPathLeadsElsewhere: the question would take another route than
// the write did.
func TestARewrittenPathLeadsElsewhere(t *testing.T) {
	t.Parallel()
	i := &Intent{Method: http.MethodDelete, Path: "/cats/1", Rewritten: true, Before: &Image{}}
	f, _, err := registerAnswers(404, "").Ask(t.Context(), i)
	require.NoError(t, err)
	require.Equal(t, Unknown, f)
}

func TestARegisterThatCannotBeAskedIsAskedAgain(t *testing.T) {
	t.Parallel()
	intent := &Intent{Method: http.MethodPut, Path: "/cats/1", Body: []byte(`{}`)}
	for _, status := range []int{429, 500, 503} {
		_, _, err := registerAnswers(status, "").Ask(t.Context(), intent)
		require.Error(t, err)
	}
	down := errors.New("refused")
	_, _, err := Inquiry{Get: func(context.Context, *Intent, string) (Page, error) { return Page{}, down }}.Ask(t.Context(), intent)
	require.ErrorIs(t, err, down)
}

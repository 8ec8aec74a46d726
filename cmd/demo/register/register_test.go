package register

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const cats = "/api/objects/pet-store/cat"

func newTestRegister() *Register {
	return New(func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) })
}

// ask sends one request and returns the status and the decoded answer.
func ask(t *testing.T, r http.Handler, method, target, body string) (*httptest.ResponseRecorder, map[string]any) {
	t.Helper()
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	var answer map[string]any
	if w.Body.Len() > 0 {
		require.Equal(t, "application/json", w.Header().Get("Content-Type"))
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	}
	return w, answer
}

func create(t *testing.T, r http.Handler, body string) string {
	t.Helper()
	w, answer := ask(t, r, http.MethodPost, cats, body)
	require.Equal(t, http.StatusCreated, w.Code)
	id, ok := answer["id"].(string)
	require.True(t, ok)
	return id
}

func TestCreateAndGet(t *testing.T) {
	t.Parallel()
	r := newTestRegister()

	w, created := ask(t, r, http.MethodPost, cats, `{"name":"Minoes","age":3,"@self":{"validated":true}}`)
	require.Equal(t, http.StatusCreated, w.Code)
	require.Equal(t, cats+"/"+created["id"].(string), w.Header().Get("Location"))
	require.Equal(t, "Minoes", created["name"])
	self := created["@self"].(map[string]any)
	require.Equal(t, map[string]any{
		"id": created["id"], "uri": w.Header().Get("Location"), "version": "1",
		"register": "pet-store", "schema": "cat", "validated": true,
		"created": "2026-06-01T12:00:00Z", "updated": "2026-06-01T12:00:00Z",
	}, self)

	w, got := ask(t, r, http.MethodGet, w.Header().Get("Location"), "")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, created, got)
}

func TestNumbersKeepTheirSpelling(t *testing.T) {
	t.Parallel()
	w, _ := ask(t, newTestRegister(), http.MethodPost, cats, `{"big":12345678901234567890,"price":1.10}`)
	require.Contains(t, w.Body.String(), `"big":12345678901234567890`)
	require.Contains(t, w.Body.String(), `"price":1.10`)
}

func TestPutReplacesAndPatchMerges(t *testing.T) {
	t.Parallel()
	r := newTestRegister()
	target := cats + "/" + create(t, r, `{"name":"Minoes","age":3}`)

	w, patched := ask(t, r, http.MethodPatch, target, `{"age":4,"@self":{"checked":true}}`)
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "Minoes", patched["name"])
	require.InDelta(t, 4, patched["age"], 0)
	require.Equal(t, true, patched["@self"].(map[string]any)["checked"])
	require.Equal(t, "2", patched["@self"].(map[string]any)["version"])

	w, put := ask(t, r, http.MethodPut, target, `{"name":"Tibbe"}`)
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "Tibbe", put["name"])
	require.NotContains(t, put, "age")
	require.NotContains(t, put["@self"], "checked")
}

func TestDelete(t *testing.T) {
	t.Parallel()
	r := newTestRegister()
	target := cats + "/" + create(t, r, `{}`)

	w, _ := ask(t, r, http.MethodDelete, target, "")
	require.Equal(t, http.StatusNoContent, w.Code)
	require.Zero(t, w.Body.Len())
	w, answer := ask(t, r, http.MethodGet, target, "")
	require.Equal(t, http.StatusNotFound, w.Code)
	require.NotEmpty(t, answer["error"])
}

func TestListFiltersByName(t *testing.T) {
	t.Parallel()
	r := newTestRegister()
	create(t, r, `{"name":"Felix"}`)
	create(t, r, `{"@self":{"name":"Felix"}}`)
	create(t, r, `{"name":"Minoes"}`)
	create(t, r, `{"name":5}`)

	for query, total := range map[string]float64{"": 4, "?name=Felix": 2, "?name=felix": 0, "?name=Minoes": 1} {
		w, answer := ask(t, r, http.MethodGet, cats+query, "")
		require.Equal(t, http.StatusOK, w.Code)
		require.InDelta(t, total, answer["total"], 0, query)
		require.Len(t, answer["results"], int(total), query)
	}
	_, other := ask(t, r, http.MethodGet, "/api/objects/pet-store/dog", "")
	require.Equal(t, []any{}, other["results"])
}

func TestReservedNamesAreDropped(t *testing.T) {
	t.Parallel()
	_, created := ask(t, newTestRegister(), http.MethodPost, cats,
		`{"id":"mine","uuid":"mine","register":"x","schema":"y","_secret":1,"@type":"z","name":"a","@self":{"id":"mine"}}`)
	require.NotEqual(t, "mine", created["id"])
	require.Len(t, created, 3) // name, id, @self
	require.Equal(t, created["id"], created["@self"].(map[string]any)["id"])
}

func TestBadBodies(t *testing.T) {
	t.Parallel()
	r := newTestRegister()
	target := cats + "/" + create(t, r, `{"name":"Minoes"}`)
	for _, body := range []string{"", "null", "[]", `"text"`, `{"a":1} {}`, `{"@self":5}`} {
		for method, where := range map[string]string{http.MethodPost: cats, http.MethodPut: target, http.MethodPatch: target} {
			w, answer := ask(t, r, method, where, body)
			require.Equal(t, http.StatusBadRequest, w.Code, "%s %s", method, body)
			require.NotEmpty(t, answer["error"])
		}
	}
	_, still := ask(t, r, http.MethodGet, target, "")
	require.Equal(t, "Minoes", still["name"])
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		method, target string
		status         int
		allow          string
	}{
		{http.MethodGet, "/index.php/apps/openregister" + cats, http.StatusOK, ""},
		{http.MethodHead, cats, http.StatusOK, ""},
		{http.MethodGet, "/", http.StatusNotFound, ""},
		{http.MethodGet, "/api/objects/", http.StatusNotFound, ""},
		{http.MethodGet, "/api/objects/only-a-register", http.StatusNotFound, ""},
		{http.MethodGet, "/api/objects//cat", http.StatusNotFound, ""},
		{http.MethodGet, cats + "/id/files", http.StatusNotFound, ""},
		{http.MethodGet, "/api/objects/a%2Fb/cat", http.StatusOK, ""},
		{http.MethodDelete, cats, http.StatusMethodNotAllowed, "GET, HEAD, POST"},
		{http.MethodGet, cats + "/none", http.StatusNotFound, ""},
	}
	for _, tc := range cases {
		w := httptest.NewRecorder()
		newTestRegister().ServeHTTP(w, httptest.NewRequest(tc.method, tc.target, http.NoBody))
		require.Equal(t, tc.status, w.Code, "%s %s", tc.method, tc.target)
		require.Equal(t, tc.allow, w.Header().Get("Allow"))
	}
}

func TestObjectRefusesOtherMethods(t *testing.T) {
	t.Parallel()
	r := newTestRegister()
	w, _ := ask(t, r, http.MethodPost, cats+"/"+create(t, r, `{}`), `{}`)
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
	require.Equal(t, "GET, HEAD, PUT, PATCH, DELETE", w.Header().Get("Allow"))
}

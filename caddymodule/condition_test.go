package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/settle"
)

// contended is a register with one cat, that others write to between the
// gateway's look and the client's write.
type contended struct {
	others  int    // writes of others that are still to come
	version int    // of the cat
	fickle  bool   // it refuses every condition
	seen    string // methods and conditions
	refusal func(w http.ResponseWriter) error
}

func (c *contended) serve(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	match := r.Header.Get("If-Match")
	c.seen += r.Method + match + " "
	if r.Method == http.MethodGet {
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, c.version))
		_, _ = fmt.Fprintf(w, `{"name":"Tom","version":%d}`, c.version)
		if c.others > 0 {
			c.others--
			c.version++
		}
		return nil
	}
	w.Header().Set("X-Version", fmt.Sprint(c.version))
	if match != "" && (c.fickle || match != fmt.Sprintf(`"%d"`, c.version)) {
		w.Header().Set("X-Refused", "1")
		return c.refusal(w)
	}
	c.version++
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
	return nil
}

// refuses answers as registers do.
func refuses(w http.ResponseWriter) error {
	w.Header().Set("Content-Length", "5")
	w.WriteHeader(http.StatusPreconditionFailed)
	_ = http.NewResponseController(w).Flush()
	_, err := io.WriteString(w, "stale")
	return err
}

// TestTheGatewaysConditionIsTheGatewaysAffair: the client set none, and gets what
// it would have got without the gateway, whatever others write meanwhile.
func TestTheGatewaysConditionIsTheGatewaysAffair(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		register contended
		seen     string
		quality  string
		before   int // the version that the event tells of
	}{
		"nobody else":                        {contended{}, `GET PUT"0" `, "exact", 0},
		"somebody":                           {contended{others: 1}, `GET PUT"0" GET PUT"1" `, "exact", 1},
		"many":                               {contended{others: 9}, `GET PUT"0" GET PUT"1" GET PUT `, "besteffort", 2},
		"a register that takes no condition": {contended{fickle: true}, `GET PUT"0" GET PUT `, "besteffort", 0},
		"an error instead of an answer": {contended{others: 1, refusal: func(http.ResponseWriter) error {
			return caddyhttp.Error(http.StatusPreconditionFailed, errors.New("stale"))
		}}, `GET PUT"0" GET PUT"1" `, "exact", 1},
		"a refusal that breaks off": {contended{others: 1, refusal: func(w http.ResponseWriter) error {
			_ = refuses(w)
			panic(http.ErrAbortHandler)
		}}, `GET PUT"0" GET PUT"1" `, "exact", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, store := telling(t, "", "", telltale)
			register := c.register
			if register.refusal == nil {
				register.refusal = refuses
			}
			w, err := send(t, h, http.MethodPut, cats+"/7", `{"name":"Felix"}`, caddyhttp.HandlerFunc(register.serve))
			require.NoError(t, err)
			require.Equal(t, c.seen, register.seen)
			require.Equal(t, http.StatusOK, w.Code)
			require.Equal(t, `{"name":"Felix"}`, w.Body.String())
			require.Empty(t, w.Header().Get("X-Refused"), "nothing is left of the refusals")
			told := stored(t, store)
			require.Len(t, told, 1)
			require.Contains(t, string(told[0].Message.Event), `"beforeimage":"`+c.quality+`"`)
			require.Contains(t, string(told[0].Message.Event), fmt.Sprintf(`"before":{"name":"Tom","version":%d}`, c.before))
			require.Empty(t, holds(t, store))
		})
	}
}

// TestTheRegistersOwnRefusalIsTheClients: it may say 412 for reasons of its own.
func TestTheRegistersOwnRefusalIsTheClients(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", telltale)
	writes := 0
	w, err := send(t, h, http.MethodPut, cats+"/7", `{}`, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodGet {
			w.Header().Set("ETag", `"1"`)
			return registerSays(200, `{"name":"Tom"}`)(w, r)
		}
		writes++
		return registerSays(412, `{"message":"no cats on Sundays"}`)(w, r)
	}))
	require.NoError(t, err)
	require.Equal(t, 2, writes, "the second time without a condition, since the cat has not changed")
	require.Equal(t, 412, w.Code)
	require.JSONEq(t, `{"message":"no cats on Sundays"}`, w.Body.String())
	require.Empty(t, stored(t, store))
	require.Empty(t, holds(t, store))
}

// TestARepeatedWriteGoesTheWholeWayAgain: as if the first try had not been.
func TestARepeatedWriteGoesTheWholeWayAgain(t *testing.T) {
	t.Parallel()
	h, _ := telling(t, "", "", telltale)
	register := contended{others: 1, refusal: refuses}
	route := routes(t, `{"routes":[{"group":"handle","handle":[
		{"handler":"rewrite","uri":"/x{http.request.uri.path}"},
		{"handler":"headers","request":{"add":{"X-Hop":["1"]}},"response":{"add":{"X-Back":["1"]}}},
		{"handler":"vars","once":"{http.vars.once}1"},
		{"handler":"oracle","name":"given"}]}]}`)
	var paths, hops, marks []string
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPut, cats+"/7", `{"name":"Felix"}`)
	r.Header.Set("X-Caller", "tom")
	given := caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodPut {
			paths = append(paths, r.URL.Path)
			hops = append(hops, strings.Join(r.Header.Values("X-Hop"), ""))
			mark, _ := caddyhttp.GetVar(r.Context(), "once").(string)
			marks = append(marks, mark)
		}
		return register.serve(w, r)
	})
	err := h.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		return route(w, r.WithContext(context.WithValue(r.Context(), givenKey{}, given)))
	}))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, []string{"/x" + cats + "/7", "/x" + cats + "/7"}, paths)
	require.Equal(t, []string{"1", "1"}, hops)
	require.Equal(t, []string{"1", "1"}, marks)
	require.Equal(t, []string{"1"}, w.Header().Values("X-Back"))
	require.Empty(t, r.Header.Get("If-Match"), "it is no header of the client's")
}

// TestWhatCannotBeRepeatedIsNotBound, nor what has a condition already.
func TestWhatCannotBeRepeatedIsNotBound(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/", strings.NewReader("{}"))
	require.False(t, bindable(r, `"1"`), "the body can be read once")
	r.GetBody = func() (io.ReadCloser, error) { return http.NoBody, nil }
	require.True(t, bindable(r, `"1"`))
	require.False(t, bindable(r, `W/"1"`))
	require.False(t, bindable(r, ``))
	r.Header.Set("If-Unmodified-Since", "yesterday")
	require.False(t, bindable(r, `"1"`))
	require.True(t, bindable(httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "/", http.NoBody), `"1"`))
}

// TestTheHoldDoesNotVouchForTheImage: it may have been written before a repeat.
func TestTheHoldDoesNotVouchForTheImage(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", telltale)
	var held []delivery.Hold
	register := contended{refusal: refuses}
	_, err := send(t, h, http.MethodPut, cats+"/7", `{"name":"Felix"}`, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodPut {
			held, _ = store.Holds(t.Context(), 10)
		}
		return register.serve(w, r)
	}))
	require.NoError(t, err)
	require.Len(t, held, 1)
	var i settle.Intent
	require.NoError(t, i.UnmarshalBinary(held[0].Intent))
	require.Equal(t, "besteffort", string(i.Before.Quality))
	require.Contains(t, string(stored(t, store)[0].Message.Event), `"beforeimage":"exact"`)
}

// TestARepeatThatNobodyWaitsForIsNotMade: nothing has been written.
func TestARepeatThatNobodyWaitsForIsNotMade(t *testing.T) {
	t.Parallel()
	h, store := telling(t, "", "", telltale)
	w := httptest.NewRecorder()
	r := prepared(t, w, http.MethodPut, cats+"/7", `{"name":"Felix"}`)
	ctx, leave := context.WithCancel(r.Context())
	defer leave()
	register := contended{others: 1, refusal: refuses}
	require.NoError(t, h.ServeHTTP(w, r.WithContext(ctx), caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodPut {
			leave()
		}
		return register.serve(w, r)
	})))
	require.Equal(t, `GET PUT"0" `, register.seen)
	require.Empty(t, stored(t, store))
	require.Empty(t, holds(t, store))
}

// TestARepeatNeedsWhatTheFirstTryNeeded: a lookup of the rule that fails then
// refuses the write, which has not happened.
func TestARepeatNeedsWhatTheFirstTryNeeded(t *testing.T) {
	t.Parallel()
	h := provisioned(t, fmt.Sprintf(`{"source":"urn:test","store":{"type":"memory","name":%q},"webhooks":[%s]}`, t.Name(), telltale),
		`{"rules":[{"resource":"cat","path":"/cats/{id}","actions":{"PUT":{"name":"update","after_data_expression":"fetched.owner",
		"lookups":{"owner":{"path_expression":"'/owner'","phase":"before"}}}}}]}`)
	require.NoError(t, h.app.Start())
	t.Cleanup(func() { require.NoError(t, errors.Join(h.app.Stop(), h.app.Cleanup())) })
	register := contended{others: 1, refusal: refuses}
	lookups := 0
	w, err := send(t, h, http.MethodPut, "/cats/7", `{"name":"Felix"}`, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path != "/owner" {
			return register.serve(w, r)
		}
		if lookups++; lookups > 1 {
			return registerSays(500, ``)(w, r)
		}
		return registerSays(200, `{}`)(w, r)
	}))
	require.NoError(t, err)
	require.Equal(t, 503, w.Code)
	require.Contains(t, w.Body.String(), `"urn:voorpoort:problem:lookup_failed"`)
	require.Empty(t, holds(t, h.app.queue.store))
	require.Empty(t, stored(t, h.app.queue.store))
}

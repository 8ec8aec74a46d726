package request

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProblemWrite(t *testing.T) {
	t.Parallel()
	problem := &Problem{
		Status: 422, Reason: "rejected", Title: "Rejected", Detail: "No \"Felix\" in December.\x01\xff",
		Errors: []byte(`[{"field":"name"}]`), Webhook: "felix", EventID: "42",
		RetryAfter: 1500 * time.Millisecond, Header: http.Header{"accept-encoding": {"gzip"}},
	}
	w := httptest.NewRecorder()
	w.Header().Set("Warning", `299 - "old"`)
	problem.Write(w)
	require.Equal(t, 422, w.Code)
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	require.Equal(t, "2", w.Header().Get("Retry-After"))
	require.Equal(t, "gzip", w.Header().Get("Accept-Encoding"))
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	require.NotEmpty(t, w.Header().Get("Warning"))
	require.JSONEq(t, `{"type":"urn:voorpoort:problem:rejected","status":422,"title":"Rejected","detail":"No \"Felix\" in December.\u0001\ufffd",
		"errors":[{"field":"name"}],"webhook":"felix","eventId":"42"}`, w.Body.String())
}

func TestProblemLeavesOut(t *testing.T) {
	t.Parallel()
	require.Equal(t, `{"type":"about:blank","status":500}`, string((&Problem{Status: 500}).AppendJSON(nil)))
	require.Equal(t, `{"type":"urn:voorpoort:problem:invalid_json","status":400,"offset":0}`,
		string((&Problem{Status: 400, Reason: ReasonInvalidJSON, Located: true}).AppendJSON(nil)))
}

func TestProblemErrorTellsNothingOfTheClient(t *testing.T) {
	t.Parallel()
	problem := &Problem{Status: 400, Reason: ReasonInvalidJSON, Detail: "secret", Offset: 7, Located: true}
	require.EqualError(t, problem, "request refused: invalid_json at byte 7 (status 400)")
	problem.Located = false
	require.EqualError(t, problem, "request refused: invalid_json (status 400)")
}

func FuzzProblem(f *testing.F) {
	f.Add("detail", int64(3))
	f.Fuzz(func(t *testing.T, text string, offset int64) {
		problem := &Problem{Status: 400, Reason: Reason(text), Title: text, Detail: text, Webhook: text, EventID: text, Offset: offset, Located: true}
		require.True(t, json.Valid(problem.AppendJSON(nil)))
	})
}

package interceptor_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/interceptor"
)

// TestTheAnswerTable goes through the rows of the contract: what a webhook may
// answer, and what becomes of the write.
func TestTheAnswerTable(t *testing.T) {
	t.Parallel()
	const (
		page  = "text/html; charset=utf-8"
		plain = "text/plain"
		js    = "application/json"
		body  = `{"name": "Felix","age":1.10}`
	)
	type want struct {
		outcome interceptor.Outcome
		reason  interceptor.Reason
		status  int    // of the block
		detail  string // part of it
		errors  string
		body    string // when changed
	}
	approved := want{outcome: interceptor.OutcomeApproved}
	failed := func(reason interceptor.Reason, status int) want {
		return want{outcome: interceptor.OutcomeFailedClosed, reason: reason, status: status}
	}
	rejected := func(status int, detail string) want {
		return want{outcome: interceptor.OutcomeRejected, status: status, detail: detail}
	}
	cases := map[string]struct {
		status            int
		contentType, body string
		validating        bool // the webhook's answers do not change the body
		want              want
	}{
		"204":                                    {status: 204, want: approved},
		"200 empty":                              {status: 200, contentType: js, want: approved},
		"200 white space":                        {status: 200, contentType: js, body: " \n ", want: approved},
		"201 empty":                              {status: 201, want: approved},
		"no data":                                {status: 200, contentType: js, body: `{"message":"Workflow was started"}`, want: approved},
		"approved":                               {status: 200, contentType: js, body: `{"status":"approved"}`, want: approved},
		"approved wins over data":                {status: 200, contentType: js, body: `{"status":"approved","data":{"x":1}}`, want: approved},
		"allowed true":                           {status: 200, contentType: js, body: `{"allowed":true}`, want: approved},
		"null status":                            {status: 200, contentType: js, body: `{"status":null}`, want: approved},
		"data":                                   {status: 200, contentType: js, body: `{"data":{"ok":true}}`, want: want{outcome: interceptor.OutcomeModified, body: `{"name": "Felix","age":1.10,"ok":true}`}},
		"modified":                               {status: 200, contentType: js, body: `{"status":"modified","data":{"name":"Tom"}}`, want: want{outcome: interceptor.OutcomeModified, body: `{"name": "Tom","age":1.10}`}},
		"data without a type":                    {status: 200, contentType: plain, body: `{"data":{"name":"Tom"}}`, want: want{outcome: interceptor.OutcomeModified, body: `{"name": "Tom","age":1.10}`}},
		"data that changes nothing":              {status: 200, contentType: js, body: `{"data":{"name":"Felix"}}`, want: approved},
		"validating: data is ignored":            {status: 200, contentType: js, body: `{"data":{"name":"Tom"}}`, validating: true, want: approved},
		"validating: plain OK":                   {status: 200, contentType: plain, body: `OK`, validating: true, want: approved},
		"validating: a list":                     {status: 200, contentType: js, body: `[]`, validating: true, want: approved},
		"validating: HTML":                       {status: 200, contentType: page, body: `<html>Log in</html>`, validating: true, want: failed(interceptor.ReasonInvalidAnswer, 502)},
		"validating: broken JSON":                {status: 200, contentType: js, body: `{"allowed":`, validating: true, want: failed(interceptor.ReasonInvalidAnswer, 502)},
		"validating: a byte order mark":          {status: 200, contentType: plain, body: "\ufeff{\"allowed\":false}", validating: true, want: failed(interceptor.ReasonInvalidAnswer, 502)},
		"validating: broken JSON as text":        {status: 200, contentType: plain, body: `{"allowed":false,}`, validating: true, want: failed(interceptor.ReasonInvalidAnswer, 502)},
		"validating: broken list as text":        {status: 200, contentType: plain, body: `[{]`, validating: true, want: failed(interceptor.ReasonInvalidAnswer, 502)},
		"HTML":                                   {status: 200, contentType: page, body: `<html>Log in</html>`, want: failed(interceptor.ReasonInvalidAnswer, 502)},
		"plain OK where a body is expected":      {status: 200, contentType: plain, body: `OK`, want: failed(interceptor.ReasonInvalidAnswer, 502)},
		"a list where an object is expected":     {status: 200, contentType: js, body: `[{"data":{}}]`, want: failed(interceptor.ReasonInvalidAnswer, 502)},
		"duplicate member":                       {status: 200, contentType: js, body: `{"allowed":true,"allowed":false}`, want: failed(interceptor.ReasonInvalidAnswer, 502)},
		"modified without data":                  {status: 200, contentType: js, body: `{"status":"modified"}`, want: failed(interceptor.ReasonInvalidAnswer, 502)},
		"allowed is no boolean":                  {status: 200, contentType: js, body: `{"allowed":"false"}`, want: failed(interceptor.ReasonInvalidAnswer, 502)},
		"status is no text":                      {status: 200, contentType: js, body: `{"status":200}`, want: failed(interceptor.ReasonInvalidAnswer, 502)},
		"data that does not fit":                 {status: 200, contentType: js, body: `{"data":[1]}`, want: failed(interceptor.ReasonNotApplicable, 502)},
		"rejected":                               {status: 200, contentType: js, body: `{"status":"rejected","errors":[{"field":"name","message":"taken","code":"dup"}]}`, want: want{outcome: interceptor.OutcomeRejected, status: 422, detail: "taken", errors: `[{"field":"name","message":"taken","code":"dup"}]`}},
		"rejected with a status":                 {status: 200, contentType: js, body: `{"status":"rejected","statusCode":409,"message":"bestaat al"}`, want: rejected(409, "bestaat al")},
		"rejected with a status that is no 4xx":  {status: 200, contentType: js, body: `{"status":"rejected","statusCode":200}`, want: rejected(422, "gave no reason")},
		"rejected with a status that is a text":  {status: 200, contentType: js, body: `{"status":"rejected","statusCode":"409"}`, want: rejected(422, "gave no reason")},
		"rejected in capitals":                   {status: 200, contentType: js, body: `{"status":"Rejected","message":"nee"}`, want: rejected(422, "nee")},
		"allowed false":                          {status: 200, contentType: js, body: `{"allowed":false,"message":"nee"}`, want: rejected(422, "nee")},
		"rejected wins over data":                {status: 200, contentType: js, body: `{"status":"rejected","data":{"x":1},"detail":"nee"}`, want: rejected(422, "nee")},
		"400 with message":                       {status: 400, contentType: js, body: `{"message":"kapot"}`, want: rejected(400, "kapot")},
		"422 with problem":                       {status: 422, contentType: "application/problem+json", body: `{"title":"Ongeldig","detail":"No Felix in December"}`, want: rejected(422, "No Felix in December")},
		"403 with error":                         {status: 403, contentType: js, body: `{"error":"niet bevoegd"}`, want: rejected(403, "niet bevoegd")},
		"409 with error object":                  {status: 409, contentType: js, body: `{"error":{"message":"bezet"}}`, want: rejected(409, "bezet")},
		"400 with title":                         {status: 400, contentType: js, body: `{"title":"Ongeldig"}`, want: rejected(400, "Ongeldig")},
		"400 with errors":                        {status: 400, contentType: js, body: `{"errors":["te lang"]}`, want: want{outcome: interceptor.OutcomeRejected, status: 400, detail: "te lang", errors: `["te lang"]`}},
		"400 with text":                          {status: 400, contentType: plain, body: "  geen kat\n", want: rejected(400, "geen kat")},
		"400 with HTML":                          {status: 400, contentType: page, body: "<h1>Bad</h1>", want: rejected(400, "gave no reason")},
		"404 without anything":                   {status: 404, want: rejected(404, "gave no reason")},
		"408":                                    {status: 408, want: failed(interceptor.ReasonThrottled, 502)},
		"425":                                    {status: 425, want: failed(interceptor.ReasonThrottled, 502)},
		"429":                                    {status: 429, want: failed(interceptor.ReasonThrottled, 502)},
		"500":                                    {status: 500, contentType: js, body: `{"message":"boom"}`, want: failed(interceptor.ReasonServerError, 502)},
		"503":                                    {status: 503, want: failed(interceptor.ReasonServerError, 502)},
		"301":                                    {status: 301, want: failed(interceptor.ReasonRedirect, 502)},
		"307":                                    {status: 307, want: failed(interceptor.ReasonRedirect, 502)},
		"304":                                    {status: 304, want: failed(interceptor.ReasonRedirect, 502)},
		"an unknown status text with data":       {status: 200, contentType: js, body: `{"status":"ok","data":{"ok":true}}`, want: want{outcome: interceptor.OutcomeModified, body: `{"name": "Felix","age":1.10,"ok":true}`}},
		"message of control characters is clean": {status: 400, contentType: js, body: `{"message":"a\u0000\u001b[31m\nb"}`, want: rejected(400, "a[31m b")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := replying(t, c.status, c.contentType, c.body)
			options := merging(nil)
			if c.validating {
				options = nil
			}
			d := decide(t, body, hook(t, "check", s.URL, options))
			require.Len(t, d.Calls, 1)
			require.Equal(t, c.want.outcome, d.Calls[0].Outcome)
			require.Equal(t, c.want.reason, d.Calls[0].Reason)
			if c.want.body != "" {
				require.Equal(t, c.want.body, string(d.Body))
			} else {
				require.False(t, d.Changed)
				require.Equal(t, body, string(d.Body), "byte for byte")
			}
			if c.want.status == 0 {
				require.Nil(t, d.Block)
				return
			}
			require.NotNil(t, d.Block)
			require.Equal(t, c.want.status, d.Block.Status)
			require.Contains(t, d.Block.Detail, c.want.detail)
			require.Equal(t, c.want.errors, string(d.Block.Errors))
			require.Equal(t, "check", d.Block.Webhook)
			require.Equal(t, s.events()[0].ID, d.Block.EventID)
			require.NotContains(t, d.Block.Detail, s.URL, "nobody outside learns where the check lives")
		})
	}
}

// TestAnAnswerInACodingIsAFailure sends a rejection that nobody asked to be
// compressed: what cannot be read is no approval.
func TestAnAnswerInACodingIsAFailure(t *testing.T) {
	t.Parallel()
	for coding, reason := range map[string]interceptor.Reason{
		"gzip": interceptor.ReasonInvalidAnswer, "identity": interceptor.ReasonNone, "": interceptor.ReasonNone,
	} {
		s := answering(t, func(w http.ResponseWriter, _ received) {
			w.Header().Set("Content-Type", "text/plain")
			if coding != "" {
				w.Header().Set("Content-Encoding", coding)
			}
			_, _ = w.Write([]byte("OK"))
		})
		for _, client := range []string{"voorpoort", "net/http"} {
			d := decide(t, `{}`, hook(t, "check", s.URL, object{"client": client}))
			require.Equal(t, reason, d.Calls[0].Reason, coding)
		}
	}
}

func TestALongMessageIsCut(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusBadRequest, "text/plain", strings.Repeat("é", 5000))
	d := decide(t, `{}`, hook(t, "check", s.URL, nil))
	require.Len(t, []rune(d.Block.Detail), 1024)
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := replying(t, http.StatusNoContent, "", "")
	s := answering(t, func(w http.ResponseWriter, _ received) {
		w.Header().Set("Location", elsewhere.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	for _, client := range []string{"voorpoort", "net/http"} {
		d := decide(t, `{}`, hook(t, "check", s.URL, object{"client": client}))
		require.Equal(t, interceptor.ReasonRedirect, d.Calls[0].Reason)
	}
	require.Empty(t, elsewhere.events())
}

func TestWarningsOfAnApprovalReachTheDecision(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusOK, "application/json",
		`{"status":"approved","warnings":["naam is\nvreemd",{"message":"tweede"},3,"",null]}`)
	d := decide(t, `{}`, hook(t, "check", s.URL, nil))
	require.Equal(t, []interceptor.Warning{
		{Webhook: "check", Text: "naam is vreemd"},
		{Webhook: "check", Text: "tweede"},
	}, d.Warnings)
}

func TestWarningsAreBounded(t *testing.T) {
	t.Parallel()
	long := `"` + strings.Repeat("w", 300) + `"`
	s := replying(t, http.StatusOK, "application/json", `{"warnings":[`+long+strings.Repeat(","+long, 99)+`]}`)
	d := decide(t, `{}`, hook(t, "check", s.URL, nil))
	total := 0
	for _, w := range d.Warnings {
		require.LessOrEqual(t, len([]rune(w.Text)), 256)
		total += len(w.Text)
	}
	require.LessOrEqual(t, len(d.Warnings), 16)
	require.LessOrEqual(t, total, 4096)
	require.NotEmpty(t, d.Warnings)
}

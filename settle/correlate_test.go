package settle

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// posted is a cat that somebody posted, with a number of the client's own.
func posted() *Intent {
	return &Intent{Method: http.MethodPost, Path: "/cats", Correlate: "/cats?number=7", Body: []byte(`{"number":7,"name":"Tom"}`)}
}

func TestWhatAPostMadeIsReadBack(t *testing.T) {
	t.Parallel()
	const tom, felix = `{"id":1,"number":7,"name":"Tom"}`, `{"id":2,"number":7,"name":"Felix"}`
	for name, c := range map[string]struct {
		status int
		answer string
		want   string // the resource; "" when it is unknown
	}{
		"itself":                    {200, tom, tom},
		"itself, with a list":       {200, `{"number":7,"name":"Tom","items":[1]}`, `{"number":7,"name":"Tom","items":[1]}`},
		"another":                   {200, felix, ""},
		"a list":                    {200, `[` + felix + `,` + tom + `]`, tom},
		"a list of others":          {200, `[` + felix + `, 7, null]`, ""},
		"an empty list":             {200, `[]`, ""},
		"two that might be meant":   {200, `[` + tom + `,` + tom + `]`, ""},
		"a page":                    {200, `{"count":1,"results":[` + tom + `]}`, tom},
		"items":                     {200, `{"items":[` + tom + `]}`, tom},
		"data":                      {200, `{"data":[` + tom + `]}`, tom},
		"HAL":                       {200, `{"_embedded":{"cats":[` + tom + `],"page":1}}`, tom},
		"HAL with two lists":        {200, `{"_embedded":{"cats":[` + tom + `],"dogs":[]}}`, ""},
		"embedded, not as HAL does": {200, `{"_embedded":[` + tom + `]}`, tom},
		"two lists":                 {200, `{"items":[` + tom + `],"results":[]}`, ""},
		"a list with another name":  {200, `{"cats":[` + tom + `]}`, ""},
		"not JSON":                  {200, `<cat/>`, ""},
		"nothing":                   {204, ``, ""},
		"not there":                 {404, ``, ""},
		"nobody may look":           {401, ``, ""},
	} {
		f, now, err := registerAnswers(c.status, c.answer).Ask(t.Context(), posted())
		require.NoError(t, err, name)
		if c.want == "" {
			require.Equal(t, Unknown, f, "%s: nothing shows that a POST did not happen", name)
			continue
		}
		require.Equal(t, Happened, f, name)
		require.Equal(t, c.want, string(now), name)
	}
}

// TestWhatSaysNothingIsNotLookedFor: every resource has what an empty object has.
func TestWhatSaysNothingIsNotLookedFor(t *testing.T) {
	t.Parallel()
	for _, body := range []string{``, `{}`, `[]`, `"Tom"`} {
		i := posted()
		i.Body = []byte(body)
		f, _, err := registerAnswers(200, `[{"id":1}]`).Ask(t.Context(), i)
		require.NoError(t, err)
		require.Equal(t, Unknown, f, body)
	}
}

func TestAPostIsLookedForAgain(t *testing.T) {
	t.Parallel()
	for _, status := range []int{429, 500, 503} {
		_, _, err := registerAnswers(status, ``).Ask(t.Context(), posted())
		require.Error(t, err)
	}
	down := errors.New("refused")
	_, _, err := Inquiry{Get: func(_ context.Context, _ *Intent, path string) (Page, error) {
		require.Equal(t, "/cats?number=7", path)
		return Page{}, down
	}}.Ask(t.Context(), posted())
	require.ErrorIs(t, err, down)
	i := posted()
	i.Rewritten = true
	f, _, err := registerAnswers(200, `{"number":7,"name":"Tom"}`).Ask(t.Context(), i)
	require.NoError(t, err)
	require.Equal(t, Unknown, f, "the question would take another way")
}

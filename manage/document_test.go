package manage

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// letter is a body as other operations have them.
type letter struct {
	Reason string   `json:"reason"`
	Rate   *float64 `json:"rate"`
	Inner  struct {
		Count int `json:"count"`
	} `json:"inner"`
}

func readLetter(body string) (letter, error) {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return readDocument[letter](httptest.NewRecorder(), r)
}

func TestReadDocument(t *testing.T) {
	read, err := readLetter(`{"reason":"x","rate":null,"inner":{"count":3}}`)
	require.NoError(t, err)
	require.Equal(t, []any{"x", (*float64)(nil), 3}, []any{read.Reason, read.Rate, read.Inner.Count})

	for body, pointer := range map[string]string{
		`{"Reason":"x"}`: "#/Reason", `{"a/b":1}`: "#/a~1b", `{"reason":1}`: "#/reason", `{"inner":{"count":"x"}}`: "#/inner/count",
		`{"rate":1e999}`: "#", `{"reason":`: "#", `[]`: "#",
	} {
		_, err := readLetter(body)
		p, told := problemOf(err)
		require.True(t, told, body)
		require.Equal(t, 400, p.Status)
		require.True(t, strings.HasPrefix(p.Errors[0].Pointer, pointer), "%s: %s", body, p.Errors[0].Pointer)
	}
}

func FuzzReadDocument(f *testing.F) {
	for _, body := range []string{`{"reason":"x"}`, `{"rate":1e400}`, `{"inner":{"count":1.5}}`, `{"inner":null}`, `[`, `{"\u0072eason":"y"}`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if _, err := readLetter(body); err != nil {
			p, told := problemOf(err)
			require.True(t, told)
			require.Contains(t, []int{400, 413}, p.Status)
		}
	})
}

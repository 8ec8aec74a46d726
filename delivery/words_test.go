package delivery

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestWordsAreFoundWhereServicesPutThem(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"message":"boom"}`:                    "boom",
		`{"error":"boom"}`:                      "boom",
		`{"error":{"message":"boom"}}`:          "boom",
		`{"title":"Bad","detail":"boom"}`:       "boom",
		`{"message":"","error":"b"}`:            "b",
		`{"message":"a\r\n\u001b[31mb\u2028c"}`: "a   [31mb c",
		`{"message":5}`:                         "",
		`{"message":"a","message":"b"}`:         "",
		`<html>boom</html>`:                     "",
		``:                                      "",
	} {
		require.Equal(t, want, Words([]byte(answer)), answer)
	}
}

// ON-17: what the receiver says is cut.
func TestLongWordsAreCut(t *testing.T) {
	t.Parallel()
	words := Words([]byte(`{"message":"` + strings.Repeat("é", 5000) + `"}`))
	require.Equal(t, maxLine, utf8.RuneCountInString(words))
	require.True(t, utf8.ValidString(Line(strings.Repeat("é", 5000)[:1001])))
}

func TestAnAttemptIsToldWithTheReceiversWords(t *testing.T) {
	t.Parallel()
	answer := []byte(`{"message":"boom"}`)
	for _, one := range []struct {
		attempt Attempt
		answer  []byte
		want    string
	}{
		{Attempt{Status: 500, Error: "server_error: status 500"}, answer, "server_error: status 500: boom"},
		{Attempt{Status: 500, Error: "server_error: status 500"}, nil, "server_error: status 500"},
		{Attempt{Status: 500}, answer, "boom"},
		{Attempt{Status: 302, Reason: ReasonRedirect, Error: "redirect: status 302: not followed"}, answer, "redirect: status 302: not followed"},
		{Attempt{Status: 200, Success: true}, answer, ""},
	} {
		require.Equal(t, one.want, one.attempt.Told(one.answer))
	}
}

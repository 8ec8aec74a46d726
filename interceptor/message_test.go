package interceptor

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhereAMessageIsLookedFor(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		`{"title":"t","error":"e","detail":"d","message":"m"}`: "m",
		`{"title":"t","error":"e","detail":"d"}`:               "d",
		`{"title":"t","error":"e","errors":[{"message":"x"}]}`: "e",
		`{"title":"t","error":{"message":"em"}}`:               "em",
		`{"title":"t","errors":[{"message":"x"}]}`:             "t",
		`{"errors":[{"message":"x"},{"message":"y"}]}`:         "x",
		`{"errors":["x"]}`:             "x",
		`{"message":" ","detail":"d"}`: "d",
		`{"message":5,"detail":null,"error":[],"title":{},"errors":{}}`: "",
	} {
		require.Equal(t, want, readMessage([]byte(document)), document)
	}
}

func TestWhatIsRepeatedIsCleanAndShort(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a b c", clean("a\u2028b\r\n\tc", 10))
	require.Equal(t, "ab", clean("a\u202e\u200bb", 10), "nothing that turns the line round or hides")
	require.Equal(t, "ab", clean("a\xffb", 10))
	require.Equal(t, "ab…", clean("abcd", 3))
	require.Equal(t, "abc", clean("abc", 3))
}

func TestErrorsAreRepeatedUpToALimit(t *testing.T) {
	t.Parallel()
	array := func(size int) string { return `["` + strings.Repeat("x", size-4) + `"]` }
	require.Equal(t, array(maxErrors), string(readErrors([]byte(`{"errors":`+array(maxErrors)+`}`))))
	require.Nil(t, readErrors([]byte(`{"errors":`+array(maxErrors+1)+`}`)))
	require.Nil(t, readErrors([]byte(`{"errors":{"a":1}}`)))
}

func TestOnlyPlainTextIsRepeated(t *testing.T) {
	t.Parallel()
	for contentType, want := range map[string]string{
		"": "nee", "text/plain": "nee", "text/plain; charset=utf-8": "nee", "text/html": "", "application/octet-stream": "", ";;": "",
	} {
		require.Equal(t, want, reply{contentType: contentType, body: []byte("nee")}.text(), contentType)
	}
	require.Empty(t, reply{body: []byte("ne\xff\xfee")}.text(), "not what it says, or not for people")
}

func TestWarningsAreCounted(t *testing.T) {
	t.Parallel()
	require.Len(t, readWarnings([]byte(`{"warnings":["w"`+strings.Repeat(`,"w"`, 50)+`]}`)), maxWarnings)
	long := `"` + strings.Repeat("w", maxWarning) + `"`
	require.Len(t, readWarnings([]byte(`{"warnings":[`+long+strings.Repeat(","+long, 50)+`]}`)), maxWarningBytes/maxWarning)
	require.Len(t, []rune(readWarnings([]byte(`{"warnings":["` + strings.Repeat("é", 300) + `"]}`))[0]), maxWarning)
	require.Nil(t, readWarnings([]byte(`{"warnings":"w"}`)))
}

func TestWhatIsNoJSONAndMayNotPass(t *testing.T) {
	t.Parallel()
	for contentType, meaning := range map[string]bool{
		"": false, "text/plain": false, "application/octet-stream": false,
		"application/json": true, "application/problem+json; charset=utf-8": true, "text/html": true, "application/xhtml+xml": true,
		"garbage;;": true,
	} {
		require.Equal(t, meaning, reply{contentType: contentType}.claimsMeaning([]byte("OK")), contentType)
	}
	for _, document := range []string{"{", "[", "\ufeff1", "\xff\xfe{", "\x00{"} {
		require.True(t, reply{}.claimsMeaning([]byte(document)), "%q", document)
	}
}

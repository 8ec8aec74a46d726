package strictjson

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestUnquote(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{
		`""`: "", `"abc"`: "abc", `"\"\\\/\b\f\n\r\t"`: "\"\\/\b\f\n\r\t", `"\u0000\u00e9\u20AC"`: "\x00é€",
		`"a\ud83d\ude00b"`: "a😀b", `"😀"`: "😀", `"\uFFFF"`: "\uffff",
	} {
		got, ok := Unquote([]byte(token))
		require.True(t, ok, token)
		require.Equal(t, want, got, token)
		require.True(t, NameIs([]byte(token), want), token)
		require.False(t, NameIs([]byte(token), want+"x"), token)
		require.False(t, NameIs([]byte(token), "x"+want), token)
		if want != "" {
			require.False(t, NameIs([]byte(token), want[:len(want)-1]), token)
			require.False(t, NameIs([]byte(token), ""), token)
		}
	}
	for _, token := range []string{
		``, `"`, `a`, `1`, `null`, `"a`, `a"`, `"a"b"`, `"a" `, ` "a"`, `"\"`, `"\x"`, `"\ud800"`, "\"\xff\"", "\"\n\"", `"\u12"`,
	} {
		_, ok := Unquote([]byte(token))
		require.False(t, ok, token)
		NameIs([]byte(token), "a") // It may answer anything, but not panic.
	}
}

func TestNameIsReadsEscapes(t *testing.T) {
	t.Parallel()
	require.True(t, NameIs([]byte(`"\u0061b"`), "ab"))
	require.True(t, NameIs([]byte(`"a\u0062"`), "ab"))
	require.False(t, NameIs([]byte(`"\u0061b"`), `\u0061b`), "escaped bytes are not the name")
	require.True(t, NameIs([]byte(`"\\u0061b"`), `\u0061b`))
	require.False(t, NameIs([]byte(`"ab"`), "aB"))
}

func TestAppendQuote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": `""`, "abc": `"abc"`, "a\"b\\c": `"a\"b\\c"`, "\n\r\t\b\f\x00\x1f": `"\n\r\t\u0008\u000c\u0000\u001f"`, "<&>": `"<&>"`,
		"\x7f\u2028é😀": "\"\x7f\u2028é😀\"", "a\xffb": "\"a\uFFFDb\"", "\xed\xa0\x80": "\"\uFFFD\uFFFD\uFFFD\"", "\xc3": "\"\uFFFD\"", "\uFFFD": "\"\uFFFD\"",
	} {
		require.Equal(t, want, string(AppendQuote(nil, text)), "%q", text)
	}
	require.Equal(t, `x"1"`, string(AppendQuote([]byte("x"), "1")))
	for n := range 40 { // Every position of a word.
		text := strings.Repeat("a", n) + "\x01" + strings.Repeat("b", 40-n)
		require.Equal(t, `"`+strings.Replace(text, "\x01", `\u0001`, 1)+`"`, string(AppendQuote(nil, text)))
	}
}

func FuzzQuote(f *testing.F) {
	f.Add("plain", `"plain"`)
	f.Add("\x00\xff\"\\\u2028😀", `"\ud83d\ude00\n"`)
	f.Add(strings.Repeat("é", 20), `"\u0061"`)
	f.Fuzz(func(t *testing.T, text, token string) {
		quoted := AppendQuote(nil, text)
		if err := Check(quoted, 0); err != nil {
			t.Fatalf("AppendQuote(%q) = %q: %v", text, quoted, err)
		}
		var parsed string
		if err := json.Unmarshal(quoted, &parsed); err != nil {
			t.Fatal(err)
		}
		want := strings.ToValidUTF8(text, "\uFFFD")
		if back, ok := Unquote(quoted); !ok || back != parsed || (utf8.ValidString(text) && back != text) || !NameIs(quoted, back) {
			t.Fatalf("AppendQuote(%q) = %q, which reads %q; encoding/json reads %q, expected something like %q", text, quoted, back, parsed, want)
		}
		back, ok := Unquote([]byte(token))
		if valid := strings.HasPrefix(token, `"`) && strings.HasSuffix(token, `"`) && Check([]byte(token), 0) == nil; valid != ok {
			t.Fatalf("Unquote(%q) = %q, %v", token, back, ok)
		}
		if ok && (json.Unmarshal([]byte(token), &parsed) != nil || parsed != back || !NameIs([]byte(token), back)) {
			t.Fatalf("Unquote(%q) = %q, encoding/json says %q", token, back, parsed)
		}
		NameIs([]byte(token), text)
	})
}

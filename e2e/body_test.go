package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each body here has two readings, or none. The offset is where a strict reader
// stops, in bytes from 0.
func TestABodyThatIsNotOneStrictValueIsRefused(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, test := range []struct {
		name, body string
		offset     int64
	}{
		{"a name twice", `{"name":"Felix","name":"Minoes"}`, 16},
		{"a name twice, apart", `{"a":1,"b":{"a":2},"a":3}`, 19},
		{"a name twice, deep", `{"a":[{"b":{"c":1,"c":2}}]}`, 18},
		{"a name twice, escaped", `{"name":"Felix","\u006eame":"Minoes"}`, 16},
		{"a name twice, escaped twice", `{"\u006e":1,"\u006E":2}`, 12},
		{"a name twice, escaped slash", `{"a/b":1,"a\/b":2}`, 9},
		{"a name twice, surrogates", `{"😀":1,"\ud83d\ude00":2}`, 10},
		{"an empty name twice", `{"":1,"":2}`, 6},
		{"a name with NUL twice", `{"a\u0000":1,"a\u0000":2}`, 13},
		{"a name twice among many", `{` + manyMembers(5000) + `"m7":0}`, int64(len(manyMembers(5000)) + 1)},
		{"invalid UTF-8", "{\"name\":\"Min\xffoes\"}", 12},
		{"invalid UTF-8 in a name", "{\"na\xffme\":1}", 4},
		{"overlong UTF-8", "{\"name\":\"\xc0\xafetc\"}", 9},
		{"half a character", "{\"name\":\"caf\xc3\"}", 12},
		{"an encoded surrogate", "{\"name\":\"\xed\xa0\x80\"}", 9},
		{"beyond Unicode", "{\"name\":\"\xf4\x90\x80\x80\"}", 9},
		{"a lone high surrogate", `{"name":"\ud83d"}`, 9},
		{"a lone low surrogate", `{"name":"\ude00"}`, 9},
		{"surrogates in the wrong order", `{"name":"\ude00\ud83d"}`, 9},
		{"a surrogate before a letter", `{"name":"\ud83d\u0041"}`, 9},
		{"a lone surrogate in a name", `{"\ud83d":1}`, 2},
		{"a byte order mark", "\xef\xbb\xbf" + aCat, 0},
		{"UTF-16", "\xff\xfe{\x00}\x00", 0},
		{"UTF-16 without a mark", "{\x00}\x00", 1},
		{"UTF-32", "{\x00\x00\x00}\x00\x00\x00", 1},
		{"bytes behind", aCat + "x", 17},
		{"a NUL behind", aCat + "\x00", 17},
		{"a comment behind", aCat + "//", 17},
		{"two values", aCat + aCat, 17},
		{"two values on lines", aCat + "\n" + aCat + "\n", 18},
		{"a value and a number", aCat + " 1", 18},
		{"a record separator", "\x1e" + aCat, 0},
		{"a comment", `{/**/"name":1}`, 1},
		{"a trailing comma", `{"name":1,}`, 10},
		{"a comma too many", `[1,,2]`, 3},
		{"single quotes", `{'name':1}`, 1},
		{"a bare name", `{name:1}`, 1},
		{"NaN", `{"a":NaN}`, 5},
		{"infinity", `{"a":-Infinity}`, 6},
		{"a plus sign", `{"a":+1}`, 5},
		{"a leading zero", `{"a":01}`, 5},
		{"a lone point", `{"a":1.}`, 7},
		{"hexadecimal", `{"a":0x10}`, 6},
		{"True", `{"a":True}`, 5},
		{"a tab in a text", "{\"a\":\"\t\"}", 6},
		{"a line break in a text", "{\"a\":\"\n\"}", 6},
		{"an unknown escape", `{"a":"\x41"}`, 6},
		{"a vertical tab between", "{\"a\":\v1}", 5},
		{"a space that is none", "{\"a\":\u00a01}", 5},
		{"deeper than the limit", nested(129), 128},
		{"far deeper than the limit", nested(500_000), 128},
		{"unfinished", `{"name":"Minoes"`, 16},
		{"unfinished text", `{"name":"Min`, 12},
		{"only white space", " \r\n\t ", 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := s.send(t, message("POST", cats, test.body, asJSON)).refused(t, http.StatusBadRequest, "invalid_json")
			require.NotNil(t, p.Offset, p.Detail)
			require.Equal(t, test.offset, *p.Offset, p.Detail)
			// A type that says nothing of JSON does not help, nor does none.
			s.send(t, message("POST", cats, test.body, "Content-Type: application/vnd.cats+json")).refused(t, http.StatusBadRequest, "invalid_json")
			s.send(t, message("POST", cats, test.body)).refused(t, http.StatusBadRequest, "invalid_json")
			s.send(t, message("POST", cats, test.body, "Content-Type: text/plain")).closed(t)
			s.send(t, message("POST", cats, test.body, asForm)).refusedOrJudged(t)
		})
	}
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`"m` + decimal(i) + `":` + decimal(i) + `,`)
	}
	return b.String()
}

// What is strict goes on byte for byte, whatever a library would make of it.
func TestAStrictBodyArrivesByteForByte(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	for name, body := range map[string]string{
		"huge exponent":            `{"a":1e400,"b":-1E-400}`,
		"more digits than a float": `{"a":12345678901234567890,"b":0.1234567890123456789012345678901234567890}`,
		"a trailing zero":          `{"a":1.10,"b":1.0e+05,"c":-0,"d":-0.0}`,
		"a number of a thousand":   `{"a":` + strings.Repeat("9", 1000) + `}`,
		"order and white space":    "{ \"b\" : 1 ,\r\n\t\"a\" :[ ] }  \n",
		"escapes":                  `{"\u0061\/":"\u00e9\ud83d\ude00\b\f\n\r\t\"\\","é":"😀<>&\u2028"}`,
		"an escaped NUL":           `{"a":"x\u0000y"}`,
		"names that look like syntax": `{"@self.name":1,"a.b":2,"#":3,"*":4,"-1":5,"0":6,"":7,"a":{"a":{"a":1}},` +
			`"__proto__":{"x":1},"A":8}`,
		"as deep as the limit": strings.Repeat(`{"a":`, 127) + "[]" + strings.Repeat("}", 127),
		"many members":         `{` + manyMembers(5000) + `"last":0}`,
		"a long text":          `{"a":"` + strings.Repeat("é", 100_000) + `"}`,
		"empty object":         `{}`,
		"empty array":          ` []`,
		"text":                 `"Minoes"`,
		"number":               `-0`,
		"true":                 `true`,
		"null":                 `null`,
		"no body":              ``,
		"a body that says {}":  `"{}"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, field := range []string{asJSON, "Content-Type: application/problem+json; charset=UTF-8", "X-No: type"} {
				_, a := s.send(t, message("POST", cats, body, field)).judged(t)
				require.Equal(t, body, a.Body)
			}
		})
	}
}

package strictjson

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var validDocuments = []string{
	`null`, `true`, `false`, ` 0 `, `-0`, `1.10`, `1e400`, `-12.5E+007`, `12345678901234567890`, `""`, `"é\u00e9\ud83d\ude00😀"`,
	`{}`, `[]`, "\t\r\n [ ] \n", `{"":{"":{"":[]}}}`, `[[],[[]],{}]`, `{"a":1,"b":{"a":1,"b":[{"a":1},{"a":1}]},"c":"a"}`,
	`{"a":"\"","b":"\\","c":"\/\b\f\n\r\t"}`, `{"a":1,"A":2,"\u0000":3,"ä":4,"a\u0308":5}`, `"12345678901234567890123456789012"`,
	"{\n        \"a\"\n        :\n                1\n        ,\n        \"b\"  : [ 1 , 2 ]\n}", "\"\x7f\u2028\uFEFF\"",
	`[1,-1,0.5,1E5,"x",null,true,false]`, `"\u007f\uD7FF\uE000\uFFFF"`,
}

var refusedDocuments = []struct {
	doc    string
	reason Reason
	offset int
}{
	{``, ReasonUnexpectedEnd, 0},
	{`  `, ReasonUnexpectedEnd, 2},
	{`{`, ReasonUnexpectedEnd, 1},
	{`{"a`, ReasonUnexpectedEnd, 3},
	{`{"a"`, ReasonUnexpectedEnd, 4},
	{`{"a":`, ReasonUnexpectedEnd, 5},
	{`{"a":1`, ReasonUnexpectedEnd, 6},
	{`{"a":1,`, ReasonUnexpectedEnd, 7},
	{`[`, ReasonUnexpectedEnd, 1},
	{`[1`, ReasonUnexpectedEnd, 2},
	{`[1,`, ReasonUnexpectedEnd, 3},
	{`"\u12`, ReasonUnexpectedEnd, 5},
	{`"\`, ReasonUnexpectedEnd, 2},
	{`"\ud800\u`, ReasonUnexpectedEnd, 9},
	{`tru`, ReasonUnexpectedEnd, 3},
	{`-`, ReasonUnexpectedEnd, 1},
	{`1.`, ReasonUnexpectedEnd, 2},
	{`1e`, ReasonUnexpectedEnd, 2},
	{`1e+`, ReasonUnexpectedEnd, 3},
	{`nul1`, ReasonInvalidLiteral, 0},
	{`[TRUE]`, ReasonUnexpectedCharacter, 1},
	{`[NaN]`, ReasonUnexpectedCharacter, 1},
	{`[+1]`, ReasonUnexpectedCharacter, 1},
	{`[.5]`, ReasonUnexpectedCharacter, 1},
	{`01`, ReasonInvalidNumber, 0},
	{`-01`, ReasonInvalidNumber, 1},
	{`[1.]`, ReasonInvalidNumber, 3},
	{`[-a]`, ReasonInvalidNumber, 2},
	{`[1e]`, ReasonInvalidNumber, 3},
	{`0x1`, ReasonTrailingBytes, 1},
	{`{"a":1} x`, ReasonTrailingBytes, 8},
	{`{}{}`, ReasonTrailingBytes, 2},
	{`null,`, ReasonTrailingBytes, 4},
	{`[]]`, ReasonTrailingBytes, 2},
	{"1\x00", ReasonTrailingBytes, 1},
	{`[1,]`, ReasonUnexpectedCharacter, 3},
	{`[,1]`, ReasonUnexpectedCharacter, 1},
	{`[1 2]`, ReasonUnexpectedCharacter, 3},
	{`{"a":1,}`, ReasonUnexpectedCharacter, 7},
	{`{,}`, ReasonUnexpectedCharacter, 1},
	{`{a:1}`, ReasonUnexpectedCharacter, 1},
	{`{'a':1}`, ReasonUnexpectedCharacter, 1},
	{`{"a" 1}`, ReasonUnexpectedCharacter, 5},
	{`{"a":1 "b":2}`, ReasonUnexpectedCharacter, 7},
	{`{"a":}`, ReasonUnexpectedCharacter, 5},
	{`{1:1}`, ReasonUnexpectedCharacter, 1},
	{`[1}`, ReasonUnexpectedCharacter, 2},
	{`{"a":1]`, ReasonUnexpectedCharacter, 6},
	{`[{]`, ReasonUnexpectedCharacter, 2},
	{`[1]//`, ReasonTrailingBytes, 3},
	{"\u00a01", ReasonUnexpectedCharacter, 0},
	{"\v1", ReasonUnexpectedCharacter, 0},
	{"\uFEFF{}", ReasonByteOrderMark, 0},
	{"\"a\nb\"", ReasonControlCharacter, 2},
	{"\"12345678\x00\"", ReasonControlCharacter, 9},
	{"\"1234567890\x1f\"", ReasonControlCharacter, 11},
	{`"\a"`, ReasonInvalidEscape, 1},
	{`"\u00g0"`, ReasonInvalidEscape, 1},
	{`"\U0000"`, ReasonInvalidEscape, 1},
	{"\"\xff\"", ReasonInvalidUTF8, 1},
	{"\"ab\xc3\"", ReasonInvalidUTF8, 3},
	{"\"\xc0\xaf\"", ReasonInvalidUTF8, 1},
	{"\"\xed\xa0\x80\"", ReasonInvalidUTF8, 1},
	{"\"\xf4\x90\x80\x80\"", ReasonInvalidUTF8, 1},
	{"\"\xe2\x82\"", ReasonInvalidUTF8, 1},
	{"{\"\xfe\":1}", ReasonInvalidUTF8, 2},
	{`"\ud800"`, ReasonUnpairedSurrogate, 1},
	{`"\ude00"`, ReasonUnpairedSurrogate, 1},
	{`"x\ud800\ud800"`, ReasonUnpairedSurrogate, 2},
	{`"\ud83dx\ude00"`, ReasonUnpairedSurrogate, 1},
	{`"\ud83d\n"`, ReasonUnpairedSurrogate, 1},
	{`"\ud83d\u0020"`, ReasonUnpairedSurrogate, 1},
	{`{"a":1,"a":2}`, ReasonDuplicateName, 7},
	{`{"a":1,"\u0061":2}`, ReasonDuplicateName, 7},
	{`{"\u0061":1,"a":2}`, ReasonDuplicateName, 12},
	{`{"\u0061":1,"\u0061":2}`, ReasonDuplicateName, 12},
	{`{"":1,"":2}`, ReasonDuplicateName, 6},
	{`[0,{"x":[{"b":{},"a":1,"b":2}]}]`, ReasonDuplicateName, 23},
	{`{"\ud83d\ude00":1,"😀":2}`, ReasonDuplicateName, 18},
	{`{"a":{"b":1,"c":2},"d":{},"a":2}`, ReasonDuplicateName, 26},
}

func TestCheckAcceptsValidDocuments(t *testing.T) {
	t.Parallel()
	for _, doc := range validDocuments {
		require.NoError(t, Check([]byte(doc), 0), doc)
		require.True(t, referenceValid([]byte(doc), DefaultMaxDepth), "the reference disagrees: %s", doc)
	}
}

func TestCheckNamesReasonAndOffset(t *testing.T) {
	t.Parallel()
	for _, test := range refusedDocuments {
		var failure *Error
		require.ErrorAs(t, Check([]byte(test.doc), 0), &failure, test.doc)
		require.Equal(t, test.reason, failure.Reason, test.doc)
		require.Equal(t, test.offset, failure.Offset, test.doc)
		require.False(t, referenceValid([]byte(test.doc), DefaultMaxDepth), "the reference disagrees: %s", test.doc)
	}
}

func TestCheckLooksAtEveryPositionOfAWord(t *testing.T) {
	t.Parallel()
	for before := range 20 {
		for after := range 20 {
			head, tail := strings.Repeat("x", before), strings.Repeat("y", after)
			for bad, reason := range map[string]Reason{
				"\x01": ReasonControlCharacter, "\x80": ReasonInvalidUTF8, `\x`: ReasonInvalidEscape, `\udc00`: ReasonUnpairedSurrogate,
			} {
				var failure *Error
				require.ErrorAs(t, Check([]byte(`"`+head+bad+tail+`"`), 0), &failure)
				require.Equal(t, Error{Offset: before + 1, Reason: reason}, *failure)
			}
			for _, good := range []string{`\"`, `\\`, "é", "€", "😀", `\ud83d\ude00`} {
				require.NoError(t, Check([]byte(`"`+head+good+tail+`"`), 0))
			}
		}
	}
}

func TestCheckDepth(t *testing.T) {
	t.Parallel()
	nested := func(n int) []byte { return []byte(strings.Repeat(`{"a":[`, n/2) + strings.Repeat(`]}`, n/2)) }
	require.NoError(t, Check(nested(DefaultMaxDepth), 0))
	require.NoError(t, Check(nested(DefaultMaxDepth), -1))
	require.NoError(t, Check([]byte(`[[],[],{"a":{}}]`), 3))
	require.NoError(t, Check([]byte(`1`), 1))
	var failure *Error
	require.ErrorAs(t, Check(nested(DefaultMaxDepth+2), 0), &failure)
	require.Equal(t, ReasonTooDeep, failure.Reason)
	require.ErrorAs(t, Check([]byte(`[[[]]]`), 2), &failure)
	require.Equal(t, Error{Offset: 2, Reason: ReasonTooDeep}, *failure)
	require.ErrorAs(t, Check(bytes.Repeat([]byte("["), 1<<20), 0), &failure)
	require.Equal(t, ReasonTooDeep, failure.Reason)
}

func TestErrorTellsTheNameAndCapsIt(t *testing.T) {
	t.Parallel()
	err := Check([]byte(`{"a\n":1,"a\u000a":2}`), 0)
	require.EqualError(t, err, `duplicate member name "a\n" at byte 9`)
	require.EqualError(t, Check([]byte(`[1 2]`), 0), "unexpected character at byte 3")
	long := strings.Repeat("é", 1000)
	var failure *Error
	require.ErrorAs(t, Check([]byte(`{"x`+long+`":1,"x`+long+`":2}`), 0), &failure)
	require.Equal(t, "x"+long[:62], failure.Name, "63 bytes: the next character would be cut in half")
}

// TestCheckManyNames crosses the borders between the ways of comparing names, also in nested objects.
func TestCheckManyNames(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, linearNames - 1, linearNames, linearNames + 1, linearNames + 2, 100, 5000} {
		inner := object(min(n, 40), "id", `1`)
		doc := object(n, "id", inner)
		require.NoError(t, Check([]byte(doc), 0), "%d names", n)
		require.NoError(t, Check([]byte(`[`+doc+`,`+doc+`]`), 0), "%d names", n)
		for _, double := range []int{0, n / 2, n - 1} {
			name := fmt.Sprintf(`"id%d":0}`, double)
			require.Error(t, Check([]byte(doc[:len(doc)-1]+`,`+name), 0), "%d names, number %d twice", n, double)
			escaped := strings.Replace(name, "i", `\u0069`, 1)
			require.Error(t, Check([]byte(doc[:len(doc)-1]+`,`+escaped), 0), "%d names, number %d twice", n, double)
			twice := inner[:len(inner)-1] + `,"id0":0}`
			require.Error(t, Check([]byte(doc[:len(doc)-1]+`,"x":`+twice+`}`), 0), "a duplicate inside, %d names", n)
		}
		// The state that a refused document leaves behind must not matter.
		require.NoError(t, Check([]byte(doc), 0), "%d names", n)
	}
}

// object writes an object with n members whose names begin with prefix.
func object(n int, prefix, value string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%s%d":%s`, prefix, i, value)
	}
	return "{" + b.String()[1:] + "}"
}

func TestNameSetRestoresTheTable(t *testing.T) {
	t.Parallel()
	var s nameSet
	var doc []byte
	add := func(first, n int, prefix string) {
		for i := range n {
			name := fmt.Sprintf("%s%d", prefix, i)
			doc = append(doc, name...)
			require.True(t, s.add(doc, first, len(doc)-len(name), len(name), false))
		}
	}
	add(0, 100, "outer")
	for range 3 {
		used, refs := s.used, len(s.refs)
		add(refs, 3000, "outer")
		require.GreaterOrEqual(t, s.find(doc, refs, []byte("outer2999")), refs)
		require.Equal(t, -1, s.find(doc, refs, []byte("outer3000")))
		s.truncate(refs)
		require.Equal(t, used, s.used)
		for i := range 100 {
			require.Equal(t, i, s.find(doc, 0, fmt.Appendf(nil, "outer%d", i)))
		}
	}
	s.truncate(0)
	require.Zero(t, s.used)
	for _, slot := range s.table {
		require.Zero(t, slot)
	}
}

func FuzzCheck(f *testing.F) {
	for _, doc := range validDocuments {
		f.Add([]byte(doc), 8)
	}
	for _, test := range refusedDocuments {
		f.Add([]byte(test.doc), 128)
	}
	f.Add([]byte(object(20, "k", `[{"k0":1}]`)), 2)
	f.Add([]byte(object(20, "k", `1`)[:150]+`,"\u006b3":1}`), 3)
	f.Fuzz(func(t *testing.T, doc []byte, depth int) {
		if depth <= 0 || depth > 1000 {
			depth = DefaultMaxDepth
		}
		err := Check(doc, depth)
		if want := referenceValid(doc, depth); (err == nil) != want {
			t.Fatalf("Check(%q, %d) = %v, want valid %v", doc, depth, err, want)
		}
		var failure *Error
		if errors.As(err, &failure) && (failure.Offset < 0 || failure.Offset > len(doc) || len(failure.Name) > MaxErrorName) {
			t.Fatalf("Check(%q) = %+v", doc, failure)
		}
		if failure != nil && failure.Reason == ReasonUnexpectedEnd && failure.Offset != len(doc) {
			t.Fatalf("Check(%q) = %+v", doc, failure)
		}
	})
}

package strictjson

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEqual(t *testing.T) {
	t.Parallel()
	shuffled := func(n, step int) string {
		var b strings.Builder
		for i := range n {
			k := strconv.Itoa(i * step % n)
			b.WriteString(`,"k` + k + `":` + k + `.0`)
		}
		return "{" + b.String()[1:] + "}"
	}
	for _, same := range [][2]string{
		{`null`, ` null `},
		{`true`, "true\n"},
		{`"a"`, `"\u0061"`},
		{`"é"`, `"\u00e9"`},
		{`"\ud83d\ude00"`, `"😀"`},
		{`"/"`, `"\/"`},
		{`""`, `""`},
		{`[1,2]`, `[1.0, 20e-1]`},
		{`{"a":1,"b":2}`, `{"b":2,"a":1.0}`},
		{`{"a":{"x":[{"y":1,"z":2}]}}`, `{ "a" : {"x":[ {"z":2,"y":1}]}}`},
		{`{}`, ` { } `},
		{`[]`, `[ ]`},
		{`{"\u0061":1,"b":2}`, `{"b":2,"a":1}`},
		{`{"a":1,"b":2,"c":3}`, `{"a":1,"c":3,"b":2}`},
		{shuffled(101, 1), shuffled(101, 7)},
		{shuffled(17, 1), shuffled(17, 5)},
		{shuffled(16, 3), shuffled(16, 5)},
		{shuffled(10007, 1), shuffled(10007, 5000)},
	} {
		require.True(t, Equal([]byte(same[0]), []byte(same[1])), same)
		require.True(t, Equal([]byte(same[1]), []byte(same[0])), same)
	}
	for _, different := range [][2]string{
		{`null`, `false`},
		{`true`, `false`},
		{`"a"`, `"b"`},
		{`"a"`, `"ab"`},
		{`"\u0061"`, `"b"`},
		{`"\u0061b"`, `"a"`},
		{`"\n"`, `"\\n"`},
		{`1`, `"1"`},
		{`[1,2]`, `[2,1]`},
		{`[1]`, `[1,1]`},
		{`[]`, `{}`},
		{`[]`, `[null]`},
		{`{"a":1}`, `{"a":2}`},
		{`{"a":1}`, `{"b":1}`},
		{`{"a":null}`, `{}`},
		{`{"a":1,"b":2}`, `{"a":1}`},
		{`{"a":1,"b":2}`, `{"b":2,"c":1}`},
		{`{"a":1,"b":2}`, `{"a":1,"c":2}`},
		{`{"a":1,"b":2,"c":3}`, `{"a":1,"c":3}`},
		{``, `null`},
		{`12345678901234567890`, `12345678901234567891`},
		{`0`, `-1`},
		{`[1e400]`, `[1e401]`},
		{shuffled(101, 1), shuffled(103, 7)},
		{shuffled(101, 7), strings.Replace(shuffled(101, 1), "k7", "k_", 1)},
	} {
		require.False(t, Equal([]byte(different[0]), []byte(different[1])), different)
		require.False(t, Equal([]byte(different[1]), []byte(different[0])), different)
	}
}

func TestIndex(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 16, 17, 1000} {
		doc := "{}"
		if n > 0 {
			doc = object(n, `\u006b"`[:6], `[1]`)
		}
		x := NewIndex([]byte(doc))
		require.Equal(t, n, x.Len())
		for i := range n {
			require.Equal(t, i, x.Find([]byte(`"k`+strconv.Itoa(i)+`"`)))
			require.Equal(t, i, x.Find([]byte(`"\u006B`+strconv.Itoa(i)+`"`)))
			require.Equal(t, `"\u006b`+strconv.Itoa(i)+`"`, string(x.Name(i)))
			require.Equal(t, `[1]`, string(x.Value(i)))
		}
		require.Equal(t, -1, x.Find([]byte(`"k`+strconv.Itoa(n)+`"`)))
		require.Equal(t, -1, x.Find([]byte(`"\u006bx"`)))
		require.Equal(t, -1, x.Find(nil))
		x.Release()
	}
	x := NewIndex([]byte(`[1]`))
	require.Zero(t, x.Len())
	x.Release()
	broken := NewIndex([]byte(object(16, "k", "1")[:100] + strings.Repeat(`,"k1":0`, 100)))
	broken.Release()
}

func FuzzEqual(f *testing.F) {
	for i, doc := range validDocuments {
		f.Add([]byte(doc), []byte(validDocuments[(i+1)%len(validDocuments)]))
		f.Add([]byte(doc), []byte(" "+doc))
	}
	f.Add([]byte(`{"a":1,"b":[{"c":2,"d":"x"}]}`), []byte(`{"b":[{"d":"\u0078","c":2.0}],"a":1e0}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		got := Equal(a, b)
		if Check(a, 0) != nil || Check(b, 0) != nil {
			return
		}
		if !Equal(a, a) || got != Equal(b, a) {
			t.Fatalf("Equal(%q, %q) = %v is not a relation of equals", a, b, got)
		}
		if hugeExponent(a) || hugeExponent(b) {
			return
		}
		if want := referenceEqual(referenceParse(a), referenceParse(b)); got != want {
			t.Fatalf("Equal(%q, %q) = %v", a, b, got)
		}
	})
}

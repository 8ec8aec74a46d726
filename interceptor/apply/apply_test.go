package apply

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

// plan compiles a strategy; a mapping is written as pairs "from -> to".
func plan(t testing.TB, s Strategy, mapping ...string) *Plan {
	t.Helper()
	var fields []Field
	for _, pair := range mapping {
		from, to, _ := strings.Cut(pair, " -> ")
		fields = append(fields, Field{From: from, To: to})
	}
	p, err := Compile(s, fields)
	require.NoError(t, err)
	return p
}

// apply applies an answer and checks what holds for all results.
func apply(t testing.TB, p *Plan, body, answer string) (Result, error) {
	t.Helper()
	in := []byte(body)
	result, err := p.Apply(in, []byte(answer))
	require.Equal(t, body, string(in), "the input must be left alone")
	if err != nil || !result.Changed {
		require.False(t, result.Changed)
		require.Empty(t, result.Pointers)
		require.Equal(t, body, string(result.Body))
		if len(in) > 0 {
			require.Same(t, &in[0], &result.Body[0])
		}
		return result, err
	}
	require.NoError(t, strictjson.Check(result.Body, 0), "%s", result.Body)
	require.True(t, result.More || len(result.Pointers) > 0)
	buf := make([]byte, 3, len(body)+len(answer)+100)
	again, err := p.ApplyTo(buf, in, []byte(answer))
	require.NoError(t, err)
	require.Equal(t, result, again)
	return result, nil
}

func TestCompile(t *testing.T) {
	t.Parallel()
	for _, s := range []Strategy{Merge, Replace, MergePatch, JSONPatch} {
		p, err := Compile(s, nil)
		require.NoError(t, err)
		require.Equal(t, s == JSONPatch, p.Deepens())
		_, err = Compile(s, []Field{{From: "a", To: "b"}})
		require.EqualError(t, err, `strategy "`+string(s)+`" takes no field mapping`)
	}
	require.True(t, plan(t, Custom, "a -> b").Deepens())
	_, err := Compile("", nil)
	require.EqualError(t, err, `unknown strategy ""`)
	_, err = Compile("Merge", nil)
	require.Error(t, err)
}

func TestNoData(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{``, ` `, `null`, `[]`, `"data"`, `{}`, `{"status":"approved"}`, `{"Data":{}}`, `{"x":{"data":{}}}`, `{"data":null}`} {
		for _, s := range []Strategy{Merge, Replace, MergePatch, JSONPatch} {
			_, err := apply(t, plan(t, s), `{"a":1}`, answer)
			require.ErrorIs(t, err, ErrNoData, "%s %s", s, answer)
		}
	}
	result, err := apply(t, plan(t, Replace), `{"a":1}`, ` {"status":"modified", "\u0064ata" : 0 }`)
	require.NoError(t, err)
	require.Equal(t, `0`, string(result.Body))
	_, err = apply(t, plan(t, Custom, "a -> b"), `{"a":1}`, ``)
	require.ErrorIs(t, err, ErrNoData)
}

func TestReplace(t *testing.T) {
	t.Parallel()
	p := plan(t, Replace)
	for _, test := range []struct{ body, answer, want string }{
		{`{"a":1,"b":{"c":1,"d":[1,2]}}`, `{"data":{"z":1}}`, `{"z":1}`}, // OR-29
		{`{"a":1}`, `{"data": [1.10, 1e400 ] }`, `[1.10, 1e400 ]`},
		{`[1]`, `{"data":"text"}`, `"text"`},
		{``, `{"data":{"z":1}}`, `{"z":1}`},
	} {
		result, err := apply(t, p, test.body, test.answer)
		require.NoError(t, err)
		require.Equal(t, test.want, string(result.Body))
		require.Equal(t, []string{""}, result.Pointers)
	}
	result, err := apply(t, p, `{"a":1.10,"b":[]}`, `{"data":{"b":[],"a":1.1}}`)
	require.NoError(t, err)
	require.False(t, result.Changed, "the same value")
}

func TestShapeErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		strategy     Strategy
		body, answer string
		want         string
	}{
		{Merge, `{"a":1}`, `{"data":[1]}`, "data must be an object, not an array"},
		{Merge, `{"a":1}`, `{"data":"x"}`, "data must be an object, not a string"},
		{Merge, ``, `{"data":5}`, "data must be an object, not a number"},
		{Merge, `[1]`, `{"data":{"a":1}}`, "body must be an object, not an array"},
		{Merge, `null`, `{"data":{"a":1}}`, "body must be an object, not null"},
		{JSONPatch, `{"a":1}`, `{"data":{"op":"add"}}`, "data must be an array, not an object"},
		{JSONPatch, ``, `{"data":[]}`, "body must be an object, not nothing"},
	} {
		_, err := apply(t, plan(t, test.strategy), test.body, test.answer)
		var failure *ShapeError
		require.ErrorAs(t, err, &failure)
		require.EqualError(t, err, test.want)
	}
	require.EqualError(t, &ShapeError{What: "x.y", Want: strictjson.Object, Have: strictjson.Bool}, `"x.y" must be an object, not a boolean`)
}

func TestErrorsHoldNoBody(t *testing.T) {
	t.Parallel()
	const secret = "s3cret"
	for _, test := range []struct {
		plan   *Plan
		answer string
	}{
		{plan(t, Merge), `{"data":"s3cret"}`},
		{plan(t, Custom, "x -> a.b"), `{"x":"s3cret"}`},
		{plan(t, JSONPatch), `{"data":[{"op":"test","path":"/a","value":"s3cret2"}]}`},
		{plan(t, JSONPatch), `{"data":[{"op":"s3cret","path":"/a","value":"s3cret2"}]}`},
		{plan(t, JSONPatch), `{"data":[{"op":"add","path":"/a/b","value":"s3cret2"}]}`},
		{plan(t, JSONPatch), `{"data":["s3cret"]}`},
	} {
		_, err := apply(t, test.plan, `{"a":"s3cret"}`, test.answer)
		require.Error(t, err)
		for ; err != nil; err = errors.Unwrap(err) {
			require.NotContains(t, err.Error(), secret)
		}
	}
}

package apply

import (
	"bytes"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/voorpoort/voorpoort/strictjson"
)

var fuzzBodies = []string{
	``, `{}`, ` { "a" : 1.10 , "b" : { "c" : [ 1 , 2 ] , "d" : null } } `, `{"a":{"b":{"c":{"d":1e400}}},"x":"\u00e9","\u0061b":12345678901234567890}`,
	`[1,{"a":2},[]]`, `{"data":{"body":1},"body":{"data":2},"@self":{"metadata":{"m":1},"title":"t"}}`, `5`, `{"":{"":{}},"/":9,"~1":10}`,
	`{"0":{"1":[0,1,[2]]},"a":[{"b":1},{"b":2}]}`,
}

var fuzzData = []string{
	`{}`, `{"b":{"c":[9],"d":{"e":null}},"a":null}`, `{"a":{"b":{"c":{"d":10e399,"z":0}}},"n":{"m":null}}`, `[1]`, `"x"`, `{"":{"":{"":1}},"ab":0}`,
	`[{"op":"add","path":"/a","value":{"x":[1]}},{"op":"test","path":"/a/x/0","value":1.0},{"op":"remove","path":"/a/x"}]`,
	`[{"op":"move","from":"/b","path":"/a"},{"op":"copy","from":"/a/c","path":"/b"},{"op":"replace","path":"/b/0","value":"<&>"}]`,
	`[{"op":"add","path":"/1/a","value":1},{"op":"add","path":"/-","value":[]},{"op":"remove","path":"/0"}]`,
}

var fuzzPatches = []string{
	`[{"op":"move","from":"/a","path":"//"},{"op":"remove","path":"//"},{"op":"replace","path":"/","value":0}]`,
	`[{"op":"add","path":"/b/c/01","value":1}]`, `[{"op":"copy","from":"","path":"/x"},{"op":"test","path":"/x/a","value":1.1}]`,
	`[{"op":"add","path":"/b/c/0","value":0},{"op":"move","from":"/b/c/2","path":"/b/c/0"},{"op":"remove","path":"/b/c/1"}]`,
	`[{"op":"replace","path":"","value":5},{"op":"test","path":"","value":5.0},{"op":"move","from":"","path":""}]`,
	`[{"op":"test","path":"/~1","value":9e0},{"op":"remove","path":"/~01"},{"op":"add","path":"/~1","value":"\u0000"}]`,
	`[{"op":"remove","path":"/0/1/0"},{"op":"remove","path":"/0/1/0"},{"op":"add","path":"/0/1/1","value":[]},{"op":"add","path":"/0/1/-","value":null}]`,
}

// wellFormed tells whether a fuzzed document can come to this package at all.
func wellFormed(doc []byte) bool { return strictjson.Check(doc, 64) == nil && len(doc) < 1<<16 }

// expect compares a result with what the reference made.
func expect(t *testing.T, what string, body, answer []byte, result Result, err error, want any, wantErr error) {
	t.Helper()
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%s: body %q, answer %q: error %v, want %v", what, body, answer, err, wantErr)
	}
	if err != nil {
		return
	}
	if !result.Changed {
		if len(body) > 0 && (&result.Body[0] != &body[0] || len(result.Body) != len(body)) {
			t.Fatalf("%s: unchanged, but another body", what)
		}
		if !absent(body) && !strictjson.Equal(body, write(want)) {
			t.Fatalf("%s: body %q, answer %q: unchanged, want %q", what, body, answer, write(want))
		}
		return
	}
	if invalid, ok := errors.AsType[*strictjson.Error](strictjson.Check(result.Body, 5000)); ok {
		if invalid.Reason == strictjson.ReasonTooDeep {
			return // Copied into itself until the reference cannot parse it.
		}
		t.Fatalf("%s: body %q, answer %q: result %q: %v", what, body, answer, result.Body, invalid)
	}
	if !referenceEqual(parse(result.Body), want) {
		t.Fatalf("%s: body %q, answer %q: result %q, want %q", what, body, answer, result.Body, write(want))
	}
	if !absent(body) && strictjson.Equal(result.Body, body) && what != "custom" {
		t.Fatalf("%s: body %q, answer %q: changed into the same value %q", what, body, answer, result.Body)
	}
	if len(result.Pointers) > MaxPointers || len(result.Pointers) == 0 && !result.More {
		t.Fatalf("%s: pointers %q", what, result.Pointers)
	}
}

func FuzzMerge(f *testing.F) {
	for _, body := range fuzzBodies {
		for _, data := range fuzzData {
			f.Add([]byte(body), []byte(data))
		}
	}
	plans := map[Strategy]*Plan{Merge: plan(f, Merge), MergePatch: plan(f, MergePatch), Replace: plan(f, Replace)}
	f.Fuzz(func(t *testing.T, body, data []byte) {
		if !wellFormed(data) || len(body) > 0 && !wellFormed(body) || strictjson.KindOf(data) == strictjson.Null {
			return
		}
		answer := append(append([]byte(` { "data" : `), data...), `, "x":0}`...)
		var target any
		if len(body) > 0 {
			target = parse(body)
		}
		for s, p := range plans {
			original := bytes.Clone(body)
			result, err := p.Apply(body, answer)
			if !bytes.Equal(original, body) {
				t.Fatal("the body was written to")
			}
			var want any
			var wantErr error
			_, bodyIsObject := target.(map[string]any)
			_, dataIsObject := parse(data).(map[string]any)
			switch {
			case s == Replace:
				want = parse(data)
			case s == Merge && (!dataIsObject || len(body) > 0 && !bodyIsObject):
				wantErr = errReference
			case len(body) == 0:
				want = referenceMerge(nil, parse(data), s == MergePatch)
			default:
				want = referenceMerge(parse(body), parse(data), s == MergePatch)
			}
			expect(t, string(s), body, answer, result, err, want, wantErr)
			if result.Changed && len(result.Body) > len(body)+len(data)+1 {
				t.Fatalf("%s: %d bytes from %d and %d", s, len(result.Body), len(body), len(data))
			}
		}
	})
}

func FuzzCustom(f *testing.F) {
	for _, body := range fuzzBodies {
		f.Add([]byte(body), []byte(`{"v":{"a":{"b":1},"c":[1]},"w":1.10}`), "v", "data", "w", "a.b.c")
		f.Add([]byte(body), []byte(`{"v":{"a":{"b":1},"c":[1]},"w":1.10}`), "w", "b", "v", "@self.metadata")
		f.Add([]byte(body), []byte(`{"v":{"a":{"b":1},"c":[1]}}`), "v.c.0", "body.data", "v", "body")
		f.Add([]byte(body), []byte(`{"v":{"b":{"c":{"x":[1]}},"d":null}}`), "v", "a", "v.b", "b")
	}
	f.Fuzz(func(t *testing.T, body, answer []byte, from1, to1, from2, to2 string) {
		// A key that is not UTF-8 cannot be a name: it is written as the replacement character.
		valid := utf8.ValidString(from1) && utf8.ValidString(to1) && utf8.ValidString(from2) && utf8.ValidString(to2)
		if !valid || !wellFormed(answer) || len(body) > 0 && !wellFormed(body) || len(to1)+len(to2) > 200 {
			return
		}
		mapping := []Field{{from1, to1}, {from2, to2}}
		p, err := Compile(Custom, mapping)
		if err != nil {
			return
		}
		result, err := p.Apply(body, answer)
		var target any = map[string]any{}
		if len(body) > 0 {
			target = parse(body)
		}
		want, wantErr := referenceCustom(target, parse(answer), mapping)
		expect(t, "custom", body, answer, result, err, want, wantErr)
	})
}

func FuzzJSONPatch(f *testing.F) {
	for _, body := range fuzzBodies {
		for _, data := range append(fuzzData, fuzzPatches...) {
			f.Add([]byte(body), []byte(data))
		}
	}
	p := plan(f, JSONPatch)
	f.Fuzz(func(t *testing.T, body, data []byte) {
		if !wellFormed(data) || !wellFormed(body) || strictjson.KindOf(data) == strictjson.Null {
			return
		}
		answer := append(append([]byte(`{"data":`), data...), '}')
		result, err := p.Apply(body, answer)
		if errors.Is(err, ErrPatchTooLarge) {
			return
		}
		want, wantErr := referencePatch(parse(body), parse(data))
		expect(t, "json-patch", body, answer, result, err, want, wantErr)
	})
}

package apply

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/sjson"

	"github.com/voorpoort/voorpoort/strictjson"
)

// benchPatch has four leaves, spread over benchBody; the body does not have the first.
const benchPatch = `{"@self":{"validated":true},"eerste":{"naam":"Ander"},"tweede":{"bedrag":12345678901234567891},"zaak":{"resultaat":{"code":"gesloten"}}}`

// benchLeaves is the same as sjson paths, escaped, and raw values.
var benchLeaves = [][2]string{
	{`\@self.validated`, `true`}, {`eerste.naam`, `"Ander"`}, {`tweede.bedrag`, `12345678901234567891`}, {`zaak.resultaat.code`, `"gesloten"`},
}

// benchBody writes a register object of about the given size: many members, short strings, numbers, prose, lists and nested
// objects. What benchPatch changes stands at the beginning, after one and after two thirds, and at the end.
func benchBody(size int) []byte {
	var b strings.Builder
	b.WriteString(`{"@self":{"title":"My Object","description":"Een omschrijving","register":"pet-store","schema":12}`)
	marks := []string{`,"eerste":{"naam":"Een","lijst":[1,2,3]}`, `,"tweede":{"bedrag":12345678901234567890,"valuta":"EUR"}`}
	for i := 0; b.Len() < size-300; i++ {
		if at := 2 - len(marks); len(marks) > 0 && b.Len() > (at+1)*size/3-200 {
			b.WriteString(marks[0])
			marks = marks[1:]
		}
		fmt.Fprintf(&b, `,"aanvraag%d":{"id":"550e8400-e29b-41d4-a716-4466554%05d","bedrag":%d.%02d,"actief":%v,"tags":["nieuw","zaak"]}`+
			`,"naam%d":"Naam nummer %d","aantal%d":%d,"toelichting%d":"Vrije tekst van een zin of twee, zoals mensen die typen in een formulier."`,
			i, i, i*17, i%100, i%2 == 0, i, i, i, i*31, i)
	}
	b.WriteString(strings.Join(marks, "") + `,"zaak":{"nummer":"Z-2025-000123","resultaat":{"code":"open","punten":3}}}`)
	return []byte(b.String())
}

var benchSizes = []struct {
	name string
	size int
}{{"2KiB", 2 << 10}, {"64KiB", 64 << 10}, {"1MiB", 1 << 20}}

// mergeMaps is what one would write with encoding/json.
func mergeMaps(body, data []byte) ([]byte, error) {
	var target, patch map[string]any
	if err := json.Unmarshal(body, &target); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &patch); err != nil {
		return nil, err
	}
	return json.Marshal(referenceMerge(target, patch, false))
}

// mergeLeaves is what one would write with sjson, when the leaves are known.
func mergeLeaves(body []byte) ([]byte, error) {
	var err error
	for _, leaf := range benchLeaves {
		if body, err = sjson.SetRawBytes(body, leaf[0], []byte(leaf[1])); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// TestBenchmarkSubjectsAgree makes sure that the benchmark compares three ways of doing the same.
func TestBenchmarkSubjectsAgree(t *testing.T) {
	t.Parallel()
	for _, size := range benchSizes {
		body := benchBody(size.size)
		result, err := plan(t, Merge).Apply(body, []byte(`{"data":`+benchPatch+`}`))
		require.NoError(t, err)
		leaves, err := mergeLeaves(body)
		require.NoError(t, err)
		require.True(t, strictjson.Equal(result.Body, leaves))
		maps, err := mergeMaps(body, []byte(benchPatch))
		require.NoError(t, err)
		require.False(t, strictjson.Equal(result.Body, maps), "maps of floats lose digits")
		maps = bytes.Replace(maps, []byte("12345678901234567000"), []byte("12345678901234567891"), 1)
		require.True(t, strictjson.Equal(result.Body, maps))
	}
}

// BenchmarkMerge has the ways of merging side by side, so that ratios can be read off one run.
func BenchmarkMerge(b *testing.B) {
	answer := []byte(`{"status":"modified","data":` + benchPatch + `}`)
	p := plan(b, Merge)
	var buf []byte
	for _, size := range benchSizes {
		body := benchBody(size.size)
		for _, way := range []struct {
			name  string
			merge func() ([]byte, error)
		}{
			{"apply", func() ([]byte, error) {
				result, err := p.Apply(body, answer)
				return result.Body, err
			}},
			{"applyTo", func() ([]byte, error) {
				result, err := p.ApplyTo(buf, body, answer)
				buf = result.Body
				return result.Body, err
			}},
			{"maps", func() ([]byte, error) { return mergeMaps(body, []byte(benchPatch)) }},
			{"sjson", func() ([]byte, error) { return mergeLeaves(body) }},
		} {
			b.Run(size.name+"/"+way.name, func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					if merged, err := way.merge(); err != nil || len(merged) == 0 {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkStrategies shows what the other strategies cost on 64 KiB.
func BenchmarkStrategies(b *testing.B) {
	body := benchBody(64 << 10)
	for _, test := range []struct {
		name   string
		plan   *Plan
		answer string
	}{
		{"no-change", plan(b, Merge), `{"data":{"@self":{"title":"My Object"},"zaak":{"nummer":"Z-2025-000123"}}}`},
		{"echo", plan(b, Merge), `{"data":` + string(body) + `}`},
		{"replace", plan(b, Replace), `{"data":` + benchPatch + `}`},
		{"merge-patch", plan(b, MergePatch), `{"data":{"@self":{"title":null},"zaak":{"nummer":"x"}}}`},
		{"custom", plan(b, Custom, "v -> data", "m -> @self.metadata"), `{"v":{"naam0":"x"},"m":{"n":1}}`},
		{"json-patch", plan(b, JSONPatch), `{"data":[{"op":"test","path":"/tweede/valuta","value":"EUR"},{"op":"add","path":"/zaak/x","value":1}]}`},
	} {
		answer := []byte(test.answer)
		b.Run(test.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := test.plan.Apply(body, answer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

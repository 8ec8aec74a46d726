package strictjson

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// benchDocument writes a register object of about the given size: prose, numbers, nested metadata, mostly short strings.
func benchDocument(size int) []byte {
	var b strings.Builder
	b.WriteString(`{"@self":{"title":"My Object","description":"Een omschrijving met meer woorden erin","register":"pet-store","schema":12},"items":[`)
	for i := 0; b.Len() < size-300; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"550e8400-e29b-41d4-a716-4466554%05d","naam":"Aanvraag %d","bedrag":%d.%02d,"actief":%v,"tags":["nieuw","zaak"],`+
			`"locatie":{"straat":"Dorpsstraat","huisnummer":%d,"plaats":"'s-Hertogenbosch"},"toelichting":"Vrije tekst van een zin of twee, zoals mensen die typen in een formulier."}`,
			i, i, i*17, i%100, i%2 == 0, i%300)
	}
	b.WriteString(`],"status":"concept","zaak":{"nummer":"Z-2025-000123","resultaat":{"code":"open","punten":12345678901234567890}}}`)
	return []byte(b.String())
}

var benchSizes = []struct {
	name string
	size int
}{{"2KiB", 2 << 10}, {"64KiB", 64 << 10}, {"1MiB", 1 << 20}}

func BenchmarkCheck(b *testing.B) {
	for _, size := range benchSizes {
		doc := benchDocument(size.size)
		indented, err := json.MarshalIndent(json.RawMessage(doc), "", "  ")
		if err != nil {
			b.Fatal(err)
		}
		for _, variant := range []struct {
			name  string
			doc   []byte
			check func(doc []byte) bool
		}{
			{"ours", doc, func(doc []byte) bool { return Check(doc, 0) == nil }},
			{"ours-indented", indented, func(doc []byte) bool { return Check(doc, 0) == nil }},
			{"encoding/json.Valid", doc, json.Valid},
			{"gjson.ValidBytes", doc, gjson.ValidBytes},
		} {
			b.Run(size.name+"/"+variant.name, func(b *testing.B) {
				b.SetBytes(int64(len(variant.doc)))
				b.ReportAllocs()
				for b.Loop() {
					if !variant.check(variant.doc) {
						b.Fatal("refused")
					}
				}
			})
		}
	}
}

func BenchmarkCheckManyNames(b *testing.B) {
	for _, n := range []int{10, 1000, 1_000_000} {
		doc := []byte(object(n, "name", "1"))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if err := Check(doc, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkGet(b *testing.B) {
	for _, size := range benchSizes {
		doc := benchDocument(size.size)
		b.Run(size.name+"/last-member", func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := Get(doc, "zaak", "resultaat", "punten"); !ok {
					b.Fatal("not found")
				}
			}
		})
	}
}

func BenchmarkEqual(b *testing.B) {
	doc := benchDocument(64 << 10)
	other := []byte(strings.Replace(string(doc), `"bedrag":0.00`, `"bedrag":0.0`, 1))
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if !Equal(doc, other) {
			b.Fatal("different")
		}
	}
}

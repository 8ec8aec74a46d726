package event

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestZGWPreset(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"zgw"}})
	thing := func(path string) string {
		return `{"url":"https://zgw.example` + path + `","uuid":"` + path[strings.LastIndexByte(path, '/')+1:] + `"}`
	}
	for _, test := range []struct{ write, made, typ, subject, data string }{
		{"POST /zaken/api/v1/zaken", "/zaken/api/v1/zaken/abc123", "nl.vng.zgw.zaken.zaak.created", "abc123", `{"zaakUrl":"https://zgw.example/zaken/api/v1/zaken/abc123"}`},
		{"PATCH /zaken/api/v1/zaken/z1", "", "nl.vng.zgw.zaken.zaak.updated", "z1", `{"zaakUrl":"https://zgw.example/zaken/api/v1/zaken/z1"}`},
		{"DELETE /zaken/api/v1/zaken/z1", "", "nl.vng.zgw.zaken.zaak.deleted", "z1", `{"zaakUrl":"https://zgw.example/zaken/api/v1/zaken/z1"}`},
		{"POST /zaken/api/v1/statussen", "/zaken/api/v1/statussen/s1", "nl.vng.zgw.zaken.status.created", "s1", `{"statusUrl":"https://zgw.example/zaken/api/v1/statussen/s1"}`},
		{"PUT /zaken/api/v1/zaken/z1/zaakeigenschappen/e1", "", "nl.vng.zgw.zaken.zaakeigenschap.updated", "e1", `{"zaakeigenschapUrl":"https://zgw.example/zaken/api/v1/zaken/z1/zaakeigenschappen/e1"}`},
		{"DELETE /documenten/api/v1/gebruiksrechten/g1", "", "nl.vng.zgw.documenten.gebruiksrechten.deleted", "g1", `{"gebruiksrechtenUrl":"https://zgw.example/documenten/api/v1/gebruiksrechten/g1"}`},
		{"POST /documenten/api/v1/enkelvoudiginformatieobjecten/d1/lock", "", "nl.vng.zgw.documenten.enkelvoudiginformatieobject.locked", "d1", ""},
		{"POST /catalogi/api/v1/zaaktypen/t1/publish", "", "nl.vng.zgw.catalogi.zaaktype.published", "t1", ""},
		{"PUT /besluiten/api/v1/besluiten/b1", "", "nl.vng.zgw.besluiten.besluit.updated", "b1", `{"besluitUrl":"https://zgw.example/besluiten/api/v1/besluiten/b1"}`},
		{"POST /contactmomenten/api/v1/contactmomenten", "/contactmomenten/api/v1/contactmomenten/c1", "nl.vng.zgw.contactmomenten.contactmoment.created", "c1", `{"contactmomentUrl":"https://zgw.example/contactmomenten/api/v1/contactmomenten/c1"}`},
		{"PUT /klanten/api/v1/klanten/k1", "", "nl.vng.zgw.klanten.klant.updated", "k1", `{"klantUrl":"https://zgw.example/klanten/api/v1/klanten/k1"}`},
	} {
		method, path, _ := strings.Cut(test.write, " ")
		if test.made == "" {
			test.made = path
		}
		ex := answered(request(method, path, "{}"), 200, thing(test.made))
		if method == "DELETE" {
			ex.Response = &Response{Status: 204}
			ex.Before = &Image{Body: []byte(thing(path)), Quality: BestEffort}
		}
		events := after(t, table, ex)
		require.Len(t, events, 1, test.write)
		require.Equal(t, test.typ, events[0].Type.Name)
		require.Equal(t, test.subject, events[0].Subject)
		if test.data != "" {
			require.Equal(t, test.data, toldBy(t, events[0]))
		}
		asked := before(t, table, ex.Request)
		require.Equal(t, test.typ[:strings.LastIndexByte(test.typ, '.')], asked.Type.Name[:strings.LastIndexByte(asked.Type.Name, '.')])
		require.Contains(t, string(asked.AppendJSON(nil, []byte("{}"))), `"data":{"method":`, "interceptors see the request")
	}
	for _, search := range []string{"/zaken/api/v1/zaken/_zoek", "/documenten/api/v1/enkelvoudiginformatieobjecten/_zoek"} {
		_, ok := table.Match("POST", search)
		require.False(t, ok, "a search is no write")
	}
}

// TestZGWTypesFollowOnePattern: nl.vng.zgw.<component>.<resource>.<action>, with the component of the path.
func TestZGWTypesFollowOnePattern(t *testing.T) {
	t.Parallel()
	p, err := loadPreset("zgw")
	require.NoError(t, err)
	for _, r := range p.Rules {
		component, _, _ := strings.Cut(r.Path[1:], "/")
		for _, a := range r.Actions {
			for _, name := range []string{a.Before, a.After} {
				require.Regexp(t, `^nl\.vng\.zgw\.`+component+`\.`+r.Resource+`\.[a-z]+$`, name)
			}
		}
	}
}

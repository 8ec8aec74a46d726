package event

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	klantBase = "/klantinteracties/api/v1"
	zaakA     = "a7b3c8d9-e4f5-6a7b-8c9d-e0f1a2b3c4d5"
	zaakB     = "b7b3c8d9-e4f5-6a7b-8c9d-e0f1a2b3c4d5"
	onderwerp = "5fee9673-216c-41e7-91d2-69a8d1526b9f"
	k1Label   = "Mijn Klantcontact Onderwerp - (99999)"
	k2Label   = "Ander"
	longLabel = "Een onderwerp dat langer is dan wat de afnemer in zijn kolom van tachtig tekens kwijt kan"
)

// openKlant is a fake of the register, as far as documents are looked up.
var openKlant = map[string]string{
	klantBase + "/klantcontacten/k1": `{"uuid":"k1","onderwerp":"Mijn Klantcontact Onderwerp","nummer":"99999"}`,
	klantBase + "/klantcontacten/k2": `{"uuid":"k2","onderwerp":"Ander","nummer":""}`,
	klantBase + "/klantcontacten/k3": `{"uuid":"k3","onderwerp":"` + longLabel + `","nummer":"7"}`,
	klantBase + "/klantcontacten/k1?expand=ging_over_onderwerpobjecten": `{"uuid":"k1","onderwerp":"Mijn Klantcontact Onderwerp","nummer":"99999",` +
		`"_expand":{"ging_over_onderwerpobjecten":[` + linked("k1", zaak(zaakA)) + `,` + linked("k1", kind4("document", zaakA)) + `,` + linked("k1", zaak(zaakB)) + `]}}`,
}

// zaak is the identificator Z(x) of the conformance cases.
func zaak(id string) string { return kind4("zaak", id) }

func kind4(kind, id string) string {
	return fmt.Sprintf(`{"objectId":%q,"codeObjecttype":%q,"codeRegister":"open-zaak","codeSoortObjectId":"uuid"}`, id, kind)
}

// linked is an onderwerpobject as the register answers it.
func linked(contact, ident string) string {
	link := "null"
	if contact != "" {
		link = fmt.Sprintf(`{"uuid":%q,"url":"http://internal/k"}`, contact)
	}
	return fmt.Sprintf(`{"uuid":%q,"url":"http://internal/o","klantcontact":%s,"wasKlantcontact":null,"onderwerpobjectidentificator":%s}`, onderwerp, link, ident)
}

// blank is what the register makes of an identificator of which all or most is missing.
func blank(id string) string {
	return fmt.Sprintf(`{"objectId":%q,"codeObjecttype":"","codeRegister":"","codeSoortObjectId":""}`, id)
}

// link is an event as the cases write it: G(A,k1) or O(A,k1).
type link struct{ kind, zaak, label string }

// linksAfter plays one write and gives its events.
func linksAfter(t *testing.T, cfg Config, write write) []*Event {
	t.Helper()
	cfg.Source = "ok-test"
	cfg.Now = func() time.Time { return time.Date(2025, 10, 10, 0, 0, 0, 0, time.UTC) }
	table, err := Compile(cfg)
	require.NoError(t, err)
	method, target, _ := strings.Cut(write.request, " ")
	path, query, _ := strings.Cut(target, "?")
	m, ok := table.Match(method, klantBase+path)
	if !ok {
		return nil
	}
	req := request(method, klantBase+path, write.body)
	req.Query = query
	req.Header.Set("Host", "other.example")
	req.Header.Set("X-Forwarded-Host", "evil")
	ex := answered(req, write.status, write.answer)
	ex.PublicURL = "http://gw.example"
	ex.Fetch = func(_ context.Context, path string) ([]byte, error) {
		if document, ok := openKlant[path]; ok {
			return []byte(document), nil
		}
		return nil, errors.New("the register answers 404")
	}
	if m.NeedsBefore(func(Type) bool { return true }) && write.old != "" {
		ex.Before = &Image{Body: []byte(write.old), Quality: Exact}
	}
	require.NoError(t, m.Prepare(t.Context(), ex))
	events, err := m.After(t.Context(), ex)
	require.NoError(t, err)
	return events
}

// write is a request, the resource before it, and the register's answer.
type write struct {
	request, body, old string
	status             int
	answer             string
}

func TestOpenKlantCases(t *testing.T) {
	t.Parallel()
	const list, one = "POST /onderwerpobjecten", " /onderwerpobjecten/" + onderwerp
	g := func(zaak, label string) link { return link{"nl.overheid.zaken.zaak-gekoppeld", zaak, label} }
	o := func(zaak, label string) link { return link{"nl.overheid.zaken.zaak-ontkoppeld", zaak, label} }
	k1A, k1B, k1Doc := linked("k1", zaak(zaakA)), linked("k1", zaak(zaakB)), linked("k1", kind4("document", zaakA))
	otherKind := linked("k1", strings.Replace(zaak(zaakA), `"uuid"`, `"other-id-type"`, 1))
	otherRegister := linked("k1", strings.Replace(zaak(zaakA), "open-zaak", "other", 1))
	parity, semantic := Config{Presets: []string{"open-klant"}}, Config{Presets: []string{"open-klant-semantic"}}
	spelled := Config{Presets: parity.Presets, Settings: Settings{"open-klant": {"object_types": []any{"zaak", "zgw-Zaak"}}}}
	long := Config{Presets: parity.Presets, Settings: Settings{"open-klant": {"label_length": 0.0}}}
	made := `{"klantcontact":{"uuid":"k1","onderwerp":"Mijn Klantcontact Onderwerp","nummer":"99999"},"betrokkene":null,"onderwerpobject":` + k1A + `}`

	for _, test := range []struct {
		id    string
		cfg   Config
		write write
		want  []link
	}{
		{"OK-01", parity, write{list, k1A, "", 201, k1A}, []link{g(zaakA, k1Label)}},
		{"OK-02 empty nummer", parity, write{list, "{}", "", 201, linked("k2", zaak(zaakA))}, []link{g(zaakA, k2Label)}},
		{"OK-03 disabled", Config{Presets: []string{"rest"}}, write{list, "{}", "", 201, k1A}, nil},
		{"OK-05 document", parity, write{list, "{}", "", 201, k1Doc}, nil},
		{"OK-06 no klantcontact", parity, write{list, "{}", "", 201, linked("", zaak(zaakA))}, nil},
		{"OK-07 Zaak", parity, write{list, "{}", "", 201, linked("k1", kind4("Zaak", zaakA))}, nil},
		{"OK-07 ZAAK", parity, write{list, "{}", "", 201, linked("k1", kind4("ZAAK", zaakA))}, nil},
		{"OK-07 zgw-Zaak", parity, write{list, "{}", "", 201, linked("k1", kind4("zgw-Zaak", zaakA))}, nil},
		{"OK-07 zgw-Zaak configured", spelled, write{list, "{}", "", 201, linked("k1", kind4("zgw-Zaak", zaakA))}, []link{g(zaakA, k1Label)}},
		{"OK-08 other kind of id", parity, write{list, "{}", "", 201, otherKind}, nil},
		{"OK-10 delete", parity, write{"DELETE" + one, "", k1A, 204, ""}, []link{o(zaakA, k1Label)}},
		{"OK-11 delete, cascade", parity, write{"DELETE" + one + "?cascade=true", "", k1A, 200, `{"behouden":[]}`}, []link{o(zaakA, k1Label)}},
		{"OK-12 delete document", parity, write{"DELETE" + one, "", k1Doc, 204, ""}, nil},
		{"OK-13 delete without klantcontact", parity, write{"DELETE" + one, "", linked("", zaak(zaakA)), 204, ""}, nil},
		{"OK-14 delete, other kind of id", parity, write{"DELETE" + one, "", otherKind, 204, ""}, nil},
		{"OK-15 zaak to document", parity, write{"PUT" + one, "{}", k1A, 200, k1Doc}, []link{o(zaakA, k1Label)}},
		{"OK-16 the same", parity, write{"PUT" + one, "{}", k1A, 200, k1A}, nil},
		{"OK-16 empty PATCH", parity, write{"PATCH" + one, "{}", k1A, 200, k1A}, nil},
		{"OK-17 A to B", parity, write{"PUT" + one, "{}", k1A, 200, k1B}, []link{o(zaakA, k1Label), g(zaakB, k1Label)}},
		{"OK-18 document to B", parity, write{"PUT" + one, "{}", k1Doc, 200, k1B}, []link{g(zaakB, k1Label)}},
		{"OK-19 A to B, k1 to k2", parity, write{"PUT" + one, "{}", k1A, 200, linked("k2", zaak(zaakB))}, []link{o(zaakA, k1Label), g(zaakB, k2Label)}},
		{"OK-20 PATCH of one member", parity, write{"PATCH" + one, `{"onderwerpobjectidentificator":{"objectId":"` + zaakB + `"}}`, k1A, 200, linked("k1", blank(zaakB))}, []link{o(zaakA, k1Label)}},
		{"OK-21 identificator null", parity, write{"PUT" + one, `{"onderwerpobjectidentificator":null}`, k1A, 200, linked("k1", blank(""))}, []link{o(zaakA, k1Label)}},
		{"OK-21 and told as null", parity, write{"PUT" + one, `{"onderwerpobjectidentificator":null}`, k1A, 200, linked("k1", "null")}, []link{o(zaakA, k1Label)}},
		{"OK-21 identificator omitted", parity, write{"PUT" + one, `{"klantcontact":{"uuid":"k1"}}`, k1A, 200, k1A}, nil},
		{"OK-22 klantcontact removed", parity, write{"PATCH" + one, `{"klantcontact":null}`, k1A, 200, linked("", zaak(zaakA))}, nil},
		{"OK-22 klantcontact changed", parity, write{"PATCH" + one, `{"klantcontact":{"uuid":"k2"}}`, k1A, 200, linked("k2", zaak(zaakA))}, nil},
		{"OK-22 semantic, removed", semantic, write{"PATCH" + one, `{"klantcontact":null}`, k1A, 200, linked("", zaak(zaakA))}, []link{o(zaakA, k1Label)}},
		{"OK-22 semantic, changed", semantic, write{"PATCH" + one, "{}", k1A, 200, linked("k2", zaak(zaakA))}, []link{o(zaakA, k1Label), g(zaakA, k2Label)}},
		{"semantic, added", semantic, write{"PATCH" + one, "{}", linked("", zaak(zaakA)), 200, k1A}, []link{g(zaakA, k1Label)}},
		{"semantic, still none", semantic, write{"PATCH" + one, "{}", linked("", zaak(zaakA)), 200, linked("", zaak(zaakA))}, nil},
		{"semantic, the same", semantic, write{"PUT" + one, "{}", k1A, 200, k1A}, nil},
		{"OK-23 other register", parity, write{"PUT" + one, "{}", k1A, 200, otherRegister}, []link{o(zaakA, k1Label), g(zaakA, k1Label)}},
		{"OK-24 400", parity, write{list, "{}", "", 400, `{"code":"invalid"}`}, nil},
		{"OK-24 403", parity, write{"PUT" + one, "{}", k1A, 403, `{"code":"no"}`}, nil},
		{"OK-24 404", parity, write{"DELETE" + one, "", k1A, 404, `{"code":"gone"}`}, nil},
		{"OK-24 500", parity, write{"DELETE" + one, "", k1A, 500, `{}`}, nil},
		{"OK-24 GET", parity, write{"GET" + one, "", "", 200, k1A}, nil},
		{"OK-26 long label", parity, write{list, "{}", "", 201, linked("k3", zaak(zaakA))}, []link{g(zaakA, longLabel[:80])}},
		{"OK-26 long label, wanted", long, write{list, "{}", "", 201, linked("k3", zaak(zaakA))}, []link{g(zaakA, longLabel+" - (7)")}},
		{"OK-26 maak-klantcontact", parity, write{"POST /maak-klantcontact", "{}", "", 201, made}, nil},
		{"OK-26 semantic maak-klantcontact", semantic, write{"POST /maak-klantcontact", "{}", "", 201, made}, []link{g(zaakA, k1Label)}},
		{"semantic maak-klantcontact, no zaak", semantic, write{"POST /maak-klantcontact", "{}", "", 201, `{"klantcontact":{},"onderwerpobject":null}`}, nil},
		{"OK-26 delete klantcontact", parity, write{"DELETE /klantcontacten/k1", "", "", 204, ""}, nil},
		{"OK-26 semantic delete klantcontact", semantic, write{"DELETE /klantcontacten/k1", "", "", 204, ""}, []link{o(zaakA, k1Label), o(zaakB, k1Label)}},
		{"the klantcontact is gone: unlinking needs no label", parity, write{"DELETE" + one, "", linked("k9", zaak(zaakA)), 204, ""}, []link{o(zaakA, "")}},
	} {
		t.Run(test.id, func(t *testing.T) {
			t.Parallel()
			var got []link
			for _, e := range linksAfter(t, test.cfg, test.write) {
				if !strings.Contains(e.Type.Name, "overheid") {
					continue
				}
				var data struct{ Zaak, LinkTo, Label, LinkObjectType string }
				require.NoError(t, json.Unmarshal([]byte(toldBy(t, e)), &data))
				require.Equal(t, "http://gw.example/klantinteracties/api/v1/onderwerpobjecten/"+onderwerp, data.LinkTo, "OK-25: not from the Host")
				require.Equal(t, data.LinkTo, e.Key, "links of one thing arrive in order")
				require.Equal(t, "Onderwerpobject", data.LinkObjectType)
				require.Equal(t, "urn:uuid:"+e.Subject, data.Zaak)
				got = append(got, link{e.Type.Name, e.Subject, data.Label})
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestOpenKlantEnvelope(t *testing.T) {
	t.Parallel()
	made := linked("k1", zaak(zaakA))
	events := linksAfter(t, Config{Presets: []string{"open-klant"}}, write{"POST /onderwerpobjecten", "{}", "", 201, made})
	require.Len(t, events, 1)
	require.JSONEq(t, `{
		"specversion": "1.0", "type": "nl.overheid.zaken.zaak-gekoppeld", "source": "ok-test", "id": "`+testID+`",
		"subject": "a7b3c8d9-e4f5-6a7b-8c9d-e0f1a2b3c4d5", "time": "2025-10-10T00:00:00Z", "datacontenttype": "application/json",
		"data": {
			"zaak": "urn:uuid:a7b3c8d9-e4f5-6a7b-8c9d-e0f1a2b3c4d5", "label": "Mijn Klantcontact Onderwerp - (99999)",
			"linkTo": "http://gw.example/klantinteracties/api/v1/onderwerpobjecten/5fee9673-216c-41e7-91d2-69a8d1526b9f",
			"linkObjectType": "Onderwerpobject"
		}
	}`, string(events[0].AppendJSON(nil, nil)), "OK-01, and OK-26: what is not set is left out")
}

// TestOpenKlantWithoutASource is OK-04.
func TestOpenKlantWithoutASource(t *testing.T) {
	t.Parallel()
	table, err := Compile(Config{Presets: []string{"open-klant"}})
	require.NoError(t, err)
	require.Len(t, table.Warnings(), 1)
	_, ok := table.Match("POST", klantBase+"/onderwerpobjecten")
	require.False(t, ok)
}

// TestOpenKlantEventsHaveIDsOfTheirOwn is OK-09.
func TestOpenKlantEventsHaveIDsOfTheirOwn(t *testing.T) {
	t.Parallel()
	put := write{"PUT /onderwerpobjecten/" + onderwerp, "{}", linked("k1", zaak(zaakA)), 200, linked("k1", zaak(zaakB))}
	events := linksAfter(t, Config{Presets: []string{"open-klant"}}, put)
	require.Equal(t, testID, events[0].ID)
	require.NotEqual(t, testID, events[1].ID)
	again := linksAfter(t, Config{Presets: []string{"open-klant"}}, put)
	require.Equal(t, events[1].ID, again[1].ID, "the same exchange, the same ids")
}

// TestOpenKlantLinksToZakenOnly: the consumer fails for a day on what is not a UUID (OK-26).
func TestOpenKlantLinksToZakenOnly(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"open-klant"}, Source: "ok-test"})
	require.True(t, table.NeedsPublicURL())
	for _, id := range []string{"", "ZAAK-2025-1", zaakA + "x", "urn:uuid:" + zaakA} {
		var warnings []Warning
		ex := answered(request("POST", klantBase+"/onderwerpobjecten", "{}"), 201, linked("k1", zaak(id)))
		ex.Warn = func(w Warning) { warnings = append(warnings, w) }
		require.Empty(t, after(t, table, ex), id)
		require.Equal(t, []Warning{{Rule: "open-klant/onderwerpobjecten", Type: Type{Name: "nl.overheid.zaken.zaak-gekoppeld"}, Reason: "require"}}, warnings)
	}
}

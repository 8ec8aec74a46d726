package event

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// goodEvent keeps to the profile in everything.
const goodEvent = `{"specversion":"1.0","id":"f3dce042-cd6e-4977-844d-05be8dce7cea","source":"urn:nld:oin:00000099123456789000:systeem:register",` +
	`"type":"nl.voorbeeld-register.object-aangemaakt","time":"2025-01-02T03:04:05Z","dataschema":"https://gw.example/schemas/object.json",` +
	`"datacontenttype":"application/json","data":{"id":"a"}}`

// with gives the good event with other or more attributes: each replaces the one of its name, null removes it.
func with(members string) string {
	event := goodEvent
	for part := range strings.SplitSeq(members, "; ") {
		name, value, _ := strings.Cut(part, "=")
		if start := strings.Index(event, `"`+name+`":`); start >= 0 {
			end := start + strings.IndexAny(event[start:], ",}") + 1
			event = event[:start] + event[end:]
		}
		event = `{"` + name + `":` + value + "," + event[1:]
	}
	return event
}

// codes are the codes of findings, with "!" behind errors and "^" behind what the strict profile takes for one.
func codes(findings []Finding) string {
	out := make([]string, len(findings))
	for i, f := range findings {
		out[i] = strings.TrimPrefix(f.Code, "NLV-") + map[bool]string{true: "!"}[f.Severity == SeverityError] + map[bool]string{true: "^"}[f.Strict]
	}
	return strings.Join(out, " ")
}

func TestProfile(t *testing.T) {
	t.Parallel()
	profile := &checker{now: func() time.Time { return time.Date(2025, 1, 2, 3, 0, 0, 0, time.UTC) }}
	for members, want := range map[string]string{
		`source="urn:nld:kvknr:09220932:burgerzaken"`:           "",
		`subject=null; dataref=null; sequence=null`:             "", // null is absent
		`sequence="42"; sequencetype="Integer"`:                 "",
		`gwflag=true; gwcount=-2147483648; gwtext="é"`:          "",
		`traceparent="00-0af7651916cd43dd-999990342-01"`:        "",
		`specversion="1.0.2"`:                                   "01!",
		`specversion=1.0`:                                       "01! 92!",
		`id=""`:                                                 "02!",
		`id=5`:                                                  "02!",
		`source=null`:                                           "10!",
		`source="urn:nld:gemeente-Bergen (L)"`:                  "10!",
		`source="https://openconnector.yourdomain.nl"`:          "11^",
		`source="/a"; dataref="/a"`:                             "16! 11^",
		`source="urn:nld:oin:00000001823288444000"`:             "12",
		`source="urn:nld:gemeente-nijmegen"`:                    "12",
		`source="urn:nld:gemeente-nijmegen.burgerzaken"`:        "17",
		`source="urn:nld:oin:01823288444:openklant"`:            "13^", // seed 001: 11 digits
		`source="URN:NLD:oin:00000042823288444000:systeem:x"`:   "14",
		`source="urn:nld:kvknr:922093:x"`:                       "15",
		`type=""`:                                               "20!",
		`type="salary paid"`:                                    "20!",
		`type="object.creating"`:                                "21!", // seed 002
		`type="nl..x"`:                                          "21!",
		`type="nl.Zaak"`:                                        "22",
		`type="nl.brp.x.v2"`:                                    "",
		`type="nl.x.v1.y.v2"`:                                   "23!",
		`type="nl.brp.x.v0.1.0"`:                                "24",
		`type="nl.vng.zgw.zaken.zaak.created"`:                  "25", // seed 000
		`type="nl.gemeente-nijmegen.x"`:                         "25",
		`time="2021-12-10T17:31:00"`:                            "30!",
		`time=1700000000`:                                       "30!",
		`time="2021-12-10t17:31:00z"`:                           "31",
		`time="2021-12-10T17:31:00-00:00"`:                      "31",
		`time="2025-01-02T03:05:01Z"`:                           "32",
		`subject=""`:                                            "40!",
		`subject="999990342"`:                                   "41^",
		`subject="123456789"`:                                   "",
		`subject="persoon 999990342 en meer"`:                   "41^",
		`subject="a7b3c8d9-e4f5-6a7b-8c9d-e999990342b5"`:        "",
		`datacontenttype="json"`:                                "50!",
		`datacontenttype="text/xml"`:                            "51",
		`datacontenttype="application/merge-patch+json"`:        "",
		`dataschema="/y.json"`:                                  "60!",
		`dataref="::"`:                                          "70!",
		`sequence=7`:                                            "80!",
		`sequencetype="Integer"`:                                "81!",
		`sequence="42"; sequencetype="integer"`:                 "82",
		`sequence="2147483648"; sequencetype="Integer"`:         "83!",
		`open_register="x"`:                                     "90!",
		`openRegister="x"`:                                      "90!",
		`abcdefghijklmnopqrstu="x"`:                             "91",
		`openregister={"app":"x"}`:                              "92!", // seed 002
		`score=1.9`:                                             "92!",
		`n=2147483648`:                                          "92!",
		`list=[]`:                                               "92!",
		`subject="a\u0001b"`:                                    "92!",
		`a=1; b=1; c=1; d=1; e=1; f=1; g=1; h=1; i=1; j=1; k=1`: "93",
		`data_base64="e30="`:                                    "95!",
		`subject="` + strings.Repeat("x", 64<<10) + `"`:         "96^",
	} {
		require.Equal(t, want, codes(profile.check([]byte(with(members)))), "%.80s", members)
	}
	require.Empty(t, new(checker).check([]byte(goodEvent)))
	for _, raw := range []string{``, `[`, `[{}]`, `{"id":"1","id":"2"}`, `"x"`} {
		require.Equal(t, "95!", codes(new(checker).check([]byte(raw))), raw)
	}
}

func TestProfileWithRandomIDs(t *testing.T) {
	t.Parallel()
	profile := &checker{randomIDs: true}
	require.Empty(t, profile.check([]byte(goodEvent)))
	require.Equal(t, "03", codes(profile.check([]byte(with(`id="1"`)))))
	require.Equal(t, "04!", codes(profile.check([]byte(with(`dataschema=null`)))))
}

func TestElevenTest(t *testing.T) {
	t.Parallel()
	for digits, want := range map[string]bool{"999990342": true, "123456789": false, "000000000": false, "99999034": false, "9999903422": false} {
		require.Equal(t, want, elevenTest(digits), digits)
	}
}

func TestFindingsTellNoValues(t *testing.T) {
	t.Parallel()
	for _, f := range new(checker).check([]byte(with(`subject="999990342"; source="geheim x"; score={"geheim":1}; type="geheim geheim"`))) {
		require.NotContains(t, f.String(), "geheim")
		require.NotContains(t, f.String(), "999990342")
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(goodEvent))
	f.Add([]byte(with(`sequence="x"; sequencetype="Integer"`)))
	f.Add([]byte(`{"source":"urn:nld:","type":".","time":"","datacontenttype":";"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, finding := range (&checker{randomIDs: true}).check(raw) {
			require.NotEmpty(t, finding.Code)
			require.NotEmpty(t, finding.Message)
		}
	})
}

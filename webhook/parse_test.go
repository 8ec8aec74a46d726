package webhook

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

const everything = `{
	"uuid": "0199e2a4-7c00-7000-8000-000000000001",
	"name": "All of it",
	"url": "https://hooks.example/in?token=abc",
	"method": "PUT",
	"events": ["object.creating", "*.updating"],
	"headers": {"Authorization": "Bearer t", "X-Custom-Header": "value"},
	"secret": ["whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="],
	"signature": ["standard-webhooks", "sha256"],
	"enabled": false,
	"filters": {"objectType": "object", "n": [5, null, "x", true], "gone": null},
	"when": "request.method == 'POST'",
	"timeout": "1500ms",
	"contentType": "application/cloudevents+json",
	"client": "net/http",
	"proxy": "http://user:pass@proxy.example:3128",
	"tls": {"serverName": "inner.example", "insecureSkipVerify": true},
	"configuration": {
		"interceptRequests": true, "async": false, "processResponse": true,
		"responseProcessing": {"mergeStrategy": "custom", "fieldMapping": {"z": "data", "a.b": "@self.a"}},
		"onFailure": "allow", "onTimeout": "flag", "onUnreachable": "reject",
		"mode": "warn", "order": -3,
		"breaker": {"failures": 0, "pause": 2, "maxPause": "1m"},
		"maxAnswer": 4096
	}
}`

func TestParseEveryMember(t *testing.T) {
	t.Parallel()
	w, err := Parse([]byte(everything))
	require.NoError(t, err)
	require.Equal(t, Webhook{
		UUID: "0199e2a4-7c00-7000-8000-000000000001", Name: "All of it",
		URL: NewAddress("https://hooks.example/in?token=abc"), Method: "PUT",
		Events:  []string{"object.creating", "*.updating"},
		Headers: []Header{{"Authorization", NewSecret("Bearer t")}, {"X-Custom-Header", NewSecret("value")}},
		Secrets: []Secret{
			NewSecret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
			NewSecret("whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="),
		},
		Signatures: []Scheme{StandardWebhooks, SHA256},
		Disabled:   true,
		Filters: []Filter{
			{"objectType", [][]byte{[]byte(`"object"`)}},
			{"n", [][]byte{[]byte(`5`), []byte(`null`), []byte(`"x"`), []byte(`true`)}},
			{"gone", [][]byte{[]byte(`null`)}},
		},
		When: "request.method == 'POST'", Timeout: 1500 * time.Millisecond,
		ContentType: ContentTypeCloudEvents, Client: ClientNetHTTP, Proxy: NewAddress("http://user:pass@proxy.example:3128"),
		TLS: TLS{ServerName: "inner.example", InsecureSkipVerify: true},
		Configuration: Configuration{
			InterceptRequests: true, ProcessResponse: true,
			ResponseProcessing: ResponseProcessing{Custom, []Mapping{{"z", "data"}, {"a.b", "@self.a"}}},
			OnFailure:          Allow, OnTimeout: Flag, OnUnreachable: Reject,
			Mode: Warn, Order: -3, Breaker: Breaker{-1, 2 * time.Second, time.Minute}, MaxAnswer: 4096,
		},
	}, w)

	h := compile(t, w)
	require.Zero(t, h.Breaker.Failures, "failures 0 turns the breaker off")
	require.Equal(t, []Mapping{{"z", "data"}, {"a.b", "@self.a"}}, h.Mapping)
	require.Equal(t, Flag, h.OnTimeout)
	require.Equal(t, "proxy.example:3128", h.Proxy.Host)

	var same Webhook
	require.NoError(t, json.Unmarshal([]byte(everything), &same))
	require.Equal(t, w, same)
}

// TestParseFaults: an unknown member or a wrong type is a fault that says
// where, never a silent default.
func TestParseFaults(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		`[]`:                          `an object, not a list`,
		`"x"`:                         `must be an object, not a text`,
		`{"Name":"x"}`:                `/Name: is unknown`, // case matters
		`{"retries":1}`:               `/retries: is unknown`,
		`{"a/b~c":1}`:                 `/a~1b~0c: is unknown`,
		`{"name":5}`:                  `/name: must be a text, not a number`,
		`{"name":["x"]}`:              `/name: must be a text, not a list`,
		`{"enabled":"false"}`:         `/enabled: must be true or false, not a text`,
		`{"enabled":0}`:               `/enabled: must be true or false, not a number`,
		`{"events":"object.*"}`:       `/events: must be a list of texts, not a text`,
		`{"events":["a",1]}`:          `/events/1: must be a text, not a number`,
		`{"headers":{"X":1}}`:         `/headers/X: must be a text, not a number`,
		`{"headers":["X: 1"]}`:        `/headers: must be an object, not a list`,
		`{"secret":5}`:                `/secret: must be a text or a list of texts, not a number`,
		`{"secret":["a",null]}`:       `/secret/1: must be a text, not null`,
		`{"signature":{}}`:            `/signature: must be a text or a list of texts, not an object`,
		`{"filters":[1]}`:             `/filters: must be an object, not a list`,
		`{"timeout":0}`:               `/timeout: must be a positive number of whole seconds, or a text such as "1500ms", "3s" or "1m30s"`,
		`{"timeout":-1}`:              `/timeout: must be a positive`,
		`{"timeout":1.5}`:             `/timeout: must be a positive`,
		`{"timeout":"30"}`:            `/timeout: must be a positive`,
		`{"timeout":true}`:            `/timeout: must be a positive`,
		`{"timeout":99999999999999}`:  `/timeout: must be a positive`,
		`{"tls":{"skipVerify":true}}`: `/tls/skipVerify: is unknown`,
		`{"configuration":{"interceptRequest":true}}`:                           `/configuration/interceptRequest: is unknown`,
		`{"configuration":{"order":1.5}}`:                                       `/configuration/order: must be an integer from -2147483648 to 2147483647`,
		`{"configuration":{"order":"1"}}`:                                       `/configuration/order: must be an integer`,
		`{"configuration":{"maxAnswer":0}}`:                                     `/configuration/maxAnswer: must be an integer from 1 to 1073741824`,
		`{"configuration":{"breaker":{"failures":"5"}}}`:                        `/configuration/breaker/failures: must be an integer`,
		`{"configuration":{"breaker":true}}`:                                    `/configuration/breaker: must be an object, not a boolean`,
		`{"configuration":{"responseProcessing":{"strategy":"merge"}}}`:         `/configuration/responseProcessing/strategy: is unknown`,
		`{"configuration":{"responseProcessing":{"fieldMapping":{"a":["b"]}}}}`: `/configuration/responseProcessing/fieldMapping/a: must be a text, not a list`,
	} {
		_, err := Parse([]byte(document))
		require.ErrorContains(t, err, want, document)
		require.Len(t, fieldErrors(t, err), 1, document)
	}
}

func TestParseCollectsAllFaults(t *testing.T) {
	t.Parallel()
	_, err := Parse([]byte(`{"name":"n","url":1,"tls":{"x":1},"configuration":{"mode":2,"y":3}}`))
	require.EqualError(t, err, `webhook "n": /url: must be a text, not a number; /tls/x: is unknown; `+
		`/configuration/mode: must be a text, not a number; /configuration/y: is unknown`)
}

func TestParseBadJSON(t *testing.T) {
	t.Parallel()
	for _, document := range []string{``, `{`, `{"name":"a","name":"b"}`, `{"filters":{"a":1,"\u0061":2}}`, `{} {}`, "{\"name\":\"\xff\"}"} {
		_, err := Parse([]byte(document))
		var fault *strictjson.Error
		require.ErrorAs(t, err, &fault, document)
	}
}

// TestParseNullAndEmptyArray: OpenRegister skips nulls and writes an empty map
// as [].
func TestParseNullAndEmptyArray(t *testing.T) {
	t.Parallel()
	w, err := Parse([]byte(`{"name":null,"url":null,"events":null,"headers":[],"secret":null,"enabled":null,"filters":[],
		"timeout":null,"configuration":[],"tls":null,"signature":null,"uuid":null}`))
	require.NoError(t, err)
	require.Equal(t, Webhook{}, w)
}

// FuzzParse: whatever is parsed can be written in full and read back the same,
// and whatever compiles never shows its secrets.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{seedFelix, seedRequestValidator, seedValidation, seedNotification, seedMyWebhook, everything, everyDelivery, everyZGW, `{}`, `[]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		w, err := Parse(raw)
		if err != nil {
			return
		}
		again, err := Parse(w.Plain())
		if err != nil {
			t.Fatalf("%s\nwritten as %s\n%v", raw, w.Plain(), err)
		}
		require.Equal(t, string(w.Plain()), string(again.Plain()))
		require.NoError(t, strictjson.Check(w.document(false), maxParseDepth))
		h, err := Compile(w, Defaults{})
		if err == nil {
			require.Positive(t, h.Timeout)
			require.NotNil(t, h.URL)
		}
	})
}

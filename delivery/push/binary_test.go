package push

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

// fieldsOf gives the fields by name.
func fieldsOf(e binaryEvent) map[string]string {
	fields := map[string]string{}
	for _, f := range e.fields {
		fields[f.name] = f.value
	}
	return fields
}

func TestBinaryHasAttributesInFields(t *testing.T) {
	t.Parallel()
	in := inputOf(testEvent)
	in.sequence = true
	e, ok := appendBinary([]byte(""), in)
	require.True(t, ok)
	require.Equal(t, testData, string(e.body), "the data as it was stored")
	require.Equal(t, "application/json", e.contentType)
	require.Equal(t, map[string]string{
		"Ce-Specversion": "1.0", "Ce-Id": testID, "Ce-Type": "object.created",
		"Ce-Source": "urn:nld:oin:00000099123456789000:systeem:register", "Ce-Time": "2026-01-02T02:04:05.678Z",
		"Ce-Subject": "object:register-1/schema-2", "Ce-Openregisterapp": "openregister", "Ce-Openregisterversion": "2.1.0",
		"Ce-Sequence": "00000000000000000042",
	}, fieldsOf(e), "and no ce-datacontenttype")
}

func TestBinaryBodies(t *testing.T) {
	t.Parallel()
	for event, want := range map[string][2]string{
		`{"data":{"a":1}}`: {`{"a":1}`, typeJSON},
		`{"data":null}`:    {`null`, typeJSON},
		`{"data":"text","datacontenttype":"application/json"}`:                            {`"text"`, typeJSON},
		`{"data":"text","datacontenttype":"Application/HAL+JSON; charset=utf-8"}`:         {`"text"`, "Application/HAL+JSON; charset=utf-8"},
		`{"data":"<a\u00e9>","datacontenttype":"application/xml"}`:                        {`<aé>`, "application/xml"},
		`{"data_base64":"AP8i","datacontenttype":"application/pdf","dataschema":null}`:    {"\x00\xff\"", "application/pdf"},
		`{"datacontenttype":"text/plain","data":"a","n":5,"yes":true,"no":false,"x":"y"}`: {"a", "text/plain"},
	} {
		e, ok := appendBinary(nil, inputOf(event))
		require.True(t, ok, event)
		require.Equal(t, want, [2]string{string(e.body), e.contentType}, event)
	}
	e, _ := appendBinary(nil, inputOf(`{"data":1,"n":-5,"yes":true,"no":false,"null":null}`))
	require.Equal(t, map[string]string{"Ce-N": "-5", "Ce-Yes": "true", "Ce-No": "false"}, fieldsOf(e))
}

func TestWhatBinaryCannotTellIsSentStructured(t *testing.T) {
	t.Parallel()
	for name, event := range map[string]string{
		"no data (WH-3)":          `{"id":"1"}`,
		"empty text":              `{"data":"","datacontenttype":"text/plain"}`,
		"empty bytes":             `{"data_base64":"","datacontenttype":"image/png"}`,
		"bytes of unknown type":   `{"data_base64":"AP8i"}`,
		"both":                    `{"data":1,"data_base64":"AP8i"}`,
		"bytes that are no text":  `{"data_base64":1,"datacontenttype":"image/png"}`,
		"broken base64":           `{"data_base64":"%","datacontenttype":"image/png"}`,
		"text that is an object":  `{"data":{},"datacontenttype":"text/plain"}`,
		"an attribute's object":   `{"data":1,"openregister":{"app":"a"}}`,
		"an attribute's array":    `{"data":1,"a":[]}`,
		"an empty attribute":      `{"data":1,"subject":""}`,
		"upper case":              `{"data":1,"traceParent":"a"}`,
		"a name that is no token": `{"data":1,"a b":"a"}`,
		"no name":                 `{"data":1,"":"a"}`,
		"type with a line break":  `{"data":1,"datacontenttype":"a/b\r\nX: y"}`,
		"type that is not ASCII":  `{"data":1,"datacontenttype":"a/é"}`,
		"type with space around":  `{"data":1,"datacontenttype":" a/b"}`,
		"a long attribute":        `{"data":1,"subject":"` + strings.Repeat("a", maxBinaryField) + `"}`,
		"one long when encoded":   `{"data":1,"subject":"` + strings.Repeat("é", maxBinaryField/5) + `"}`,
		"many attributes": `{"data":1,"a":"` + strings.Repeat("a", 2000) + `","b":"` + strings.Repeat("a", 2000) +
			`","c":"` + strings.Repeat("a", 2000) + `","d":"` + strings.Repeat("a", 2000) + `"}`,
	} {
		_, ok := appendBinary(nil, inputOf(event))
		require.False(t, ok, name)
	}
}

func TestFieldValuesArePercentEncoded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Euro € 😀":       "Euro%20%E2%82%AC%20%F0%9F%98%80", // CloudEvents HTTP binding 3.1.3.2
		`a"b%c`:          "a%22b%25c",
		"\x00\r\n\x7f~!": "%00%0D%0A%7F~!",
		"":               "",
	} {
		require.Equal(t, want, string(appendFieldValue(nil, text)))
		back, err := url.PathUnescape(want)
		require.NoError(t, err)
		require.Equal(t, text, back)
	}
}

func FuzzBinary(f *testing.F) {
	f.Add([]byte(testEvent))
	f.Add([]byte(`{"data_base64":"AP8i","datacontenttype":"a/b"}`))
	f.Add([]byte(`{"data":"\ud83d\ude00","datacontenttype":"text/plain","subject":"\u0000"}`))
	f.Add([]byte(`{"data":`))
	f.Fuzz(func(t *testing.T, event []byte) {
		e, ok := appendBinary(nil, inputOf(string(event)))
		if !ok || !valid(event) {
			return
		}
		require.NotEmpty(t, e.body)
		require.True(t, isContentType(e.contentType) && e.contentType != "")
		for _, field := range e.fields {
			name := strings.ToLower(strings.TrimPrefix(field.name, "Ce-"))
			value := must(strictjson.Get(event, name))
			if text, isText := strictjson.Unquote(value); isText {
				value = []byte(text)
			}
			back, err := url.PathUnescape(field.value)
			require.NoError(t, err)
			require.Equal(t, string(value), back, "decodes to what it was")
			for i := range len(field.value) {
				require.True(t, field.value[i] > ' ' && field.value[i] < 0x7f)
			}
		}
	})
}

package push

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

func TestOpenRegisterStandardPayload(t *testing.T) {
	t.Parallel()
	out, err := appendOpenRegister(nil, inputOf(`{"id":"1","data":{"objectType":"object","action":"created"}}`))
	require.NoError(t, err)
	require.Equal(t, `{"event":"OCA\\OpenRegister\\Event\\ObjectCreatedEvent","webhook":{"id":"550e8400-e29b-41d4-a716-446655440000",`+
		`"name":"My Webhook"},"data":{"objectType":"object","action":"created"},"timestamp":"2025-11-20T20:00:00+00:00","attempt":1}`,
		string(out), "keys in OpenRegister's order")

	in := inputOf(`{"data_base64":"AP8i"}`)
	in.message.Class, in.attempt = "", 4
	in.at = time.Date(2026, 7, 1, 12, 0, 0, 999, time.FixedZone("", 7200))
	out, err = appendOpenRegister(nil, in)
	require.NoError(t, err)
	require.Equal(t, `{"event":"object.created","webhook":{"id":"550e8400-e29b-41d4-a716-446655440000","name":"My Webhook"},`+
		`"data":"AP8i","timestamp":"2026-07-01T10:00:00+00:00","attempt":4}`, string(out), "the type where there is no class")

	out, err = appendOpenRegister(nil, inputOf(`{}`))
	require.NoError(t, err)
	require.Contains(t, string(out), `"data":null,`)
}

func TestOpenRegisterCloudEvent(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]string{
		testEvent: `{"specversion":"1.0","source":"urn:nld:oin:00000099123456789000:systeem:register",` +
			`"datacontenttype":"application/json","type":"object.created","id":"` + testID + `","time":"2026-01-02T02:04:05.678Z",` +
			`"subject":"object:register-1/schema-2","data":` + strings.TrimSuffix(testData, "}") +
			`,"webhook":{"id":"` + testUUID + `","name":"My Webhook"},"attempt":1},"openregister":{"app":"openregister","version":"2.1.0"}}`,
		`{"id":"1","subject":null,"dataschema":null,"outcome":"unknown","openregister":{"app":"other"}}`: `{"id":"1","outcome":"unknown",` +
			`"data":{"webhook":{"id":"` + testUUID + `","name":"My Webhook"},"attempt":1},"openregister":{"app":"openregister","version":"1.0.0"}}`,
		`{"data":{"attempt":9,"a":1,"webhook":"x"}}`: `{"data":{"a":1,"webhook":{"id":"` + testUUID + `","name":"My Webhook"},"attempt":1},` +
			`"openregister":{"app":"openregister","version":"1.0.0"}}`,
		`{"data":[1]}`:           `{"data":[1],"openregister":{"app":"openregister","version":"1.0.0"}}`,
		`{"data_base64":"AP8i"}`: `{"data_base64":"AP8i","openregister":{"app":"openregister","version":"1.0.0"}}`,
		`{"data":null}`: `{"data":{"webhook":{"id":"` + testUUID + `","name":"My Webhook"},"attempt":1},` +
			`"openregister":{"app":"openregister","version":"1.0.0"}}`,
	} {
		out, err := appendOpenRegisterEvent(nil, inputOf(event))
		require.NoError(t, err)
		require.Equal(t, want, string(out))
		require.NoError(t, strictjson.Check(out, 0))
	}
	in := inputOf(`{"id":"1","source":"/a","subject":"b","data":2}`)
	in.sequence, in.source = true, "/apps/openregister"
	out, err := appendOpenRegisterEvent(nil, in)
	require.NoError(t, err)
	require.Contains(t, string(out), `{"id":"1","subject":"b","source":"/apps/openregister","sequence":"00000000000000000042","data":2,`)
	in.source, in.subject = "", "é\""
	out, err = appendOpenRegisterEvent(nil, in)
	require.NoError(t, err)
	require.Contains(t, string(out), `{"id":"1","source":"/a","subject":"é\"","sequence"`)
}

func queryText(t *testing.T, data string) string {
	t.Helper()
	in := inputOf(`{"data":` + data + `}`)
	out, err := appendQuery(nil, in)
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(out), "My%20Webhook")
	pairs, _, _ := strings.Cut(rest, "&timestamp=")
	return strings.TrimPrefix(pairs, "&")
}

func TestQueryIsWhatPHPWrites(t *testing.T) {
	t.Parallel()
	out, err := appendQuery(nil, inputOf(`{"data":{"objectType":"object","action":"created"}}`))
	require.NoError(t, err)
	require.Equal(t, `event=OCA%5COpenRegister%5CEvent%5CObjectCreatedEvent&webhook%5Bid%5D=550e8400-e29b-41d4-a716-446655440000`+
		`&webhook%5Bname%5D=My%20Webhook&data%5BobjectType%5D=object&data%5Baction%5D=created`+
		`&timestamp=2025-11-20T20%3A00%3A00%2B00%3A00&attempt=1`, string(out))

	for data, want := range map[string]string{
		`{"a":[1,2],"t":true,"f":false,"n":null,"e":{},"l":[],"s":"a b&c"}`: `data%5Ba%5D%5B0%5D=1&data%5Ba%5D%5B1%5D=2&data%5Bt%5D=1&data%5Bf%5D=0&data%5Bs%5D=a%20b%26c`,
		`"text"`:              `data=text`,
		`null`:                ``,
		`[[],[null,{"a":1}]]`: `data%5B1%5D%5B1%5D%5Ba%5D=1`,
		`{"é [x]":"~-_."}`:    `data%5B%C3%A9%20%5Bx%5D%5D=~-_.`,
		`1e+400`:              `data=1e%2B400`,
	} {
		require.Equal(t, want, queryText(t, data), data)
	}
}

func TestQueriesThatWouldBeEndlessAreRefused(t *testing.T) {
	t.Parallel()
	long := inputOf(`{"data":"` + strings.Repeat("a", maxQuery) + `"}`)
	_, err := appendQuery(nil, long)
	require.ErrorIs(t, err, errQueryTooLong)

	// Each of many values repeats all names above it.
	wide := `{"` + strings.Repeat("k", 20<<10) + `":[` + strings.TrimSuffix(strings.Repeat("1,", 100_000), ",") + `]}`
	out, err := appendQuery(nil, inputOf(`{"data":`+wide+`}`))
	require.ErrorIs(t, err, errQueryTooLong)
	require.Less(t, len(out), 2*maxQuery+1024)

	deep := strings.Repeat(`[`, 4000) + strings.Repeat(`]`, 4000)
	_, err = appendQuery(nil, inputOf(`{"data":`+deep+`}`))
	require.ErrorIs(t, err, errQueryDepth)
	name := `{"` + strings.Repeat("k", maxQuery) + `":{"a":1}}`
	_, err = appendQuery(nil, inputOf(`{"data":`+name+`}`))
	require.ErrorIs(t, err, errQueryTooLong)
}

func FuzzOpenRegister(f *testing.F) {
	f.Add([]byte(testEvent), "a\"b", true)
	f.Add([]byte(`{"data":{"webhook":1,"\u0061ttempt":2},"openregisterapp":null}`), "\xff", false)
	f.Add([]byte(`{"data":[{"a":[]},"b&=%"]}`), "", true)
	f.Add([]byte(`{"data":{`), "", true)
	f.Fuzz(func(t *testing.T, event []byte, name string, sequence bool) {
		in := inputOf(string(event))
		in.hookName, in.sequence = name, sequence
		payload, _ := appendOpenRegister(nil, in)
		cloudEvent, _ := appendOpenRegisterEvent(nil, in)
		query, queryErr := appendQuery(nil, in)
		require.Less(t, len(query), 4*maxQuery+4*len(event)+4096)
		if !valid(event) {
			return
		}
		require.NoError(t, strictjson.Check(payload, strictjson.DefaultMaxDepth+1), "%s", payload)
		require.NoError(t, strictjson.Check(cloudEvent, strictjson.DefaultMaxDepth+1), "%s", cloudEvent)
		if data, ok := strictjson.Get(event, "data"); ok {
			require.Equal(t, string(data), string(must(strictjson.Get(payload, "data"))))
		}
		for member, value := range strictjson.Members(cloudEvent) {
			require.NotEqual(t, strictjson.Null, strictjson.KindOf(value), "%s", member)
		}
		if queryErr == nil {
			values, err := url.ParseQuery(string(query))
			require.NoError(t, err)
			require.Equal(t, "1", values.Get("attempt"))
			require.Equal(t, strings.ToValidUTF8(name, "\ufffd"), strings.ToValidUTF8(values.Get("webhook[name]"), "\ufffd"))
		}
	})
}

func TestOpenRegisterPayloadReadsBack(t *testing.T) {
	t.Parallel()
	out, err := appendOpenRegister(nil, inputOf(testEvent))
	require.NoError(t, err)
	var read struct {
		Event   string
		Webhook struct{ ID, Name string }
		Data    json.RawMessage
	}
	require.NoError(t, json.Unmarshal(out, &read))
	require.Equal(t, testClass, read.Event)
	require.Equal(t, testUUID, read.Webhook.ID)
	require.Equal(t, testData, string(read.Data))
}

package manage

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

var bsnMasks = []mask{{"data", "object", "bsn"}, {"data", "*", "bsn"}}

const (
	attributes = `"specversion":"1.0","id":"1","source":"/s","type":"t"`
	personData = `{"object":{"bsn":"999990639","name":"Jansen"}}`
	personGone = `{"object":{"bsn":"***","name":"Jansen"}}`
	person     = `{` + attributes + `,"data":` + personData + `}`
	nobody     = `{` + attributes + `,"data":` + personGone + `}`
)

// Masks are written for an event; what is sent has it in other shapes.
func TestMasksHoldInEveryFormat(t *testing.T) {
	for name, one := range map[string]struct{ body, want string }{
		"structured":              {person, nobody},
		"batch":                   {`[` + person + `, ` + person + `]`, `[` + nobody + `,` + nobody + `]`},
		"binary":                  {personData, personGone},
		"OpenRegister":            {`{"event":"e","webhook":{},"data":` + personData + `,"timestamp":"x","attempt":1}`, `{"event":"e","webhook":{},"data":` + personGone + `,"timestamp":"x","attempt":1}`},
		"base64":                  {`{` + attributes + `,"data_base64":"eyJvYmplY3QiOnt9fQ=="}`, `{` + attributes + `,"data_base64":"***"}`},
		"data that is a text":     {`{` + attributes + `,"data":"bsn=999990639"}`, `{` + attributes + `,"data":"***"}`},
		"a text with JSON":        {`{` + attributes + `,"data":{"object":"{\"bsn\":\"999990639\"}"}}`, `{` + attributes + `,"data":{"object":"***"}}`},
		"null":                    {`{` + attributes + `,"data":null}`, `{` + attributes + `,"data":null}`},
		"another notification":    {`{"kanaal":"personen","kenmerken":{"bsn":"999990639"}}`, ``},
		"data of another event":   {`{"object":{"bsn":"999990639"}}`, ``},
		"a batch with a stranger": {`[` + person + `,{"bsn":"999990639"}]`, ``},
		"a query":                 {`data%5Bobject%5D%5Bbsn%5D=999990639`, ``},
		"cut off":                 {person[:len(person)-3], ``},
		"none":                    {``, ``},
	} {
		event := func() []byte { return []byte(person) }
		require.Equal(t, one.want, string(hideRequest([]byte(one.body), event, bsnMasks)), name)
		require.Equal(t, one.body, string(hideRequest([]byte(one.body), event, nil)), name+": nothing is to be hidden")
	}
	gone := func() []byte { return nil }
	require.Empty(t, hideRequest([]byte(personData), gone, bsnMasks), "the event is not kept any more: nobody can say what this is")
	left := func() []byte { return leftOut }
	require.Empty(t, hideRequest([]byte(personData), left, bsnMasks))
}

func TestMasksOfAStoredEvent(t *testing.T) {
	require.Equal(t, nobody, string(hideEvent([]byte(" "+person), bsnMasks)))
	require.Equal(t, person, string(hideEvent([]byte(person), nil)))
	require.Equal(t, `{`+attributes+`,"data":"***"}`, string(hideEvent([]byte(person), []mask{{"data"}})))
	require.Equal(t, `{`+attributes+`,"data_base64":"e30="}`, string(hideEvent([]byte(`{`+attributes+`,"data_base64":"e30="}`), []mask{{"subject"}})))
	require.Nil(t, hideEvent([]byte(`[]`), bsnMasks))
	require.Nil(t, hideEvent([]byte(`no`), bsnMasks))
}

// An answer has the shape that the receiver gives it.
func TestMasksOfAnAnswer(t *testing.T) {
	for answer, want := range map[string]string{
		`{"message":"no","bsn":"999990639"}`:                `{"message":"no","bsn":"***"}`,
		`{"errors":[{"object":{"bsn":["999990639"]}}]}`:     `{"errors":[{"object":{"bsn":"***"}}]}`,
		`{"received":` + person + `}`:                       `{"received":` + nobody + `}`,
		`{"body":"{\"bsn\":\"999990639\"}","message":"no"}`: `{"body":"***","message":"no"}`,
		`"{\"bsn\":\"999990639\"}"`:                         `"***"`,
		`{"message":"boom"}`:                                `{"message":"boom"}`,
		`bsn 999990639`:                                     ``,
	} {
		require.Equal(t, want, string(hideAnswer([]byte(answer), bsnMasks)), answer)
		require.Equal(t, answer, string(hideAnswer([]byte(answer), nil)))
	}
	require.Equal(t, `{"b":["***"],"c":{"b":["***"]}}`, string(hideAnswer([]byte(`{"b":[1],"c":{"b":[2]}}`), []mask{{"a", "b", "*"}})))
	require.Equal(t, `{"b":["***",2]}`, string(hideAnswer([]byte(`{"b":[1,2]}`), []mask{{"a", "b", "0"}})))
	require.Equal(t, `{"a":"***"}`, string(hideAnswer([]byte(`{"a":{"b":2}}`), []mask{{"*"}})))
}

// Whatever the rest of a body is, what a mask names is gone or all of it is.
func FuzzHideRequest(f *testing.F) {
	f.Add([]byte(person))
	f.Add([]byte(`[` + person + `]`))
	f.Add([]byte(personData))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, shown := range [][]byte{
			hideRequest(body, func() []byte { return body }, bsnMasks),
			hideAnswer(body, bsnMasks),
			hideEvent(body, bsnMasks),
		} {
			if len(shown) == 0 {
				continue
			}
			require.True(t, json.Valid(shown))
			if number, found := strictjson.Get(shown, "data", "object", "bsn"); found {
				require.Equal(t, `"***"`, string(number))
			}
		}
	})
}

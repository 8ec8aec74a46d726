package push

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

func inputOf(event string) *input {
	return &input{message: message(event), hookID: testUUID, hookName: "My Webhook", attempt: 1, at: testTime}
}

func structured(t *testing.T, event string, sequence bool) string {
	t.Helper()
	in := inputOf(event)
	in.sequence = sequence
	out, err := appendStructured([]byte("before"), in)
	require.NoError(t, err)
	require.Equal(t, "before", string(out[:6]), "appends")
	return string(out[6:])
}

func TestStructuredIsTheStoredEvent(t *testing.T) {
	t.Parallel()
	require.Equal(t, testEvent, structured(t, testEvent, false))
	require.Equal(t, `{"outcome":"unknown","recovered":true}`, structured(t, " \n"+`{"outcome":"unknown","recovered":true}`+"\t", false),
		"extensions pass; space around the object does not")
}

func TestSequenceIsSplicedIn(t *testing.T) {
	t.Parallel()
	out := structured(t, testEvent, true)
	require.Equal(t, `{"sequence":"00000000000000000042",`+testEvent[1:], out)
	var read cloudevents.Event
	require.NoError(t, json.Unmarshal([]byte(out), &read))
	require.Equal(t, "00000000000000000042", read.Extensions()["sequence"])
	require.NotContains(t, read.Extensions(), "sequencetype")

	require.Equal(t, `{"sequence":"00000000000000000042"}`, structured(t, `{ }`, true))
	own := `{"id":"1","sequence":"7"}`
	require.Equal(t, own, structured(t, own, true), "an event's own sequence is left alone")
	escaped := `{"id":"1","\u0073equence":"7"}`
	require.Equal(t, escaped, structured(t, escaped, true), "however its name is written")
	require.Contains(t, structured(t, `{"data":{"sequence":"7"}}`, true), `{"sequence":"00000000000000000042","data"`)
}

func TestSequencesSortAsNumbersDo(t *testing.T) {
	t.Parallel()
	numbers := []uint64{0, 1, 9, 10, 99, 1 << 31, 1 << 32, math.MaxInt64, math.MaxUint64}
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = string(appendSequenceText(nil, n))
		require.Len(t, texts[i], sequenceDigits)
		back, err := strconv.ParseUint(texts[i], 10, 64)
		require.NoError(t, err)
		require.Equal(t, n, back)
	}
	require.True(t, slices.IsSorted(texts))
}

func TestBatchIsAnArrayOfStructuredEvents(t *testing.T) {
	t.Parallel()
	ins := []input{*inputOf(testEvent), *inputOf(` {"id":"2"} `)}
	out, err := appendBatch(nil, ins)
	require.NoError(t, err)
	require.Equal(t, `[`+testEvent+`,{"id":"2"}]`, string(out))
	out, err = appendBatch(nil, nil)
	require.NoError(t, err)
	require.Equal(t, `[]`, string(out))
	_, err = appendBatch(nil, []input{*inputOf(testEvent), *inputOf(`[]`)})
	require.ErrorIs(t, err, errNotAnEvent)
}

func TestWhatIsNoObjectIsRefused(t *testing.T) {
	t.Parallel()
	for _, event := range []string{``, ` `, `[]`, `"{}"`, `{`, `}`, `{]`, `null`, "\ufeff{}"} {
		in := inputOf(event)
		_, err := appendStructured(nil, in)
		require.ErrorIs(t, err, errNotAnEvent, event)
		_, err = appendOpenRegister(nil, in)
		require.ErrorIs(t, err, errNotAnEvent, event)
		_, err = appendOpenRegisterEvent(nil, in)
		require.ErrorIs(t, err, errNotAnEvent, event)
		_, err = appendQuery(nil, in)
		require.ErrorIs(t, err, errNotAnEvent, event)
		_, ok := appendBinary(nil, in)
		require.False(t, ok, event)
	}
}

// valid tells whether bytes are an event as stores keep it.
func valid(event []byte) bool {
	return strictjson.Check(event, 0) == nil && strictjson.KindOf(event) == strictjson.Object
}

func FuzzStructured(f *testing.F) {
	f.Add([]byte(testEvent), true, uint64(42))
	f.Add([]byte(` { } `), true, uint64(0))
	f.Add([]byte(`{"sequence":null}`), true, uint64(1))
	f.Add([]byte(`{"`), true, uint64(1))
	f.Fuzz(func(t *testing.T, event []byte, sequence bool, seq uint64) {
		in := inputOf(string(event))
		in.sequence, in.message.Seq = sequence, seq
		out, err := appendStructured(nil, in)
		batch, batchErr := appendBatch(nil, []input{*in, *in})
		if !valid(event) {
			return // but neither panicked
		}
		require.NoError(t, err)
		require.NoError(t, batchErr)
		require.NoError(t, strictjson.Check(out, 0), "%s", out)
		require.NoError(t, strictjson.Check(batch, strictjson.DefaultMaxDepth+1), "%s", batch)
		if had, _ := strictjson.Get(event, "sequence"); sequence && had == nil {
			require.Equal(t, `"`+string(appendSequenceText(nil, seq))+`"`, string(must(strictjson.Get(out, "sequence"))))
			out, _ = appendStructured(nil, &input{message: in.message})
		}
		require.True(t, strictjson.Equal(event, out), "the rest is what it was")
	})
}

func must[T any](value T, ok bool) T {
	if !ok {
		panic("there is no such value")
	}
	return value
}

package main

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// eventOf is a CloudEvent as a gateway would send it.
func eventOf(w write, more string) []byte {
	return fmt.Appendf(nil, `{"specversion":"1.0","id":"e-%d","type":"object.%s","subject":"object:torture/thing/%s"%s,"data":{"object":%s}}`,
		w.Number, w.Action, w.ID, more, orNull(w.body()))
}

func orNull(raw []byte) []byte {
	if raw == nil {
		return []byte("null")
	}
	return raw
}

func TestReadNotice(t *testing.T) {
	t.Parallel()
	cases := []struct {
		write write
		more  string
		want  notice
	}{
		{write{5, create, "o-5"}, "", notice{Event: "e-5", Action: create, Number: 5, Object: "o-5"}},
		{write{6, update, "o-5"}, `,"recovered":true`, notice{Event: "e-6", Action: update, Number: 6, Object: "o-5", Recovered: true}},
		{write{6, update, "o-5"}, `,"recovered":"true"`, notice{Event: "e-6", Action: update, Number: 6, Object: "o-5", Recovered: true}},
		{write{7, remove, "o-5"}, `,"outcome":"unknown"`, notice{Event: "e-7", Action: remove, Object: "o-5", Outcome: "unknown"}},
	}
	for _, tc := range cases {
		got, err := readNotice(eventOf(tc.write, tc.more))
		require.NoError(t, err)
		require.Equal(t, tc.want, got)
		require.Equal(t, tc.want.Outcome == "unknown", got.doubted())
	}
}

func TestNoticeFindsTheWriteAndNotTheObjectBefore(t *testing.T) {
	t.Parallel()
	now, _ := json.Marshal(content{Number: 9, Text: text(9)})
	old, _ := json.Marshal(content{Number: 3, Text: text(3)})
	for _, data := range []string{
		`{"before":%[2]s,"object":%[1]s}`,
		`{"body":%[1]s,"before":%[2]s}`,
		`{"before":%[2]s,"request":{"body":%[1]s}}`,
		`{"response":{"body":%[1]s}}`,
		`{"object":%[1]s,"request":{"body":%[1]s}}`,
		`%[1]s`,
	} {
		got, ok := contentOf(fmt.Appendf(nil, data+"%.0[1]s%.0[2]s", now, old))
		require.True(t, ok, data)
		require.Equal(t, number(9), got.Number, data)
	}
	for _, data := range []string{`{"before":%[2]s}`, `{"object":%[1]s,"request":%[2]s}`, `{"a":{"a":{"a":{"a":{"a":{"a":{"a":%[1]s}}}}}}}`} {
		_, ok := contentOf(fmt.Appendf(nil, data+"%.0[1]s%.0[2]s", now, old))
		require.False(t, ok, data)
	}
}

func TestDamagedEventsAreSeen(t *testing.T) {
	t.Parallel()
	head := `{"specversion":"1.0","id":"e","type":"object.created","subject":"object:torture/thing"`
	got, err := readNotice([]byte(head + `,"data":{"object":{"number":4,"text":"cut off"}}}`))
	require.NoError(t, err)
	require.Equal(t, number(4), got.Number)
	require.NotEmpty(t, got.Damaged)
	require.Empty(t, got.Object)

	got, err = readNotice([]byte(head + `,"data":null}`))
	require.NoError(t, err)
	require.Equal(t, nameless, got.Damaged)
}

func TestWhatIsNoNotice(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		``, `[]`, `null`, `{}`, `{"specversion":"1.0","id":"","type":"object.created"}`,
		`{"specversion":"0.3","id":"1","type":"object.created"}`, `{"specversion":"1.0","id":"1","type":"plain"}`,
	} {
		_, err := readNotice([]byte(raw))
		require.ErrorIs(t, err, errNoNotice, raw)
	}
}

func FuzzReadNotice(f *testing.F) {
	f.Add(eventOf(write{5, create, "o-5"}, ""))
	f.Add([]byte(`{"specversion":"1.0","id":"1","type":"object.deleted","data":[[]]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, err := readNotice(raw)
		if err != nil {
			require.Zero(t, n)
			return
		}
		require.NotEmpty(t, n.Event)
		if n.Action != remove && n.Damaged == "" {
			require.NotZero(t, n.Number)
		}
	})
}

package redis

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

func fullMessage() delivery.Message {
	return delivery.Message{
		Seq: 7, ID: "id", Source: "/source", Type: "type", Class: "class", Subject: "subject",
		Time: time.Unix(1763841234, 567), Event: []byte(`{"a":1}`),
	}
}

func fullRow() delivery.Attempt {
	return delivery.Attempt{
		ID: 9, Lane: "lane", Message: "id", Seq: 7, Type: "type", Class: "class",
		Time: time.Unix(1763841234, 567), Duration: time.Second, Number: 3, URL: "https://receiver.example", Method: "POST",
		Success: true, Status: 204, Reason: delivery.ReasonServer, Error: "error",
		Request: []byte("request"), Response: []byte("response"), Next: time.Unix(1763849999, 0), Replayed: true,
	}
}

func TestMessageThereAndBack(t *testing.T) {
	t.Parallel()
	for _, m := range []delivery.Message{fullMessage(), {}, {ID: "\x00", Event: []byte{}}, {Time: time.Unix(-1e12, 1)}} {
		got, err := decodeMessage(m.Seq, string(encodeMessage(&m)))
		require.NoError(t, err)
		require.True(t, m.Time.Equal(got.Time))
		m.Time, m.Event, got.Event = got.Time, append([]byte{}, m.Event...), append([]byte{}, got.Event...)
		require.Equal(t, m, *got)
	}
}

func TestRowThereAndBack(t *testing.T) {
	t.Parallel()
	for _, a := range []delivery.Attempt{fullRow(), {}} {
		got, err := decodeRow(a.ID, string(encodeRow(&a)))
		require.NoError(t, err)
		require.Equal(t, a, got)
	}
	large := fullRow()
	large.Error = strings.Repeat("e", 3000)
	large.Request, large.Response = make([]byte, 2<<20), make([]byte, 1<<20)
	got, err := decodeRow(9, string(encodeRow(&large)))
	require.NoError(t, err)
	require.Len(t, got.Error, delivery.MaxErrorText)
	require.Len(t, got.Request, delivery.MaxRequestText)
	require.Len(t, got.Response, delivery.MaxResponseText)
}

func TestWhatIsBrokenIsAnError(t *testing.T) {
	t.Parallel()
	m, a := fullMessage(), fullRow()
	raw, row := string(encodeMessage(&m)), string(encodeRow(&a))
	for n := range len(raw) - len(m.Event) {
		_, err := decodeMessage(1, raw[:n])
		require.ErrorIs(t, err, errStored, "%d bytes", n)
	}
	for n := range len(row) - len(a.Response) {
		_, err := decodeRow(1, row[:n])
		require.ErrorIs(t, err, errStored, "%d bytes", n)
	}
	_, err := decodeMessage(1, "\x02"+raw[1:])
	require.ErrorIs(t, err, errStored, "a later version")
	_, err = decodeHold("h", "short")
	require.ErrorIs(t, err, errStored)
}

func TestCountersAsScriptsPackThem(t *testing.T) {
	t.Parallel()
	raw := ""
	for n := range int64(10) {
		raw += string(appendTime(nil, n+1))
	}
	st, newest, err := decodeStats(raw + "\x00\x00\x00\x05")
	require.NoError(t, err)
	require.EqualValues(t, 2, newest)
	require.Equal(t, delivery.Stats{
		Pending: 1, Retrying: 3, Dead: 4, Skipped: 5, Successful: 6, Failed: 7, Total: 13,
		LastAttempt: time.UnixMicro(8), LastSuccess: time.UnixMicro(9), LastFailure: time.UnixMicro(10),
	}, st)
	_, _, err = decodeStats(raw[:69])
	require.ErrorIs(t, err, errStored)
}

func TestDigestKeepsSourceAndIDApart(t *testing.T) {
	t.Parallel()
	require.Equal(t, digestOfID([]byte("c")), digest("ab", "c")[:nameSize], "those with one id are found by it")
	require.NotEqual(t, digest("ab", "c"), digest("a", "bc"))
	require.Len(t, digest("", ""), digestSize)
}

func TestTimesFitIntoSevenBytes(t *testing.T) {
	t.Parallel()
	for want, ms := range map[int64]int64{0: -5, 1: 1, 1763841234567890: 1763841234567890, maxTime: 1 << 60} {
		r := &reader{rest: string(appendTime(nil, ms))}
		require.Equal(t, want, r.time())
		require.Empty(t, r.rest)
	}
}

func TestCheckMessage(t *testing.T) {
	t.Parallel()
	good := message("m", "a", strings.Repeat("b", 255))
	good.Targets[0].Key = strings.Repeat("k", 1024)
	require.NoError(t, checkMessage(&good))
	for name, targets := range map[string][]delivery.Target{
		"no lane":       {{}},
		"a long lane":   {{Lane: strings.Repeat("b", 256)}},
		"NUL in a lane": {{Lane: "a\x00b"}},
		"a long key":    {{Lane: "a", Key: strings.Repeat("k", 1025)}},
		"a lane twice":  {{Lane: "a"}, {Lane: "a"}},
		"many lanes":    make([]delivery.Target, 10001),
	} {
		require.Error(t, checkMessage(&delivery.Message{Targets: targets}), name)
	}
}

func TestNewsThatIsBrokenOff(t *testing.T) {
	t.Parallel()
	one := "\x01" + string(appendTime(nil, 5)) + "a"
	require.Equal(t, map[string]int64{"a": 5}, decodeNews(one))
	require.Equal(t, map[string]int64{"a": 5}, decodeNews(one+one[:7]))
	require.Empty(t, decodeNews(""))
}

func FuzzStored(f *testing.F) {
	m, a := fullMessage(), fullRow()
	f.Add(string(encodeMessage(&m)))
	f.Add(string(encodeRow(&a)))
	f.Add("\x01" + string(appendTime(nil, 5)) + "a")
	f.Fuzz(func(t *testing.T, raw string) {
		if m, err := decodeMessage(1, raw); err == nil {
			again, err := decodeMessage(1, string(encodeMessage(m)))
			require.NoError(t, err)
			require.Equal(t, m, again)
		}
		if a, err := decodeRow(1, raw); err == nil && len(a.Request) <= delivery.MaxRequestText &&
			len(a.Response) <= delivery.MaxResponseText && len(a.Error) <= delivery.MaxErrorText {
			again, err := decodeRow(1, string(encodeRow(&a)))
			require.NoError(t, err)
			require.Equal(t, a, again)
		}
		_, _ = decodeHold("h", raw)
		_, _, _ = decodeStats(raw)
		_, _ = new(Store).document("kind", "key", raw)
		decodeNews(raw)
	})
}

func TestAnswersOfAnyShape(t *testing.T) {
	t.Parallel()
	require.EqualValues(t, 5, number(int64(5)))
	require.EqualValues(t, 1763841234567890, number("1763841234567890"))
	require.Equal(t, int64(1e15), number("1e+15"))
	require.Zero(t, number(nil))
	require.Zero(t, number("x"))
	require.Empty(t, rows("not a list", 2))
	require.Equal(t, [][]any{{1, 2}}, rows([]any{1, 2, 3}, 2))
	require.Nil(t, element([]any{1}, 1))
	require.Empty(t, text(5))
}

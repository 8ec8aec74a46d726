package manage

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

func TestQueryReadsItsParameters(t *testing.T) {
	q := queryOf(&url.URL{RawQuery: "limit=7&success=0&since=2026-01-01T00:00:00%2B01:00&webhook_id=&webhookId=9&mode=on"})
	require.Equal(t, 7, q.limit())
	require.False(t, *q.flag("success"))
	require.Equal(t, "2025-12-31T23:00:00Z", q.time("since").UTC().Format(time.RFC3339))
	require.Equal(t, "9", q.text("webhook_id", "webhookId"))
	require.Equal(t, "on", q.oneOf("mode", "on", "off"))
	require.NoError(t, q.err())

	none := queryOf(&url.URL{})
	require.Equal(t, defaultPage, none.limit())
	require.Nil(t, none.flag("success"))
	require.True(t, none.time("since").IsZero())
	require.Nil(t, none.cursor("log", 1))
	require.NoError(t, none.err())
}

func TestQueryNamesAllFaults(t *testing.T) {
	q := queryOf(&url.URL{RawQuery: "limit=1001&offset=-1&success=banana&since=yesterday&mode=both&cursor=!"})
	q.limit()
	q.number(0, 0, maxOffset, "offset")
	q.flag("success")
	q.time("since")
	q.oneOf("mode", "on", "off")
	q.cursor("log", 1)
	p, _ := problemOf(q.err())
	require.Equal(t, 400, p.Status)
	require.Len(t, p.Errors, 6)
}

func TestCursor(t *testing.T) {
	text := cursorOf("log", "17", "a lane: ü")
	require.NotContains(t, text, "17")
	parts, ok := parseCursor(text, "log", 2)
	require.True(t, ok)
	require.Equal(t, []string{"17", "a lane: ü"}, parts)
	for _, wrong := range []string{"", "x", text + "A", text + "=", text[1:], strings.Repeat("A", maxCursor+1), cursorOf("other", "17", "l"), cursorOf("log", "17")} {
		_, ok := parseCursor(wrong, "log", 2)
		require.False(t, ok, wrong)
	}
	for part, valid := range map[string]bool{"0": true, "18446744073709551615": true, "18446744073709551616": false, "01": false, "+1": false, "": false} {
		_, ok := position(part)
		require.Equal(t, valid, ok, part)
	}
}

func TestMoment(t *testing.T) {
	require.Nil(t, moment(time.Time{}))
	zone := time.FixedZone("", 3600)
	require.Equal(t, "2025-12-31T23:00:00.123Z", moment(time.Date(2026, 1, 1, 0, 0, 0, 123456789, zone)).Format(time.RFC3339Nano))
}

// A cursor is read in one way only, so it comes back as it was given out.
func FuzzParseCursor(f *testing.F) {
	f.Add(cursorOf("log", "1"))
	f.Add(cursorOf("log", ""))
	f.Add("bG9nAA")
	f.Add("bG9nAA\r0")
	f.Fuzz(func(t *testing.T, text string) {
		if parts, ok := parseCursor(text, "log", 1); ok {
			require.Equal(t, text, cursorOf("log", parts...))
		}
	})
}

func FuzzQuery(f *testing.F) {
	f.Add("limit=1&offset=2&success=true&since=2026-01-01T00:00:00Z&cursor=x")
	f.Add("a=%zz&;")
	f.Fuzz(func(t *testing.T, raw string) {
		q := queryOf(&url.URL{RawQuery: raw})
		limit, offset := q.limit(), q.number(0, 0, maxOffset, "offset")
		q.flag("success")
		q.time("since")
		q.cursor("log", 1)
		require.True(t, limit >= 1 && limit <= maxPage && offset >= 0 && offset <= maxOffset)
		if err := q.err(); err != nil {
			p, told := problemOf(err)
			require.True(t, told)
			require.Equal(t, 400, p.Status)
		}
	})
}

// TestTimesAreShownToTheMillisecond wherever they are from.
func TestTimesAreShownToTheMillisecond(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 31, 13, 0, 0, 123_999_999, time.FixedZone("CET", 3600))
	want := time.Date(2026, 1, 31, 12, 0, 0, 123_000_000, time.UTC)
	require.Equal(t, want, asShown(at))
	require.Equal(t, want, *moment(at))
	require.Nil(t, moment(time.Time{}))
	require.Equal(t, want, newHoldView(delivery.Hold{Created: at}, at).CreatedAt)
	require.Equal(t, want, newInterceptionView(&News{At: at, Interception: &InterceptionNews{}}, nil).At)
	require.Equal(t, want, new(Handler).messageView(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody), &delivery.Message{Time: at}).Time)
}

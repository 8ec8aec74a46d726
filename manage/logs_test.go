package manage

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// fill writes rows of which every second one failed.
func (d *desk) fill(lane string, count int) {
	d.t.Helper()
	for i := range count {
		a := delivery.Attempt{Message: fmt.Sprintf("%s-%d", lane, i), Success: i%2 == 0, Status: 200}
		if !a.Success {
			a.Status, a.Reason, a.Error = 500, delivery.ReasonServer, "server_error: status 500"
		}
		d.log(lane, a)
	}
}

func TestLogsArePagedAfterTheyAreFiltered(t *testing.T) {
	d := newDesk(t)
	id, uuid := d.make(minimal)
	other, _ := d.make(`{"name":"Other","url":"https://o.example"}`)
	d.fill(uuid, 60)

	page := d.do("GET", "/webhooks/logs?success=false&limit=20&offset=0", "").is(http.StatusOK)
	require.InDelta(t, 30, page.object()["total"], 0)
	require.Len(t, page.results(), 20)
	last := 1e18
	for _, row := range page.results() {
		require.Equal(t, false, row["success"])
		require.Less(t, row["id"], last, "newest first")
		last = row["id"].(float64)
	}

	require.Len(t, d.do("GET", "/webhooks/logs?success=0&limit=20&offset=20", "").results(), 10)
	require.Len(t, d.do("GET", "/webhooks/logs", "").results(), 50)
	for _, parameter := range []string{"webhook_id=" + id, "webhookId=" + uuid, "webhook_id=" + strings.ToUpper(uuid)} {
		require.InDelta(t, 60, d.do("GET", "/webhooks/logs?"+parameter, "").object()["total"], 0, parameter)
	}
	require.Empty(t, d.do("GET", "/webhooks/logs?webhook_id="+other, "").results())
	require.InDelta(t, 60, d.do("GET", "/webhooks/logs?webhook_id=0&success=", "").object()["total"], 0, "as OpenRegister reads it")
	require.InDelta(t, 60, d.do("GET", "/webhooks/"+id+"/logs?limit=1", "").object()["total"], 0, "not the size of the page")

	require.Equal(t, []string{"success"}, d.do("GET", "/webhooks/logs?success=banana", "").is(http.StatusBadRequest).pointers())
	require.Equal(t, []string{"limit"}, d.do("GET", "/webhooks/"+id+"/logs?limit=1001", "").is(http.StatusBadRequest).pointers())
	require.Equal(t, []string{"cursor"}, d.do("GET", "/webhooks/logs?cursor="+cursorOf("log", "x"), "").is(http.StatusBadRequest).pointers())
	d.do("GET", "/webhooks/logs?webhook_id=7", "").refused(http.StatusNotFound, "Webhook not found")
}

// A cursor goes on where the page ended, whatever was written meanwhile.
func TestLogsByCursor(t *testing.T) {
	d := newDesk(t)
	_, uuid := d.make(minimal)
	d.fill(uuid, 7)
	var seen []any
	query := "?limit=3"
	for pages := 0; query != ""; pages++ {
		require.Less(t, pages, 4)
		page := d.do("GET", "/webhooks/logs"+query, "").is(http.StatusOK)
		for _, row := range page.results() {
			seen = append(seen, row["eventId"])
		}
		cursor, more := page.object()["cursor"].(string)
		if query = "?limit=3&cursor=" + cursor; !more {
			query = ""
		}
		if pages == 0 {
			d.log(uuid, delivery.Attempt{Message: "new", Success: true})
		}
	}
	var want []any
	for i := range 7 {
		want = append(want, fmt.Sprintf("%s-%d", uuid, 6-i))
	}
	require.Equal(t, want, seen)
}

// longLog is a log of so many rows, whose total stops at 10, as that of a store
// stops at 10,000 where times are asked for.
type longLog struct {
	Store
	rows int
}

func (l longLog) Attempts(_ context.Context, q delivery.AttemptQuery) (page []delivery.Attempt, total uint64, err error) {
	newest := l.rows - q.Offset
	if q.Before > 0 {
		newest = int(q.Before) - 1
	}
	for id := newest; id > 0 && len(page) < min(q.Limit, maxPage); id-- {
		page = append(page, delivery.Attempt{ID: uint64(id)})
	}
	return page, uint64(min(l.rows, 10)), nil
}

// The cursor says whether a row follows, whatever the total is: it is null on
// the last page, also when that is full, and only there.
func TestTheCursorIsNullAtTheEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rows  int
		query string
		pages []int
	}{
		{0, "limit=2", []int{0}},
		{3, "limit=2", []int{2, 1}},
		{4, "limit=2", []int{2, 2}},
		{25, "limit=10", []int{10, 10, 5}},
		{25, "limit=10&offset=12", []int{10, 3}},
		{2000, "limit=1000", []int{1000, 1000}},
		{2001, "limit=1000&since=2026-01-01T00:00:00Z", []int{1000, 1000, 1}},
	} {
		d := newOffice(t, func(config *Config) { config.Store = longLog{config.Store, c.rows} })
		var pages []int
		for query := c.query; query != ""; {
			page := d.do("GET", "/api/webhooks/logs?"+query, "").ok(http.StatusOK)
			pages = append(pages, len(page["results"].([]any)))
			require.LessOrEqual(t, len(pages), len(c.pages), c)
			limit, _, _ := strings.Cut(c.query, "&")
			if query = ""; page["cursor"] != nil {
				query = limit + "&cursor=" + page["cursor"].(string)
			}
		}
		require.Equal(t, c.pages, pages, c)
	}
}

func TestLogRow(t *testing.T) {
	d := newDesk(t)
	id, uuid := d.make(minimal)
	next := time.Now().Add(2 * time.Minute).Truncate(time.Millisecond)
	d.log(uuid, delivery.Attempt{
		Message: "m1", Status: 500, Reason: delivery.ReasonServer, Error: "server_error: status 500", Duration: 41500 * time.Microsecond,
		Request: []byte(`{"sent":true}`), Response: []byte(`{"message":"boom"}`), Next: next,
	})
	row := d.do("GET", "/webhooks/"+id+"/logs", "").results()[0]
	require.NotEmpty(t, row["created"])
	for name, value := range map[string]any{
		"webhookId": 1.0, "webhook": uuid, "webhookName": "My Webhook", "eventId": "m1", "eventClass": `OCA\OpenRegister\Event\ObjectCreatedEvent`,
		"eventType": "object.created", "payload": map[string]any{"sent": true}, "url": "https://receiver.example/hook", "method": "POST",
		"success": false, "statusCode": 500.0, "reason": "server_error", "requestBody": `{"sent":true}`, "responseBody": `{"message":"boom"}`,
		"errorMessage": "server_error: status 500: boom", "attempt": 1.0, "durationMs": 41.5, "replayed": false,
		"nextRetryAt": next.UTC().Format("2006-01-02T15:04:05.999Z"),
	} {
		require.Equal(t, value, row[name], name)
	}
	require.NotContains(t, row, "redacted")

	one := d.do("GET", "/webhooks/logs/"+jsonNumber(row["id"]), "").is(http.StatusOK).object()
	require.Equal(t, row, one)
	for _, unknown := range []string{"999999", "0", "x", "-1", "99999999999999999999"} {
		d.do("GET", "/webhooks/logs/"+unknown, "").refused(http.StatusNotFound, "Webhook log not found")
	}
}

// Of a success nothing that was sent is kept: the event is.
func TestPayloadOfASuccess(t *testing.T) {
	d := newDesk(t)
	_, uuid := d.make(minimal)
	d.log(uuid, delivery.Attempt{Message: "m1", Success: true, Status: 204})
	row := d.do("GET", "/webhooks/logs", "").results()[0]
	require.Equal(t, "m1", row["payload"].(map[string]any)["id"])
	require.Equal(t, []any{nil, nil, nil}, []any{row["requestBody"], row["responseBody"], row["errorMessage"]})
}

func TestBodiesNeedTheirScope(t *testing.T) {
	d := newDesk(t)
	_, uuid := d.make(minimal)
	d.log(uuid, delivery.Attempt{Message: "m1", Status: 500, Request: []byte(`{"bsn":"123"}`), Response: []byte("no")})
	r := request("GET", prefix+"/webhooks/logs", "")
	r.Header.Set("Authorization", "Bearer "+tokenRead)
	page := d.send(r).is(http.StatusOK)
	row := page.results()[0]
	require.Equal(t, []any{nil, nil, nil, true}, []any{row["payload"], row["requestBody"], row["responseBody"], row["redacted"]})
	require.NotContains(t, page.Body.String(), "123")
}

func TestBodiesAreRedacted(t *testing.T) {
	d := newDesk(t, func(c *Config) { c.Redact = []string{"/data/object/bsn"} })
	_, uuid := d.make(minimal)
	d.log(uuid, delivery.Attempt{Message: "ok", Success: true}, delivery.Attempt{Message: "no", Request: []byte(`{"object":{"name":"Felix","bsn":"123"}}`), Response: []byte(`bsn 123`)})
	page := d.do("GET", "/webhooks/logs", "").is(http.StatusOK)
	require.NotContains(t, page.Body.String(), "123")
	rows := page.results()
	require.Equal(t, []any{`{"object":{"name":"Felix","bsn":"***"}}`, nil, true}, []any{rows[0]["requestBody"], rows[0]["responseBody"], rows[0]["redacted"]})
	require.Equal(t, map[string]any{"name": "Felix", "bsn": "***"}, rows[1]["payload"].(map[string]any)["data"].(map[string]any)["object"])
}

// Rows stay when their webhook is removed.
func TestRowOfARemovedWebhook(t *testing.T) {
	d := newDesk(t)
	id, uuid := d.make(minimal)
	d.log(uuid, delivery.Attempt{Message: "m1"})
	d.do("DELETE", "/webhooks/"+id, "").is(http.StatusNoContent)
	row := d.do("GET", "/webhooks/logs", "").results()[0]
	require.Equal(t, []any{nil, uuid, ""}, []any{row["webhookId"], row["webhook"], row["webhookName"]})
	d.do("POST", "/webhooks/logs/"+jsonNumber(row["id"])+"/retry", "").refused(http.StatusNotFound, "Webhook not found")
}

func TestStatisticsAreOfTheWebhookAlone(t *testing.T) {
	d := newDesk(t)
	id, uuid := d.make(minimal)
	_, other := d.make(`{"name":"Other","url":"https://o.example"}`)
	soon := time.Now().Add(time.Hour)
	d.fill(uuid, 6)
	d.log(uuid, delivery.Attempt{Message: "r1", Next: soon}, delivery.Attempt{Message: "r2", Next: soon})
	d.log(other, delivery.Attempt{Message: "o", Next: soon})
	stats := d.do("GET", "/webhooks/"+id+"/logs/stats", "").is(http.StatusOK)
	require.JSONEq(t, `{"total":8,"successful":3,"failed":5,"pendingRetries":2}`, stats.Body.String())
}

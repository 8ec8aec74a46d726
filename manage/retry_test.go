package manage

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// failedRow gives the id of a row of a failed call.
func (d *desk) failedRow() string {
	d.t.Helper()
	_, uuid := d.make(minimal)
	d.log(uuid, delivery.Attempt{Message: "m1", Status: 500, Request: []byte(`{"a":1}`)})
	return jsonNumber(d.do("GET", "/webhooks/logs", "").results()[0]["id"])
}

func TestRetry(t *testing.T) {
	d := newDesk(t)
	id := d.failedRow()
	d.answer = delivery.Attempt{Success: true, Status: 200, Number: 2, Method: "POST"}
	done := d.do("POST", "/webhooks/logs/"+id+"/retry", "").is(http.StatusOK).object()
	require.Equal(t, []any{true, "Webhook retry delivered successfully"}, []any{done["success"], done["message"]})
	require.InDelta(t, 2, done["attempt"].(map[string]any)["attempt"], 0)
	require.NotContains(t, done, "error_details")
	require.Equal(t, "m1", d.resent[0].Message)
	require.JSONEq(t, `{"a":1}`, string(d.resent[0].Request))
}

func TestRetryThatFailsAgain(t *testing.T) {
	d := newDesk(t)
	id := d.failedRow()
	d.answer = delivery.Attempt{Status: 500, Error: "server_error: status 500", Response: []byte(`{"message":"boom"}`)}
	failed := d.do("POST", "/webhooks/logs/"+id+"/retry", "").refused(http.StatusBadGateway, "boom").object()
	require.Equal(t, []any{false, "server_error: status 500: boom"}, []any{failed["success"], failed["message"]})
	require.Equal(t, map[string]any{"status_code": 500.0, "response_body": `{"message":"boom"}`}, failed["error_details"])

	d.answer = delivery.Attempt{Reason: delivery.ReasonTimeout}
	failed = d.do("POST", "/webhooks/logs/"+id+"/retry", "").refused(http.StatusBadGateway, "Webhook retry delivery failed").object()
	require.NotContains(t, failed, "error_details", "there was no answer")

	r := request("POST", prefix+"/webhooks/logs/"+id+"/retry", "")
	r.Header.Set("Authorization", "Bearer "+tokenReplay)
	d.answer = delivery.Attempt{Status: 500, Error: "server_error: status 500", Response: []byte(`{"message":"boom"}`)}
	require.NotContains(t, d.send(r).refused(http.StatusBadGateway, "500").Body.String(), "boom", "bodies need read:payload")
}

func TestRetryThatCannotBe(t *testing.T) {
	d := newDesk(t)
	_, uuid := d.make(minimal)
	d.log(uuid, delivery.Attempt{Message: "ok", Success: true}, delivery.Attempt{Message: "gone"})
	rows := d.do("GET", "/webhooks/logs", "").results()
	d.do("POST", "/webhooks/logs/"+jsonNumber(rows[1]["id"])+"/retry", "").refused(http.StatusBadRequest, "Cannot retry a successful webhook delivery")
	d.do("POST", "/webhooks/logs/999999/retry", "").refused(http.StatusNotFound, "Webhook log not found")
	d.failure = delivery.ErrNotFound
	d.do("POST", "/webhooks/logs/"+jsonNumber(rows[0]["id"])+"/retry", "").refused(http.StatusBadRequest, "No payload available for retry")
	d.failure = ErrUnderWay
	d.do("POST", "/webhooks/logs/"+jsonNumber(rows[0]["id"])+"/retry", "").refused(http.StatusConflict, "The gateway is calling the webhook about this event now. Look at the log in a moment.")
}

func TestTrial(t *testing.T) {
	d := newDesk(t)
	id, _ := d.make(`{"name":"T","url":"https://s.example","filters":{"object.type":"never"},"enabled":false}`)
	d.answer = delivery.Attempt{Success: true, Status: 200, Duration: 41500000}
	done := d.do("POST", "/webhooks/"+id+"/test", "").is(http.StatusOK).object()
	require.Equal(t, []any{true, "Test webhook delivered successfully"}, []any{done["success"], done["message"]})
	require.Equal(t, []any{"T", 41.5}, []any{done["attempt"].(map[string]any)["webhookName"], done["attempt"].(map[string]any)["durationMs"]})
	require.Equal(t, "T", d.tested[0].Webhook.Name)

	d.answer = delivery.Attempt{Status: 500, Response: []byte("boom")}
	failed := d.do("POST", "/webhooks/"+id+"/test", "").is(http.StatusOK).object()
	require.Equal(t, []any{false, "Test webhook delivery failed: the receiver answered 500"}, []any{failed["success"], failed["message"]})
	require.Equal(t, map[string]any{"status_code": 500.0, "response_body": "boom"}, failed["error_details"])
	d.answer = delivery.Attempt{Error: "no connection"}
	require.NotContains(t, d.do("POST", "/webhooks/"+id+"/test", "").is(http.StatusOK).object(), "error_details")
}

package push

import (
	"net/http"
	"strconv"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// readBySDK reads what a receiver got with the SDK of CloudEvents.
func readBySDK(t *testing.T, got received) cloudevents.Event {
	t.Helper()
	e, err := cehttp.NewEventFromHTTPRequest(got.Request)
	require.NoError(t, err)
	require.NoError(t, e.Validate())
	return *e
}

func requireTestEvent(t *testing.T, e cloudevents.Event) {
	t.Helper()
	require.Equal(t, "1.0", e.SpecVersion())
	require.Equal(t, testID, e.ID())
	require.Equal(t, "object.created", e.Type())
	require.Equal(t, "urn:nld:oin:00000099123456789000:systeem:register", e.Source())
	require.Equal(t, "object:register-1/schema-2", e.Subject())
	require.Equal(t, "application/json", e.DataContentType())
	require.Equal(t, "2026-01-02T02:04:05.678Z", e.Time().Format("2006-01-02T15:04:05.000Z07:00"))
	require.Equal(t, "openregister", e.Extensions()["openregisterapp"])
	require.Equal(t, testData, string(e.Data()))
}

func TestTheSDKReadsStructuredAndBinary(t *testing.T) {
	t.Parallel()
	for _, format := range []webhook.Format{webhook.FormatCloudEvents, webhook.FormatBinary} {
		for _, ordered := range []bool{false, true} {
			r := newReceiver(t, nil)
			h := hookTo(t, r.URL, func(w *webhook.Webhook) { w.EventFormat, w.Ordered = format, ordered })
			requireDelivered(t, send(t, newSender(t, h, Options{})))
			got := r.only(t)
			require.Equal(t, format == webhook.FormatBinary, got.Header.Get("Ce-Id") != "")
			e := readBySDK(t, got)
			requireTestEvent(t, e)
			want := any(nil)
			if ordered {
				want = "00000000000000000042"
			}
			require.Equal(t, want, e.Extensions()["sequence"])
			require.NotContains(t, e.Extensions(), "sequencetype")
		}
	}
}

func TestTheSDKReadsBatches(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, 3} {
		r := newReceiver(t, nil)
		h := hookTo(t, r.URL, func(w *webhook.Webhook) { w.EventFormat, w.Ordered = webhook.FormatBatch, true })
		var leases []delivery.Lease
		for i := range count {
			leases = append(leases, lease(testEvent)...)
			leases[i].Message.Seq = uint64(i + 1)
		}
		requireDelivered(t, newSender(t, h, Options{}).Send(t.Context(), leases))
		got := r.only(t)
		require.Equal(t, "application/cloudevents-batch+json", got.Header.Get("Content-Type"))
		events, err := cehttp.NewEventsFromHTTPRequest(got.Request)
		require.NoError(t, err)
		require.Len(t, events, count)
		for i, e := range events {
			requireTestEvent(t, e)
			require.Equal(t, "0000000000000000000"+strconv.Itoa(i+1), e.Extensions()["sequence"])
		}
	}
}

// WH-3: an event without data has nothing to send in binary mode.
func TestABinaryLaneSendsWhatItMustStructured(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	h := hookTo(t, r.URL, func(w *webhook.Webhook) { w.EventFormat = webhook.FormatBinary })
	event := `{"specversion":"1.0","id":"1","source":"/a","type":"t","outcome":"unknown","recovered":true}`
	requireDelivered(t, newSender(t, h, Options{}).Send(t.Context(), lease(event)))
	got := r.only(t)
	require.Equal(t, event, string(got.body))
	require.Equal(t, "application/cloudevents+json", got.Header.Get("Content-Type"))
	require.Empty(t, got.Header["Ce-Id"])
	require.Equal(t, map[string]any{"outcome": "unknown", "recovered": true}, readBySDK(t, got).Extensions())
}

func TestBinaryOfBytes(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	h := hookTo(t, r.URL, func(w *webhook.Webhook) { w.EventFormat = webhook.FormatBinary })
	event := `{"specversion":"1.0","id":"1","source":"/a","type":"t","subject":"Euro € 😀","datacontenttype":"application/pdf","data_base64":"JVBERi0xAP8="}`
	requireDelivered(t, newSender(t, h, Options{}).Send(t.Context(), lease(event)))
	got := r.only(t)
	require.Equal(t, "Euro%20%E2%82%AC%20%F0%9F%98%80", got.Header.Get("Ce-Subject"))
	e := readBySDK(t, got)
	require.Equal(t, "%PDF-1\x00\xff", string(e.Data()))
	require.Equal(t, http.MethodPost, got.Method)
}

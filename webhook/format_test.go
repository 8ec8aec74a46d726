package webhook

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// subscriber are members of a webhook that is told after the write.
func subscriber(members string) string {
	if members == "" {
		return `"configuration":{}`
	}
	return members + `,"configuration":{}`
}

func TestEveryFormat(t *testing.T) {
	t.Parallel()
	require.Equal(t, FormatCloudEvents, compileJSON(t, subscriber(``)).EventFormat)
	for _, format := range formats {
		h := compileJSON(t, subscriber(`"format":"`+string(format)+`"`))
		require.Equal(t, format, h.EventFormat)
		require.Equal(t, format == FormatBatch, h.BatchSize == DefaultBatchSize, "only a batch holds several events")
	}
	require.Equal(t, 1000, compileJSON(t, subscriber(`"format":"cloudevents-batch","batchSize":1000`)).BatchSize)
}

// TestUseCloudEvents is OpenRegister's word, which must not contradict format.
func TestUseCloudEvents(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]Format{
		`"configuration":{"useCloudEvents":true}`:                                    FormatOpenRegisterCloudEvent,
		`"configuration":{"useCloudEvents":false}`:                                   FormatOpenRegister,
		`"format":"openregister-cloudevent","configuration":{"useCloudEvents":true}`: FormatOpenRegisterCloudEvent,
		`"format":"openregister","configuration":{"useCloudEvents":false}`:           FormatOpenRegister,
	} {
		require.Equal(t, want, compileJSON(t, members).EventFormat, members)
	}
	h := compileJSON(t, `"configuration":{"useCloudEvents":true,"cloudEventSource":"urn:x:y","cloudEventSubject":"één ding"}`)
	require.Equal(t, []string{"urn:x:y", "één ding"}, []string{h.CloudEventSource, h.CloudEventSubject})
}

func TestFormatFaults(t *testing.T) {
	t.Parallel()
	const or = `"format":"openregister-cloudevent",`
	for members, want := range map[string]string{
		subscriber(`"format":"xml"`):                                                        `/format: is "xml"; allowed are "cloudevents", "cloudevents-binary", "cloudevents-batch", "openregister", "openregister-cloudevent"`,
		`"format":"cloudevents","configuration":{"useCloudEvents":true}`:                    `/configuration/useCloudEvents: is true, which is format "openregister-cloudevent", but format says otherwise; leave one of them out`,
		`"format":"openregister-cloudevent","configuration":{"useCloudEvents":false}`:       `/configuration/useCloudEvents: is false, which is format "openregister", but format says otherwise; leave one of them out`,
		`"configuration":{"cloudEventSource":"/a"}`:                                         `/configuration/cloudEventSource: is only for format "openregister-cloudevent"; the other formats keep the event's own`,
		`"configuration":{"useCloudEvents":false,"cloudEventSubject":"a"}`:                  `/configuration/cloudEventSubject: is only for format "openregister-cloudevent"; the other formats keep the event's own`,
		or + `"configuration":{"cloudEventSource":"a b"}`:                                   `/configuration/cloudEventSource: must be a URI reference (RFC 3986 section 4.1) of at most 1024 bytes, such as /apps/openregister`,
		or + `"configuration":{"cloudEventSource":"` + strings.Repeat("x", 1025) + `"}`:     `/configuration/cloudEventSource: must be a URI reference (RFC 3986 section 4.1) of at most 1024 bytes, such as /apps/openregister`,
		or + `"configuration":{"cloudEventSubject":"a\nb"}`:                                 `/configuration/cloudEventSubject: must be a text of at most 1024 bytes without control characters`,
		subscriber(`"batchSize":5`):                                                         `/batchSize: is only for format "cloudevents-batch"`,
		`"method":"GET","configuration":{}`:                                                 `/method: is GET, which has no body to carry the event; only a subscriber with format "openregister" may use it; allowed are "POST", "PUT", "PATCH", "DELETE"`,
		`"method":"get","format":"openregister","configuration":{"interceptRequests":true}`: `/method: is GET, which has no body to carry the event; only a subscriber with format "openregister" may use it; allowed are "POST", "PUT", "PATCH", "DELETE"`,

		`"method":"GET","format":"openregister","configuration":{"interceptRequests":true,"async":true}`: `/method: is GET, which has no body to carry the event; only a subscriber with format "openregister" may use it; allowed are "POST", "PUT", "PATCH", "DELETE"`,
	} {
		_, err := tryJSON(members)
		require.Equal(t, []string{want}, fieldErrors(t, err), members)
	}
	require.Equal(t, "GET", compileJSON(t, `"method":"get","configuration":{"useCloudEvents":false}`).Method)

	w := Webhook{Name: "n", URL: NewAddress("http://a.example/"), EventFormat: FormatBatch, BatchSize: MaxBatchSize + 1}
	_, err := Compile(w, Defaults{})
	require.Equal(t, []string{"/batchSize: is 1001; allowed is 1 to 1000"}, fieldErrors(t, err))
}

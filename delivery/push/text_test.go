package push

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/webhook"
)

// What a receiver repeats of our secrets is neither in the error nor in the
// answer that is kept.
func TestASecretThatComesBackIsHidden(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, `{"message":"no: %s, %s, %s"}`, r.Header.Get("X-Api-Key"), r.Header.Get("Authorization"), r.URL.RawQuery)
	})
	h := hookTo(t, r.URL+"/in?token=query-secret&v=1", func(w *webhook.Webhook) {
		w.Headers = []webhook.Header{
			{Name: "X-Api-Key", Value: webhook.NewSecret("key-secret")},
			{Name: "Authorization", Value: webhook.NewSecret("Bearer auth-secret")},
		}
	})
	result := send(t, newSender(t, h, Options{}))
	require.Equal(t, "auth: status 403: no: ***, ***, token=***&v=1", result.Error)
	require.Equal(t, `{"message":"no: ***, ***, token=***&v=1"}`, string(result.Response))
	require.Equal(t, r.URL+"/in", result.URL)
	require.NotContains(t, fmt.Sprintf("%+v", result), "-secret")
}

package webhook

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryChoice: each value that an error message offers is accepted.
func TestEveryChoice(t *testing.T) {
	t.Parallel()
	for _, method := range methods {
		require.Equal(t, method, compileJSON(t, fmt.Sprintf(`"method":%q`, method)).Method)
	}
	for _, contentType := range contentTypes {
		require.Equal(t, contentType, compileJSON(t, fmt.Sprintf(`"contentType":%q`, contentType)).ContentType)
	}
	for _, client := range clients {
		require.Equal(t, client, compileJSON(t, fmt.Sprintf(`"client":%q`, client)).Client)
	}
	configured := func(members string) *Hook {
		return compileJSON(t, `"configuration":{"interceptRequests":true,"processResponse":true,`+members+`}`)
	}
	for _, mode := range modes {
		require.Equal(t, mode, configured(fmt.Sprintf(`"mode":%q`, mode)).Mode)
	}
	for _, policy := range policies {
		require.Equal(t, policy, configured(fmt.Sprintf(`"onFailure":%q`, policy)).OnFailure)
		require.Equal(t, policy, configured(fmt.Sprintf(`"onTimeout":%q`, policy)).OnTimeout)
		require.Equal(t, policy, configured(fmt.Sprintf(`"onUnreachable":%q`, policy)).OnUnreachable)
	}
	for _, strategy := range strategies {
		h := configured(fmt.Sprintf(`"responseProcessing":{"mergeStrategy":%q,"fieldMapping":{"a":"b"}}`, strategy))
		require.Equal(t, strategy, h.Strategy)
		require.Equal(t, strategy == Custom, len(h.Mapping) == 1, "only custom uses the mapping")
	}
}

// TestLimits: what is just allowed, and what is just too much.
func TestLimits(t *testing.T) {
	t.Parallel()
	for name, grow := range map[string]func(w *Webhook, n int){
		"/events": func(w *Webhook, n int) {
			for range n * maxEvents {
				w.Events = append(w.Events, "a")
			}
		},
		"/filters": func(w *Webhook, n int) {
			for i := range n * maxFilters {
				w.Filters = append(w.Filters, Filter{fmt.Sprint("p", i), [][]byte{[]byte("1")}})
			}
		},
		"/headers": func(w *Webhook, n int) {
			for i := range n * maxHeaders {
				w.Headers = append(w.Headers, Header{fmt.Sprint("X-", i), NewSecret("v")})
			}
		},
		"/secret": func(w *Webhook, n int) {
			for range n * maxSecrets {
				w.Secrets = append(w.Secrets, NewSecret("s"))
			}
		},
		"/configuration/responseProcessing/fieldMapping": func(w *Webhook, n int) {
			for i := range n * maxMappings {
				mapping := Mapping{fmt.Sprint("a", i), "b"}
				w.Configuration.ResponseProcessing.FieldMapping = append(w.Configuration.ResponseProcessing.FieldMapping, mapping)
			}
		},
	} {
		w := interceptor("n")
		grow(&w, 1)
		compile(t, w)
		grow(&w, 1)
		_, err := Compile(w, Defaults{})
		require.ErrorContains(t, err, name+": has ")
		require.ErrorContains(t, err, "at most")
	}
}

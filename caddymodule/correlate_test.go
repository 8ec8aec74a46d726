package caddymodule

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/settle"
)

// numbered are the rules of a register whose clients number their requests.
const numbered = `"rules":[{"name":"requests","resource":"request","path":"/requests","actions":{"POST":{"name":"create"}},
	"correlate":"request.path + '?number=' + urlencode(request.body.number)"}]`

// TestAHoldOfAPostTellsWhereToLook, as the register gets it; where the rule cannot
// tell, the write goes on all the same.
func TestAHoldOfAPostTellsWhereToLook(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{`{"number":"a 7"}`: "/requests?number=a%207", `{}`: ""} {
		h := provisioned(t, fmt.Sprintf(`{"store":{"type":"memory","name":%q},"webhooks":[%s]}`, t.Name()+body, nobody), `{`+numbered+`}`)
		require.NoError(t, h.app.Start())
		var i settle.Intent
		w, err := send(t, h, http.MethodPost, "/requests", body, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
			held, err := h.app.queue.store.Holds(t.Context(), 10)
			require.NoError(t, err)                               //nolint:testifylint // on the goroutine of the test
			require.NoError(t, i.UnmarshalBinary(held[0].Intent)) //nolint:testifylint // on the goroutine of the test
			return registerSays(201, `{}`)(w, r)
		}))
		require.NoError(t, err)
		require.Equal(t, 201, w.Code)
		require.Equal(t, want, i.Correlate)
		require.NoError(t, h.app.Stop())
		require.NoError(t, h.app.Cleanup())
	}
}

// TestAPostInDoubtIsLookedFor: found, it is told of with the resource as its
// answer; what is not found is left to a person, never taken not to have happened.
func TestAPostInDoubtIsLookedFor(t *testing.T) {
	t.Parallel()
	a := asking(t, `{"handle":[{"handler":"voorpoort",`+numbered+`},{"handler":"oracle","name":"numbers"}]}`)
	for number, want := range map[string]string{"7": `"object":{"id":2,"number":"7","title":"t"}`, "8": "", "9": ""} {
		i := &settle.Intent{
			Handler: a.gates.all[0].fingerprint, Server: "srv0", Scheme: "http", Host: "register.example.nl", Credentials: true,
			Method: http.MethodPost, Path: "/requests", Correlate: "/requests?number=" + number, Rule: "requests", Event: "e1",
			Body: []byte(`{"number":"` + number + `"}`), Time: time.Now().Add(-time.Hour),
		}
		found, err := a.Recover(t.Context(), held(t, i))
		require.NoError(t, err)
		if want == "" {
			requireDead(t, found.Messages)
			continue
		}
		require.Len(t, found.Messages, 1)
		require.Empty(t, found.Messages[0].Targets[0].Dead)
		require.Contains(t, string(found.Messages[0].Event), `"type":"request.created"`)
		require.Contains(t, string(found.Messages[0].Event), want)
	}
}

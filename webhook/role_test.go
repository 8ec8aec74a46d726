package webhook

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRoles(t *testing.T) {
	t.Parallel()
	for configuration, want := range map[string]struct{ intercepts, async, subscribes, delivers bool }{
		``:                          {subscribes: true, delivers: true},
		`"interceptRequests":false`: {subscribes: true, delivers: true},
		`"async":true`:              {subscribes: true, delivers: true},
		`"interceptRequests":true`:  {intercepts: true},

		`"interceptRequests":true,"async":true`:                                                                          {async: true, delivers: true},
		`"interceptRequests":true,"onFailure":"queue"`:                                                                   {intercepts: true, delivers: true},
		`"interceptRequests":true,"onTimeout":"queue"`:                                                                   {intercepts: true, delivers: true},
		`"interceptRequests":true,"onUnreachable":"queue"`:                                                               {intercepts: true, delivers: true},
		`"interceptRequests":true,"onFailure":"queue","onTimeout":"allow","onUnreachable":"flag","processResponse":true`: {intercepts: true, delivers: true},
	} {
		h := compileJSON(t, `"configuration":{`+configuration+`}`)
		require.Equal(t, want.intercepts, h.Intercepts, configuration)
		require.Equal(t, want.async, h.Async, configuration)
		require.Equal(t, want.subscribes, h.Subscribes, configuration)
		require.Equal(t, want.delivers, h.Delivers(), configuration)
		require.Equal(t, h.Intercepts, h.OnFailure != "", "only interceptors have a policy")
	}
}

// TestRoleFaults: what belongs to an answer that nobody waits for is refused,
// with the reason.
func TestRoleFaults(t *testing.T) {
	t.Parallel()
	for role, why := range map[string]string{
		`"interceptRequests":false`:             ": needs interceptRequests to be true: a subscriber is told after the write, so its answer comes too late",
		`"interceptRequests":true,"async":true`: ": cannot go with async: nobody waits for the answer",
	} {
		for setting, pointer := range map[string]string{
			`"processResponse":true`:   "/configuration/processResponse",
			`"onFailure":"reject"`:     "/configuration/onFailure",
			`"onTimeout":"queue"`:      "/configuration/onTimeout",
			`"onUnreachable":"allow"`:  "/configuration/onUnreachable",
			`"mode":"warn"`:            "/configuration/mode",
			`"mode":"shadow"`:          "/configuration/mode",
			`"breaker":{"failures":3}`: "/configuration/breaker",
			`"maxAnswer":1024`:         "/configuration/maxAnswer",
		} {
			_, err := tryJSON(`"configuration":{` + role + `,` + setting + `}`)
			require.Equal(t, []string{pointer + why}, fieldErrors(t, err), setting)
		}
		_, err := tryJSON(`"contentType":"application/json","configuration":{` + role + `}`)
		require.Equal(t, []string{"/contentType: is for interceptors; the content type of a delivery follows its format"}, fieldErrors(t, err))
		for _, allowed := range []string{`"mode":"enforce"`, `"mode":"off"`, `"processResponse":false`, `"order":3`} {
			compileJSON(t, `"configuration":{`+role+`,`+allowed+`}`)
		}
	}
}

func TestLane(t *testing.T) {
	t.Parallel()
	lane := func(uuid, name string) string {
		return compile(t, Webhook{UUID: uuid, Name: name, URL: NewAddress("http://a.example/")}).Lane()
	}
	require.Equal(t, "stock", lane("", "stock"))
	require.Equal(t, "0199e2a4-7c00-7000-8000-00000000000a", lane("0199E2A4-7C00-7000-8000-00000000000A", "stock"))

	require.Equal(t, strings.Repeat("x", 255), lane("", strings.Repeat("x", 255)))
	wide, other := strings.Repeat("é", 255), strings.Repeat("é", 254)+"x" // 510 bytes: more than a store takes
	require.LessOrEqual(t, len(lane("", wide)), 255)
	require.NotEqual(t, lane("", wide), lane("", other))
}

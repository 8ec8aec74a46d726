package manage

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// What a receiver says may be about a person: it needs the scope that bodies
// need, and what is hidden of the body is hidden of its words.
func TestTheReceiversWordsNeedTheScopeOfBodies(t *testing.T) {
	const citizen = "citizen 999990639 J. Jansen is known already"
	for _, one := range []struct {
		token, want string
		redact      []string
	}{
		{tokenAll, "client_error: status 422: " + citizen, nil},
		{tokenAll, "client_error: status 422: ***", []string{"/message"}},
		{tokenRead, "client_error: status 422", nil},
	} {
		d := newDesk(t, func(c *Config) { c.Redact = one.redact })
		_, uuid := d.make(minimal)
		d.log(uuid, delivery.Attempt{
			Message: "m1", Status: 422, Reason: delivery.ReasonClient, Error: "client_error: status 422",
			Response: []byte(`{"message":"` + citizen + `"}`),
		})
		for _, path := range []string{"/webhooks/logs", "/webhooks/1/logs", "/messages/m1"} {
			r := request("GET", prefix+path, "")
			r.Header.Set("Authorization", "Bearer "+one.token)
			answer := d.send(r).is(http.StatusOK)
			require.Contains(t, answer.Body.String(), `"errorMessage":"`+one.want+`"`, path)
			if one.token != tokenAll || one.redact != nil {
				require.NotContains(t, answer.Body.String(), "Jansen", path)
			}
		}
	}
}

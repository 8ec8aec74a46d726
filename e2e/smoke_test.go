package e2e_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// webhook is a webhook block for objects that are being created.
func webhook(name, url, options string) string {
	return fmt.Sprintf("\twebhook %s {\n\t\turl %s\n\t\tevents object.creating\n%s\n\t}\n", name, url, options)
}

// globals puts webhooks into the global option.
func globals(webhooks ...string) string {
	all := "voorpoort {\n"
	for _, w := range webhooks {
		all += w
	}
	return all + "}\n"
}

// inFront is a site with the gate in front of the register.
func inFront(u *upstream) string {
	return "\tvoorpoort openregister\n\treverse_proxy " + u.address() + "\n"
}

func TestAWriteIsEnrichedOnItsWay(t *testing.T) {
	t.Parallel()
	u := register(t)
	s := interceptor(t, http.StatusOK, `{"data":{"@self":{"validated":true}}}`)
	g := start(t, globals(webhook("enrich", s.URL, "intercept merge")), inFront(u))
	got := post(t, g, `{"name":"Minoes"}`)
	require.Equal(t, http.StatusCreated, got.Status, got.Body)
	require.Equal(t, `{"name":"Minoes","@self":{"validated":true}}`, u.last(t).Body)
}

func TestABlockedWriteNeverReachesTheRegister(t *testing.T) {
	t.Parallel()
	u := register(t)
	s := interceptor(t, http.StatusUnprocessableEntity, `{"message":"No Felix in December"}`)
	g := start(t, globals(webhook("felix", s.URL, "intercept")), inFront(u))
	got := post(t, g, `{"name":"Felix"}`)
	require.Equal(t, http.StatusUnprocessableEntity, got.Status)
	require.Equal(t, "application/problem+json", got.Header.Get("Content-Type"))
	require.Contains(t, got.Body, "No Felix in December")
	require.Empty(t, u.seen())
}

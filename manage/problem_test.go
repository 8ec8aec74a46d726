package manage

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
)

// TestWhatClientsAreToldOfErrors: those they can do something about have a status
// and a detail of their own, all others none.
func TestWhatClientsAreToldOfErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
		told   bool
		detail string
	}{
		{catalogue.ErrFixed, http.StatusForbidden, true, "configuration"},
		{catalogue.ErrFull, http.StatusConflict, true, "too many webhooks"},
		{catalogue.ErrUnreadable, http.StatusConflict, true, "make it anew"},
		{catalogue.ErrChanged, http.StatusPreconditionFailed, true, "get it again"},
		{catalogue.ErrNameTaken, http.StatusConflict, true, "taken"},
		{delivery.ErrNotFound, http.StatusNotFound, true, "no such thing"},
		{errors.New("redis://user:password@host is away"), http.StatusInternalServerError, false, "its log says more"},
	} {
		p, told := problemOf(fmt.Errorf("on the way: %w", c.err))
		require.Equal(t, c.status, p.Status, c.err)
		require.Equal(t, c.told, told, c.err)
		require.Contains(t, string(p.document()), c.detail)
		require.NotContains(t, string(p.document()), "password")
	}
}

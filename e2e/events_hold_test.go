package e2e_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// unsettled is a hold, as the API shows it.
type unsettled struct {
	ID       string `json:"id"`
	Method   string `json:"method"`
	Path     string `json:"path"`
	UnderWay bool   `json:"underWay"`
}

// unsettledWrites are writes of which nobody saw the answer, and whose register
// cannot be asked: it went while it worked on them.
func unsettledWrites(t testing.TB, d *desk, paths ...string) []unsettled {
	t.Helper()
	var answers []<-chan answer
	for _, path := range paths {
		got, _ := d.shelf.during(t, d.gateway, http.MethodPut, path, `{"title":"t"}`, "wait-first")
		answers = append(answers, got)
	}
	for _, one := range look[struct{ Results []unsettled }](t, d, "/holds").Results {
		require.True(t, one.UnderWay, "the register has it")
		refused := d.do(t, http.MethodPost, "/holds/"+one.ID+"/settle", `{"happened":true}`)
		require.Equal(t, http.StatusConflict, refused.Status, refused.Body)
	}
	require.NoError(t, d.shelf.Listener.Close())
	d.shelf.CloseClientConnections()
	for _, got := range answers {
		require.Equal(t, http.StatusBadGateway, (<-got).Status)
	}
	var holds []unsettled
	require.Eventually(t, func() bool {
		holds = look[struct{ Results []unsettled }](t, d, "/holds").Results
		left := 0
		for _, one := range holds {
			if one.UnderWay {
				left++
			}
		}
		return left == 0
	}, 60*time.Second, 50*time.Millisecond)
	require.Len(t, holds, len(paths))
	return holds
}

// settle decides on a hold. With Redis that takes 30 s after the write, since
// another gateway may have it.
func (d *desk) settle(t testing.TB, hold unsettled, happened bool) {
	t.Helper()
	var got answer
	require.Eventually(t, func() bool {
		got = d.do(t, http.MethodPost, "/holds/"+hold.ID+"/settle", fmt.Sprintf(`{"happened":%t}`, happened))
		return got.Status != http.StatusConflict
	}, 90*time.Second, 100*time.Millisecond)
	require.Equal(t, http.StatusOK, got.Status, got.Body)
	require.JSONEq(t, fmt.Sprintf(`{"id":%q,"happened":%t}`, hold.ID, happened), got.Body)
}

// TestAHoldIsSettledByHand: what a person says happened is told, what did not is
// not, and neither is left.
func TestAHoldIsSettledByHand(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newDesk(t, s, takes, "")
		made := d.subscribe(t, "/x", `"types":["object.*"]`)
		cats, dogs := objectsOf("cats")+"/1", objectsOf("dogs")+"/1"
		holds := unsettledWrites(t, d, cats, dogs)
		require.Equal(t, cats, holds[0].Path, "oldest first")
		require.Equal(t, dogs, holds[1].Path)
		require.Equal(t, http.MethodPut, holds[0].Method)

		at := "/holds/" + holds[0].ID + "/settle"
		require.Equal(t, http.StatusBadRequest, d.do(t, http.MethodPost, at, `{}`).Status)
		reader := insist(t, http.MethodPost, d.address()+"/api"+at, `{"happened":true}`, "Authorization: Bearer "+readerToken)
		require.Equal(t, http.StatusForbidden, reader.Status)

		d.settle(t, holds[0], true)
		d.settle(t, holds[1], false)
		d.awaitStanding(t, holds[0].ID, made.ID, standing.delivered)
		told := d.receiver.await(t, "/x", 1)[0].fact(t)
		require.Equal(t, "object.updated", told.Type)
		require.Equal(t, "object:pets/cats/1", told.Subject)
		require.Equal(t, http.StatusNotFound, d.do(t, http.MethodGet, "/messages/"+holds[1].ID, "").Status)
		require.Empty(t, look[struct{ Results []unsettled }](t, d, "/holds").Results)
		require.Equal(t, http.StatusNotFound, d.do(t, http.MethodPost, at, `{"happened":true}`).Status)

		d.stop(t)
		hasNoHolds(t, s.open(t))
		require.Len(t, d.receiver.at("/x"), 1)
	})
}

package caddymodule

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestUnderAllowAnAnnouncementIsTriedAgain: the write goes on, and what was to be
// told before it is stored when the store is back.
func TestUnderAllowAnAnnouncementIsTriedAgain(t *testing.T) {
	t.Parallel()
	h, store := telling(t, `,"on_store_down":"allow"`, "",
		`{"name":"later","url":"http://127.0.0.1:9","events":["object.creating"],"configuration":{"interceptRequests":true,"async":true}}`)
	before := gapsAt(t, h, "announce")
	store.fail.Store(true)
	w, err := send(t, h, http.MethodPost, cats, `{"name":"Tom"}`, registerSays(201, `{}`))
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, w.Code)
	require.Empty(t, stored(t, store))
	store.fail.Store(false)
	require.Eventually(t, func() bool { return len(stored(t, store)) == 1 }, 20*time.Second, 5*time.Millisecond)
	require.Contains(t, string(stored(t, store)[0].Message.Event), `"body":{"name":"Tom"}`)
	require.InDelta(t, before, gapsAt(t, h, "announce"), 0, "nothing is lost")
}

// TestAnnouncementsOfOneWriteAreEventsOfTheirOwn: each webhook that could not be
// asked gets the body that it would have been asked about, under an id of its own,
// inside and outside.
func TestAnnouncementsOfOneWriteAreEventsOfTheirOwn(t *testing.T) {
	t.Parallel()
	queued := func(name string) string {
		return fmt.Sprintf(`{"name":%q,"url":"http://127.0.0.1:9","events":["object.creating"],"configuration":{"interceptRequests":true,"onFailure":"queue"}}`, name)
	}
	h, store := telling(t, "", "", queued("a"), queued("b"), queued("c"))
	_, err := send(t, h, http.MethodPost, cats, `{"id":"x"}`, registerSays(201, `{}`))
	require.NoError(t, err)
	told := stored(t, store)
	require.Len(t, told, 3)
	ids := map[string]bool{}
	for _, d := range told {
		id := gjson.GetBytes(d.Message.Event, "id").String()
		require.Equal(t, d.Message.ID, id)
		require.JSONEq(t, `{"id":"x"}`, gjson.GetBytes(d.Message.Event, "data.body").Raw, "the body keeps its own")
		ids[id] = true
	}
	require.Len(t, ids, 3)
}

func TestRenameChangesTheEventsOwnID(t *testing.T) {
	t.Parallel()
	m := delivery.Message{ID: "1", Event: []byte(`{"source":"\"id\":\"1\"","id":"1","data":{"id":"1"}}`)}
	rename(&m, "1-2")
	require.Equal(t, "1-2", m.ID)
	require.JSONEq(t, `{"source":"\"id\":\"1\"","id":"1-2","data":{"id":"1"}}`, string(m.Event))
}

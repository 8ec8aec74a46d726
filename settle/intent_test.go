package settle

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

func anIntent() Intent {
	return Intent{
		Handler: "h1", Server: "srv0", Scheme: "https", Host: "register.example.nl",
		Method: http.MethodPut, Path: "/cats/%31", Prefix: "/gw", Rewritten: true, Query: "a=b",
		Header:      http.Header{"Content-Type": {"application/json"}},
		ContentType: "application/json",
		Body:        []byte("{ \"n\": 1.10,\n \"s\": \"<é>\" }"),
		Opaque:      []byte{0, '\n', 1},
		Event:       "e1", Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC),
		Rule: "rest/item", Flags: []string{"felix"},
		Before: &Image{Image: event.Image{Body: []byte(`{"n":1}`), ETag: `"7"`, Quality: event.Exact}},
	}
}

func TestAnIntentIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	missing := anIntent()
	missing.Before = &Image{Missing: true, Image: event.Image{Quality: event.BestEffort, Body: []byte{}}}
	nobody := Intent{Method: "POST", Path: "/", Body: []byte{}, Opaque: []byte{}, Time: time.Time{}}
	for _, want := range []Intent{anIntent(), missing, nobody} {
		written, err := want.MarshalBinary()
		require.NoError(t, err)
		var got Intent
		require.NoError(t, got.UnmarshalBinary(written))
		require.Equal(t, want, got)
	}
}

func TestWhatIsNotAnIntent(t *testing.T) {
	t.Parallel()
	intent := anIntent()
	written, err := intent.MarshalBinary()
	require.NoError(t, err)
	for _, data := range [][]byte{nil, {}, []byte("{}"), []byte("{}\n"), []byte("[]\n"), []byte(`{"v":2}` + "\n"), []byte(`{"v":1,"sizes":[-1,0,0]}` + "\n"), written[:len(written)-1]} {
		var got Intent
		require.ErrorIs(t, got.UnmarshalBinary(data), errIntent, "%q", data)
	}
}

func FuzzIntent(f *testing.F) {
	intent := anIntent()
	written, _ := intent.MarshalBinary()
	f.Add(written)
	f.Add([]byte("{\"v\":1}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got, again Intent
		if got.UnmarshalBinary(data) != nil {
			return
		}
		written, err := got.MarshalBinary()
		if err != nil {
			return // a time that JSON cannot hold
		}
		require.NoError(t, again.UnmarshalBinary(written))
		require.Equal(t, got.Body, again.Body)
		require.Equal(t, got.Path, again.Path)
	})
}

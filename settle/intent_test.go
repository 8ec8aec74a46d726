package settle

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

func anIntent() Intent {
	return Intent{
		Handler: "h1", Server: "srv0", Listen: []string{":443", "unix//run/a"}, Scheme: "https", Host: "register.example.nl",
		Method: http.MethodPut, Path: "/cats/%31", Prefix: "/gw", Rewritten: true, Thing: true, Query: "a=b", Asked: "a=b&c",
		Correlate: "/cats?number=7", Credentials: true,
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

// byReflection is an intent as encoding/json writes it, and as gateways before
// this one did.
func byReflection(t *testing.T, i *Intent) []byte {
	t.Helper()
	head := intentHead{
		Version: 1, Handler: i.Handler, Server: i.Server, Listen: i.Listen, Scheme: i.Scheme, Host: i.Host,
		Method: i.Method, Path: i.Path, Prefix: i.Prefix, Rewritten: i.Rewritten, Thing: i.Thing,
		Query: i.Query, Asked: i.Asked, Correlate: i.Correlate, Credentials: i.Credentials,
		Header: i.Header, ContentType: i.ContentType,
		Event: i.Event, Time: i.Time, Rule: i.Rule, Flags: i.Flags, Fetched: i.Fetched,
		Sizes: [3]int{len(i.Body), len(i.Opaque)},
	}
	var image []byte
	if b := i.Before; b != nil {
		image, head.Sizes[2] = b.Body, len(b.Body)
		head.Image = &imageHead{ETag: b.ETag, Quality: b.Quality, Missing: b.Missing}
	}
	line, err := json.Marshal(head)
	require.NoError(t, err)
	return slices.Concat(line, []byte{'\n'}, i.Body, i.Opaque, image)
}

// TestTheLineIsWhatEncodingJSONWouldMakeOfIt, but for the order and the spelling.
func TestTheLineIsWhatEncodingJSONWouldMakeOfIt(t *testing.T) {
	t.Parallel()
	odd := anIntent()
	odd.Host, odd.Event = "\"\\\n\x00<\u2028>\xff", "é"
	odd.Header = http.Header{"A": {"1", "<\xe9>"}, "B": {}, "C\"": {""}}
	odd.Fetched = map[string]event.Fetched{"cat": {Body: []byte("{\n\"n\": 1}")}, "dog": {Failed: "no <dog>"}}
	for _, intent := range []Intent{{}, anIntent(), odd} {
		written, err := intent.MarshalBinary()
		require.NoError(t, err)
		require.LessOrEqual(t, cap(written), intent.headSize()+len(intent.Body)+len(intent.Opaque)+1024)
		var got, want Intent
		require.NoError(t, got.UnmarshalBinary(written))
		require.NoError(t, want.UnmarshalBinary(byReflection(t, &intent)))
		require.Equal(t, want, got)
	}
	late := Intent{Time: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}
	_, err := late.MarshalBinary()
	require.Error(t, err, "no JSON has such a time")
}

// TestAnIntentOfAnOlderGateway has no listeners, and says of nothing that it
// would be a thing.
func TestAnIntentOfAnOlderGateway(t *testing.T) {
	t.Parallel()
	old := `{"v":1,"handler":"h1","server":"srv0","scheme":"http","host":"a","method":"PUT","path":"/cats/1","query":"a=b",` +
		`"event":"e1","time":"2026-01-02T03:04:05Z","image":{"etag":"\"7\""},"sizes":[2,0,3]}` + "\n{}[1]"
	var got Intent
	require.NoError(t, got.UnmarshalBinary([]byte(old)))
	require.Equal(t, Intent{
		Handler: "h1", Server: "srv0", Scheme: "http", Host: "a", Method: "PUT", Path: "/cats/1", Query: "a=b",
		Event: "e1", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Body: []byte("{}"), Opaque: []byte{},
		Before: &Image{Image: event.Image{ETag: `"7"`, Body: []byte("[1]")}},
	}, got)
}

// TestAnIntentCostsOneAllocation, since each write waits for it.
func TestAnIntentCostsOneAllocation(t *testing.T) { //nolint:paralleltest // it counts allocations
	intent := anIntent()
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = intent.MarshalBinary() }), 1.0)
}

func BenchmarkIntent(b *testing.B) {
	intent := anIntent()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := intent.MarshalBinary(); err != nil {
			b.Fatal(err)
		}
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
		var want Intent
		require.NoError(t, want.UnmarshalBinary(byReflection(t, &got)))
		require.Equal(t, want, again)
	})
}

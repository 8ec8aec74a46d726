package event

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

func TestRecipe(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"rest"}})
	for _, req := range []*Request{
		{Method: "PUT", Path: "/cats/%35", Query: "a=<b>", ContentType: "application/json", Body: []byte("{ \"n\" : 1.10, \"s\": \"<\\u00e9>\" }")},
		{Method: "PUT", Path: "/cats/5", ContentType: "image/png", Opaque: []byte{0, 1, 255}},
		{Method: "DELETE", Path: "/cats/5"},
	} {
		req.Header = http.Header{"Accept": {"a", "b"}}
		m, _ := table.Match(req.Method, req.Path)
		m, _, err := m.Choose(req)
		require.NoError(t, err)
		sent := *req
		sent.Header = http.Header{"Accept": {"a", "b"}, "Authorization": {"Bearer secret"}}
		raw, err := m.AppendRecipe(nil, &sent)
		require.NoError(t, err)
		require.NoError(t, strictjson.Check(raw, 10))
		require.NotContains(t, string(raw), "secret")

		recalled, read, err := table.Recipe(raw)
		require.NoError(t, err)
		require.Equal(t, m.Rule(), recalled.Rule())
		require.Equal(t, string(req.Body), string(read.Body), "byte for byte")
		read.Body, req.Body = nil, nil
		require.Equal(t, req, read)
	}
}

func TestWhatIsNoRecipe(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"rest"}})
	for _, raw := range []string{``, `[]`, `{}`, `{"method":"PUT","path":"/cats/1","rule":"gone"}`, `{"method":5}`, `{"rule":"rest/item","method":"PUT","path":"/"}`} {
		_, _, err := table.Recipe([]byte(raw))
		require.ErrorIs(t, err, ErrRecipe, raw)
	}
}

func FuzzRecipe(f *testing.F) {
	table := compile(f, Config{Presets: []string{"rest"}})
	f.Add([]byte(`{"rule":"rest/item","method":"PUT","path":"/cats/1","header":{"Accept":["x"]},"opaque":"AAE=","body":{ }}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, req, err := table.Recipe(raw)
		if err != nil {
			return
		}
		again, err := m.AppendRecipe(nil, req)
		require.NoError(t, err)
		_, second, err := table.Recipe(again)
		require.NoError(t, err)
		require.Equal(t, string(req.Body), string(second.Body))
		require.Equal(t, req.Path, second.Path)
	})
}

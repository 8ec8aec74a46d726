package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

const hidden = "h1dd3n"

// secretive is a webhook with a hidden text everywhere one can be.
func secretive() Webhook {
	w := interceptor("shown")
	w.URL = NewAddress("https://hooks.example/in?token=" + hidden)
	w.Proxy = NewAddress("http://user:" + hidden + "@proxy.example")
	w.Headers = []Header{{"Authorization", NewSecret("Bearer " + hidden)}}
	w.Secrets = []Secret{NewSecret(hidden), NewSecret(hidden + "2")}
	w.Signatures = []Scheme{OpenRegister, SHA256}
	return w
}

// TestNothingHiddenIsShown prints and logs in every way one can think of.
func TestNothingHiddenIsShown(t *testing.T) {
	t.Parallel()
	w := secretive()
	h := compile(t, w)
	w.TLS.ClientKey = NewSecret(hidden)
	type inside struct { // fmt cannot call methods of unexported fields
		webhook Webhook
		pointer *Webhook
		hook    *Hook
		secret  Secret
		url     Address
		headers []Header
	}
	values := []any{
		w, &w, h, *h, w.Headers, w.Secrets, w.Secrets[0], &w.Secrets[0], w.URL, w.Proxy, w.TLS, w.Configuration,
		[]Webhook{w},
		[]*Hook{h},
		map[string]Webhook{"a": w},
		struct{ W Webhook }{w},
		inside{w, &w, h, w.Secrets[0], w.URL, w.Headers},
		&inside{w, &w, h, w.Secrets[0], w.URL, w.Headers},
		fmt.Errorf("about %v and %w", w, &ValidationError{Webhook: w.Name}),
	}
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10v", "%o"} {
			require.NotContains(t, fmt.Sprintf(verb, value), hidden, "%T with %s", value, verb)
			require.NotContains(t, fmt.Sprintf(verb, value), "683164643", "%T with %s, in hex", value, verb)
		}
		document, err := json.Marshal(value)
		require.NoError(t, err)
		require.NotContains(t, string(document), hidden, "%T", value)

		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "value", value)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "value", value)
		core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(&log), zap.DebugLevel)
		zap.New(core).Info("m", zap.Any("any", value), zap.Reflect("reflect", value))
		zap.New(core).Sugar().Infow("m", "value", value)
		require.NotEmpty(t, log.String())
		require.NotContains(t, log.String(), hidden, "%T", value)
	}
}

func TestWhatIsShown(t *testing.T) {
	t.Parallel()
	w := secretive()
	require.Equal(t, `webhook "shown" ( https://hooks.example/in)`, fmt.Sprint(w))
	require.Equal(t, `webhook "shown" (POST https://hooks.example/in)`, fmt.Sprintf("%+v", compile(t, w)))
	require.Equal(t, "***", fmt.Sprint(w.Secrets[0]))
	require.Empty(t, fmt.Sprint(Secret{}))
	document, err := json.Marshal(w)
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"shown","url":"https://hooks.example/in","headers":{"Authorization":"***"},"secret":["***","***"],
		"signature":["openregister","sha256"],"enabled":true,"proxy":"http://proxy.example","configuration":{"interceptRequests":true}}`, string(document))
	document, err = json.Marshal(compile(t, w))
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"shown","url":"https://hooks.example/in","method":"POST","mode":"enforce","enabled":true}`, string(document))
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                              "",
		"https://a.example/x":           "https://a.example/x",
		"https://u:p@a.example:1/x?y#z": "https://a.example:1/x",
		"https://a.example/%2F@x":       "https://a.example/%2F@x",
		"u:p@a.example":                 "***",
		"https://u:p/p@a.example":       "***",
		"{env.HOOK}":                    "***",
	} {
		require.Equal(t, want, NewAddress(text).String(), text)
		require.Equal(t, text, NewAddress(text).Reveal())
	}
}

func TestPlainKeepsEverything(t *testing.T) {
	t.Parallel()
	w, err := Parse([]byte(everything))
	require.NoError(t, err)
	again, err := Parse(w.Plain())
	require.NoError(t, err)
	require.Equal(t, w, again)
	require.Contains(t, string(w.Plain()), "Bearer t")
}

func TestExpand(t *testing.T) {
	t.Parallel()
	w := secretive()
	w.TLS = TLS{CA: "a", ClientCertificate: "b", ClientKey: NewSecret("c"), ServerName: "d"}
	before := string(w.Plain())
	got := w.Expand(func(text string) string { return text + "!" })
	require.Equal(t, before, string(w.Plain()), "the original is left alone")
	require.Equal(t, "https://hooks.example/in?token="+hidden+"!", got.URL.Reveal())
	require.Equal(t, hidden+"!", got.Secrets[0].Reveal())
	require.Equal(t, "Bearer "+hidden+"!", got.Headers[0].Value.Reveal())
	require.Equal(t, TLS{CA: "a!", ClientCertificate: "b!", ClientKey: got.TLS.ClientKey, ServerName: "d!"}, got.TLS)
	require.Equal(t, "c!", got.TLS.ClientKey.Reveal())
	require.Equal(t, "shown", got.Name)
}

package caddymodule_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/caddymodule"
	"github.com/voorpoort/voorpoort/webhook"
)

// FuzzCaddyfile adapts any text inside our blocks. It may be refused, but not
// panic; and what is not refused is JSON that the modules can decode.
func FuzzCaddyfile(f *testing.F) {
	files, err := filepath.Glob("testdata/adapt/*.caddyfiletest")
	require.NoError(f, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(f, err)
		source, _, _ := strings.Cut(string(raw), separator)
		global, handler := blocks(source)
		f.Add(global, handler)
	}
	f.Add("webhook a {\n\tfilter x \"\"\n\tbreaker \"\" \"\" \"\"\n\tintercept \"\"\n\tmap \"\" \"\"\n\theader \"\" \"\"\n}", "rule \"\" \"\" {\n\ton \"\" \"\"\n}")
	f.Add("webhook a {\n\ttls {\n\t\tca {\n", "unparsed {\n}\n}\nvoorpoort a")
	f.Add("webhook a\n}\nvoorpoort {\nwebhook b", "rule a /b {\n}\nrule a /b\nalias a b c\nalias a d e")
	f.Fuzz(func(t *testing.T, global, handler string) {
		if strings.Contains(global+handler, "import") {
			t.Skip("Caddy would read files")
		}
		source := "{\n\tvoorpoort {\n" + global + "\n\t}\n}\n\n:8080 {\n\tvoorpoort {\n" + handler + "\n\t}\n}\n"
		raw, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(source), nil)
		if err != nil {
			return
		}
		var config struct {
			Apps struct {
				Voorpoort json.RawMessage `json:"voorpoort"`
			} `json:"apps"`
		}
		require.NoError(t, json.Unmarshal(raw, &config))
		if config.Apps.Voorpoort == nil {
			return // the text has closed our block and opened another
		}
		var app caddymodule.App
		require.NoError(t, caddy.StrictUnmarshalJSON(config.Apps.Voorpoort, &app))
		for _, w := range app.Webhooks {
			_, _ = webhook.Parse(w) // the values may make no sense
		}
	})
}

// blocks gives what stands inside the global block and inside the handler's.
func blocks(source string) (global, handler string) {
	inside := func(text string) string {
		_, text, _ = strings.Cut(text, "voorpoort")
		_, text, _ = strings.Cut(text, "{\n")
		text, _, _ = strings.Cut(text, "\n\t}\n")
		return text
	}
	head, rest, _ := strings.Cut(source, "\n}\n")
	return inside(head), inside(rest)
}

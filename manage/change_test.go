package manage

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/webhook"
)

// Whatever comes in: no panic, no secret in the refusal, and what is accepted
// can be shown, and sent back without changing anything.
func FuzzChange(f *testing.F) {
	for _, body := range []string{
		minimal, `{"secret":"***","headers":{"X-A":"***"}}`, `{"secret":["***","n"]}`, `{"url":null,"name":"n"}`, `{"tls":{"clientKey":"***"}}`,
		`{"oauth2":{"clientSecret":"***","tokenUrl":"https://t.example/t"}}`, `{"headers":[],"filters":{"a":[1,{"b":2}]},"timeout":"1h"}`, `{"_x":1,"id":{}}`,
	} {
		f.Add([]byte(body))
	}
	before, err := webhook.Parse([]byte(`{"uuid":"550e8400-e29b-41d4-a716-446655440000","name":"n","url":"https://s.example/h?k=hush","secret":["hush-1","hush-2"],
		"headers":{"X-A":"hush-3"},"oauth2":{"tokenUrl":"https://t.example/t?k=hush","clientId":"c","clientSecret":"hush-4"}}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		checked, err := checkBody(body)
		if err != nil {
			return
		}
		for _, stored := range []webhook.Webhook{{}, before} {
			after, err := changed(stored, checked)
			if invalid := new(webhook.ValidationError); errors.As(err, &invalid) {
				require.NotContains(t, string(badWebhook(invalid).document()), "hush-")
				continue
			}
			require.NoError(t, err)
			if after.UUID == "" || after.Name == "" {
				continue
			}
			var shown webhookDocument
			require.NoError(t, shown.define(&after))
			document, err := marshal(shown)
			require.NoError(t, err)
			require.NotContains(t, string(document), "hush-")
			again, err := changed(after, document)
			require.NoError(t, err)
			require.JSONEq(t, string(after.Plain()), string(again.Plain()))
		}
	})
}

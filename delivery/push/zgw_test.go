package push

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/webhook"
)

// ON-20: a JWT of the attempt, whose signature openssl finds the same.
func TestZGW(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, answering(401, ""))
	h := hookTo(t, r.URL, func(w *webhook.Webhook) {
		w.ZGWJWT = &webhook.ZGWJWT{
			ClientID: "gateway", Secret: webhook.NewSecret("zgw-secret"), UserID: "u-1", UserRepresentation: `Zoë "Z"`,
		}
	})
	now := testTime
	s := newSender(t, h, Options{Now: func() time.Time { return now }})
	for range 2 {
		require.Equal(t, 401, send(t, s).Status)
		now = now.Add(time.Minute)
	}
	require.Len(t, r.requests(), 2, "a token of our own making is not renewed within an attempt")
	for i, got := range r.requests() {
		value, found := strings.CutPrefix(got.Header.Get("Authorization"), "Bearer ")
		require.True(t, found)
		parts := strings.Split(value, ".")
		require.Len(t, parts, 3)
		require.JSONEq(t, `{"typ":"JWT","alg":"HS256"}`, decoded(t, parts[0]))
		var claims map[string]any
		require.NoError(t, json.Unmarshal([]byte(decoded(t, parts[1])), &claims))
		require.Equal(t, map[string]any{
			"iss": "gateway", "client_id": "gateway", "user_id": "u-1", "user_representation": `Zoë "Z"`,
			"iat": float64(testTime.Unix() + int64(i)*60),
		}, claims, "fresh for every attempt")
		require.Equal(t, opensslHMAC(t, "zgw-secret", []byte(parts[0]+"."+parts[1])),
			hex.EncodeToString([]byte(decoded(t, parts[2]))))
	}
}

func decoded(t *testing.T, part string) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(part)
	require.NoError(t, err)
	return string(raw)
}

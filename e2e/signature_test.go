package e2e_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
)

// TestSignaturesAreThoseOfTheBytesSent verifies them with code that is not
// ours, over the bytes that the service received.
func TestSignaturesAreThoseOfTheBytesSent(t *testing.T) {
	t.Parallel()
	const text = "een-geheim-van-de-gemeente"
	current := "whsec_" + base64.StdEncoding.EncodeToString([]byte("de sleutel van vandaag, 32 bytes"))
	previous := "whsec_" + base64.StdEncoding.EncodeToString([]byte("de sleutel van gisteren, 32 byte"))
	seed := []byte("een zaadje van precies 32 bytes!")
	asymmetric := "whsk_" + base64.StdEncoding.EncodeToString(seed)
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte(text+"\n"), 0o600), "with the line end that editors add")
	quick := func(extra string) trial { return trial{options: "intercept;" + extra} }
	trials := map[string]trial{
		"none":          quick(""),
		"default-text":  quick("secret {env.TEXT_SECRET}"),
		"from-a-file":   quick("secret {file." + file + "}"),
		"open-register": quick("secret " + text + " other-secret;signature openregister"),
		"sha256":        quick("secret " + text + ";signature sha256"),
		"default-whsec": quick("secret " + current),
		"rotation":      quick("secret " + current + " " + previous),
		"ed25519":       quick("secret " + asymmetric + " " + current),
		"all":           quick("secret " + current + ";signature standard-webhooks openregister sha256"),
		"net-http":      quick("secret " + current + ";client net/http"),
	}
	var list []trial
	for name, c := range trials {
		c.name, c.answer = name, says(204, "", "")
		list = append(list, c)
	}
	s := newStand(t, list, "TEXT_SECRET="+text)
	sent := func(t *testing.T, name string) cloudEvent {
		t.Helper()
		require.Equal(t, 201, s.create(t, name, sentBody).Status)
		require.Len(t, s.asked(name), 1)
		return s.asked(name)[0]
	}
	mac := func(key, message string) string {
		hash := hmac.New(sha256.New, []byte(key))
		hash.Write([]byte(message))
		return hex.EncodeToString(hash.Sum(nil))
	}
	verifies := func(t *testing.T, secret string, e cloudEvent) error {
		t.Helper()
		receiver, err := standardwebhooks.NewWebhook(secret)
		require.NoError(t, err)
		return receiver.Verify([]byte(e.Raw), e.Header)
	}

	t.Run("none", func(t *testing.T) {
		t.Parallel()
		e := sent(t, "none")
		for _, name := range []string{"X-Webhook-Signature", "X-Signature", "Webhook-Signature", "Webhook-Id", "Webhook-Timestamp"} {
			require.Empty(t, e.Header.Values(name))
		}
	})
	t.Run("openregister", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"default-text", "from-a-file", "open-register"} {
			e := sent(t, name)
			require.Equal(t, []string{mac(text, e.Raw)}, e.Header.Values("X-Webhook-Signature"))
			require.Empty(t, e.Header.Values("X-Signature"))
			require.Empty(t, e.Header.Values("Webhook-Signature"))
		}
	})
	t.Run("sha256", func(t *testing.T) {
		t.Parallel()
		e := sent(t, "sha256")
		require.Equal(t, []string{"sha256=" + mac(text, e.Raw)}, e.Header.Values("X-Signature"))
		require.Empty(t, e.Header.Values("X-Webhook-Signature"))
	})
	t.Run("standard-webhooks", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"default-whsec", "rotation", "all", "net-http"} {
			e := sent(t, name)
			require.NoError(t, verifies(t, current, e), name)
			require.Equal(t, "msg_"+e.ID, e.Header.Get("Webhook-Id"))
			at, err := strconv.ParseInt(e.Header.Get("Webhook-Timestamp"), 10, 64)
			require.NoError(t, err)
			require.WithinDuration(t, time.Now(), time.Unix(at, 0), time.Minute)
			if name == "all" {
				require.Equal(t, mac(current, e.Raw), e.Header.Get("X-Webhook-Signature"))
				require.Equal(t, "sha256="+mac(current, e.Raw), e.Header.Get("X-Signature"))
			}
			if name == "rotation" {
				require.NoError(t, verifies(t, previous, e))
			} else {
				require.Error(t, verifies(t, previous, e))
			}
			e.Raw += " "
			require.Error(t, verifies(t, current, e), "of other bytes")
		}
	})
	t.Run("ed25519", func(t *testing.T) {
		t.Parallel()
		e := sent(t, "ed25519")
		require.NoError(t, verifies(t, current, e), "the symmetric one beside it")
		signed := e.Header.Get("Webhook-Id") + "." + e.Header.Get("Webhook-Timestamp") + "." + e.Raw
		public, ok := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
		require.True(t, ok)
		found := false
		for one := range strings.FieldsSeq(e.Header.Get("Webhook-Signature")) {
			if encoded, ok := strings.CutPrefix(one, "v1a,"); ok {
				signature, err := base64.StdEncoding.DecodeString(encoded)
				require.NoError(t, err)
				require.True(t, ed25519.Verify(public, []byte(signed), signature))
				found = true
			}
		}
		require.True(t, found)
	})
}

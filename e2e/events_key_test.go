package e2e_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Keys of 32 bytes.
var (
	firstKey  = strings.Repeat("0a", 32)
	secondKey = strings.Repeat("1b", 32)
)

// keyed is the word of the configuration.
func keyed(keys ...string) string { return "encryption_key " + strings.Join(keys, " ") + "\n" }

// keepSecrets makes a webhook with secrets of three kinds.
func keepSecrets(t testing.TB, d *desk) {
	t.Helper()
	body := `{"name":"archive","url":"` + d.receiver.URL + `/archive?key=` + headerSecret + `","secret":"` + signingSecret +
		`","headers":{"X-Key":"` + headerSecret + `"},"events":["a.b"]}`
	require.Equal(t, http.StatusCreated, d.do(t, http.MethodPost, "/webhooks", body).Status)
}

// worksWith shows that the webhook is in force with its secrets.
func worksWith(t testing.TB, d *desk, event string) {
	t.Helper()
	calls := len(d.receiver.at("/archive"))
	d.hand(t, happening(event, `"source":"/s","type":"a.b"`))
	c := d.receiver.await(t, "/archive", calls+1)[calls]
	require.Equal(t, headerSecret, c.Header.Get("X-Key"))
	require.Equal(t, "/archive?key="+headerSecret, c.URI)
	d.awaitStanding(t, event, 1, standing.delivered)
}

// resealing loads other keys, and waits until the webhook is stored anew with the
// first of them, which shows in the time of its last change.
func (d *desk) resealing(t testing.TB, keys ...string) {
	t.Helper()
	updated := func() string { return look[struct{ Updated string }](t, d, "/webhooks/1").Updated }
	before := updated()
	d.rearrange(t, keyed(keys...), ownerToken)
	require.Eventually(t, func() bool { return updated() != before }, 20*time.Second, 20*time.Millisecond, "it is not stored with the new key")
}

// TestStoredWebhooksAreEncrypted: nothing of their secrets is on the disk, of the
// gateway or of Redis, also after deliveries. Without a key it is, which is how
// the test knows that it looks in the right place.
func TestStoredWebhooksAreEncrypted(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newDesk(t, s, takes, keyed(firstKey))
		keepSecrets(t, d)
		worksWith(t, d, "e1")
		for _, secret := range []string{signingSecret, headerSecret, firstKey} {
			require.NotContains(t, s.bytes(t), secret)
		}
		d.stop(t)
		require.NotContains(t, s.bytes(t), signingSecret)
		require.NotContains(t, s.bytes(t), headerSecret)
	})
	t.Run("without a key", func(t *testing.T) {
		t.Parallel()
		onBothStores(t, func(t *testing.T, s *storage) {
			d := newDesk(t, s, takes, "")
			keepSecrets(t, d)
			require.Contains(t, s.bytes(t), signingSecret)
			d.rearrange(t, "budget 21s\n", ownerToken)
			require.NotEmpty(t, d.logged("secrets of webhooks in the store are not encrypted; encryption_key mends it"))
			d.resealing(t, firstKey)
			worksWith(t, d, "e1")
		})
	})
}

// TestAKeyIsChangedWithoutAnInterruption, step by step, and after it the old key
// opens nothing.
func TestAKeyIsChangedWithoutAnInterruption(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newDesk(t, s, takes, keyed(firstKey))
		keepSecrets(t, d)
		d.rearrange(t, keyed(firstKey, secondKey), ownerToken)
		worksWith(t, d, "with-both")
		d.resealing(t, secondKey, firstKey)
		worksWith(t, d, "with-the-new-one")
		d.rearrange(t, keyed(secondKey), ownerToken)
		worksWith(t, d, "without-the-old-one")
		status, said := d.reload(t, d.globals(keyed(firstKey)), d.site(ownerToken))
		require.NotEqual(t, http.StatusOK, status)
		requireKeyRefusal(t, said)
		worksWith(t, d, "as-it-was")
	})
}

// TestAGatewayDoesNotStartWithAnotherKey, or with none: the webhook may be one
// that blocks writes. It says which it is and what to do, and no key.
func TestAGatewayDoesNotStartWithAnotherKey(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newDesk(t, s, takes, keyed(firstKey))
		keepSecrets(t, d)
		d.stop(t)
		for _, more := range []string{keyed(secondKey), ""} {
			require.NoError(t, os.WriteFile(d.file, []byte(d.caddyfile(d.globals(more), d.site(ownerToken))), 0o600))
			out, code := runTo(t, "run", "--config", d.file)
			require.NotZero(t, code, out)
			requireKeyRefusal(t, out)
		}
		require.NoError(t, os.WriteFile(d.file, []byte(d.caddyfile(d.globals(keyed(secondKey, firstKey)), d.site(ownerToken))), 0o600))
		d.run(t)
		worksWith(t, d, "e1")
	})
}

// requireKeyRefusal checks what an operator reads.
func requireKeyRefusal(t testing.TB, said string) {
	t.Helper()
	require.Contains(t, said, "encryption_key")
	for _, secret := range []string{firstKey, secondKey, signingSecret, headerSecret} {
		require.NotContains(t, said, secret)
	}
}

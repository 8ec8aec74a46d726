package petshop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
)

const secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

func newShop(t *testing.T) *Shop {
	t.Helper()
	s, err := New(secret)
	require.NoError(t, err)
	return s
}

// told sends an event that is signed with a key, and returns the status.
func told(t *testing.T, s *Shop, key, event string) int {
	t.Helper()
	signer, err := standardwebhooks.NewWebhook(key)
	require.NoError(t, err)
	now := time.Now()
	signature, err := signer.Sign("msg_1", now, []byte(event))
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(event))
	r.Header.Set("Webhook-Id", "msg_1")
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	r.Header.Set("Webhook-Signature", signature)
	return serve(s, r).Code
}

func serve(s *Shop, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func cat(id int) string {
	return fmt.Sprintf(`{"id":"%d","type":"object.created","subject":"cat:1"}`, id)
}

func TestShopCountsHowOftenAnEventCame(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, id := range []int{1, 2, 1} {
		require.Equal(t, http.StatusNoContent, told(t, s, secret, cat(id)))
	}
	first, ok := s.Notice("1")
	require.True(t, ok)
	require.WithinDuration(t, time.Now(), first.First, time.Minute)
	first.First = time.Time{}
	require.Equal(t, Notice{ID: "1", Type: "object.created", Subject: "cat:1", Times: 2}, first)
	_, ok = s.Notice("3")
	require.False(t, ok)

	var shown []Notice
	w := serve(s, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &shown))
	require.Equal(t, s.Notices(), shown)
	require.Len(t, shown, 2)
}

func TestShopBelievesNobodyWithoutTheSecret(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	other := "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
	require.Equal(t, http.StatusUnauthorized, told(t, s, other, cat(1)))
	require.Equal(t, http.StatusUnauthorized, serve(s, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(cat(1)))).Code)
	require.Equal(t, http.StatusBadRequest, told(t, s, secret, `{"id":"1"}`))
	require.Equal(t, http.StatusBadRequest, told(t, s, secret, `no JSON`))
	require.Equal(t, http.StatusMethodNotAllowed, serve(s, httptest.NewRequest(http.MethodPut, "/", http.NoBody)).Code)
	require.Empty(t, s.Notices())
}

func TestShopForgetsTheOldest(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for id := range MaxNotices + 2 {
		s.note(Notice{ID: strconv.Itoa(id), Type: "t"})
	}
	require.Len(t, s.Notices(), MaxNotices)
	require.Equal(t, "2", s.Notices()[0].ID)
}

func TestASecretThatIsNone(t *testing.T) {
	t.Parallel()
	_, err := New("whsec_?")
	require.ErrorContains(t, err, "the secret of the pet shop")
}

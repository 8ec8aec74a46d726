package e2e_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Tokens of the management API in tests. They are long enough to be looked for
// in output.
const (
	ownerToken  = "owner-token-7Q2XW9K4M1" // may do everything
	readerToken = "reader-token-5T8RZ3N6B2"
)

// desk is a gateway with its management API, a register and a receiver.
type desk struct {
	*gateway

	storage  *storage
	shelf    *shelf
	receiver *receiver
}

// newDesk starts a gateway with the API. The receiver answers as the function
// says; more are further words of the global option.
func newDesk(t testing.TB, s *storage, answer func(http.ResponseWriter, call), more string) *desk {
	t.Helper()
	d := &desk{storage: s, shelf: newShelf(t), receiver: receiverWith(t, answer)}
	d.gateway = start(t, d.globals(more), d.site(ownerToken))
	return d
}

// globals is the global option, with which webhooks of the API may be at a
// receiver of this machine.
func (d *desk) globals(more string) string {
	return globals(d.storage.words, "recover_after 1s\negress_allow 127.0.0.0/8\n", more)
}

// site is the register behind the gate, and the API beside it, which knows the
// reader's token and the owners' that are given.
func (d *desk) site(owners ...string) string {
	tokens := "token read " + hashOf(readerToken) + "\n"
	for _, owner := range owners {
		tokens += "token read,write,replay,read:payload " + hashOf(owner) + "\n"
	}
	return "handle /gateway/* {\nvoorpoort_api {\n" + tokens + "}\n}\nhandle {\n" + inFrontOf(d.shelf) + "}\n"
}

// hashOf is how the configuration knows a token.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// rearrange loads the same configuration with other words.
func (d *desk) rearrange(t testing.TB, more string, owners ...string) {
	t.Helper()
	status, said := d.reload(t, d.globals(more), d.site(owners...))
	require.Equal(t, http.StatusOK, status, said)
}

// address is where the API is mounted, as the command line wants it.
func (d *desk) address() string { return d.URL + "/gateway" }

// do makes a call of the API as its owner.
func (d *desk) do(t testing.TB, method, path, body string) answer {
	t.Helper()
	return insist(t, method, d.address()+"/api"+path, body, "Authorization: Bearer "+ownerToken)
}

// look reads a document of the API.
func look[T any](t testing.TB, d *desk, path string) T {
	t.Helper()
	return answered[T](t, d.do(t, http.MethodGet, path, ""), http.StatusOK)
}

// answered demands a status and reads the answer.
func answered[T any](t testing.TB, got answer, status int) (v T) {
	t.Helper()
	require.Equal(t, status, got.Status, got.Body)
	require.NoError(t, json.Unmarshal([]byte(got.Body), &v), got.Body)
	return v
}

// subscribed is what a test reads of a subscription.
type subscribed struct {
	ID     uint64 `json:"id"`
	UUID   string `json:"uuid"`
	Status string `json:"status"`
	Style  string `json:"style"`
	Sink   string `json:"sink"`
}

// subscribe makes a subscription of style push at a path of the receiver.
// members are further members in JSON.
func (d *desk) subscribe(t testing.TB, path, members string) subscribed {
	t.Helper()
	body := fmt.Sprintf(`{"sink":%q,%s}`, d.receiver.URL+path, members)
	return answered[subscribed](t, d.do(t, http.MethodPost, "/events/subscriptions", body), http.StatusOK)
}

// standing is where an event stands with one subscription.
type standing struct {
	ID             uint64          `json:"id"`
	EventID        string          `json:"eventId"`
	SubscriptionID uint64          `json:"subscriptionId"`
	Status         string          `json:"status"`
	Payload        json.RawMessage `json:"payload"`
	LastResponse   json.RawMessage `json:"lastResponse"`
	RetryCount     int             `json:"retryCount"`
	NextAttempt    *time.Time      `json:"nextAttempt"`
}

// hand posts an event, which must be accepted.
func (d *desk) hand(t testing.TB, event string) {
	t.Helper()
	got := d.do(t, http.MethodPost, "/events", event)
	require.Equal(t, http.StatusOK, got.Status, got.Body)
}

// happening is an event with an id and further members in JSON.
func happening(id, members string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,%s}`, id, members)
}

// standings are those of an event, by subscription.
func (d *desk) standings(t testing.TB, event string) map[uint64]standing {
	t.Helper()
	all := map[uint64]standing{}
	for _, one := range look[struct{ Messages []standing }](t, d, "/events/"+event+"/messages").Messages {
		all[one.SubscriptionID] = one
	}
	return all
}

// awaitStanding waits until an event stands with a subscription as a test wants.
func (d *desk) awaitStanding(t testing.TB, event string, subscription uint64, wanted func(standing) bool) standing {
	t.Helper()
	var last standing
	require.Eventually(t, func() bool {
		last = d.standings(t, event)[subscription]
		return wanted(last)
	}, 30*time.Second, 20*time.Millisecond, "event %s, subscription %d", event, subscription)
	return last
}

// delivered is a standing's end.
func (s standing) delivered() bool { return s.Status == "delivered" }

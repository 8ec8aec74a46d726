package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// subscription is one webhook that is told of the writes to a schema of its own,
// and what its receiver answers: many subscriptions share one gateway and do not
// see each other.
type subscription struct {
	name    string // of the webhook, of the schema and of the path at the receiver
	options string // further lines of the webhook block, parted by semicolons
	url     string // replaces the receiver's; {receiver} stands for its address, here and in options
	json    string // members of the webhook in JSON, instead of a block
	answer  func(w http.ResponseWriter, c call)
}

// block is the subscription's webhook in a Caddyfile.
func (s *subscription) block(r *receiver) string {
	return fmt.Sprintf("\twebhook %s {\n\t\turl %s\n\t\tfilter schema %s\n%s\n\t}\n",
		s.name, s.address(r), s.name, strings.NewReplacer(";", "\n", "{receiver}", r.URL).Replace(s.options))
}

func (s *subscription) address(r *receiver) string {
	if s.url == "" {
		return r.URL + "/" + s.name
	}
	return strings.ReplaceAll(s.url, "{receiver}", r.URL)
}

// document is the subscription's webhook in JSON.
func (s *subscription) document(r *receiver) string {
	return fmt.Sprintf(`{"url":%q,"filters":{"schema":%q},%s}`, s.address(r), s.name, s.json)
}

// conduct is one case: what it subscribes to, what happens while the gateway
// runs and, afterwards, what the store has kept of it.
type conduct struct {
	id            string
	subscriptions []subscription
	run           func(t *testing.T, d *depot)
	kept          func(t *testing.T, store delivery.Store)
}

// depot is a register, a receiver and a gateway between them.
type depot struct {
	*gateway

	storage  *storage
	shelf    *shelf
	receiver *receiver
}

// newDepot starts a gateway with subscriptions. more are further words of the
// global option.
func newDepot(t testing.TB, s *storage, subscriptions []subscription, more string) *depot {
	t.Helper()
	d := &depot{storage: s, shelf: newShelf(t)}
	answers := map[string]func(http.ResponseWriter, call){}
	for _, one := range subscriptions {
		require.NotContains(t, answers, "/"+one.name, "two subscriptions have one name")
		answers["/"+one.name] = one.answer
	}
	d.receiver = receiverWith(t, func(w http.ResponseWriter, c call) {
		path, _, _ := strings.Cut(c.URI, "?")
		if answer := answers[path]; answer != nil {
			answer(w, c)
			return
		}
		takes(w, c)
	})
	d.gateway = start(t, d.globals(subscriptions, more), inFrontOf(d.shelf))
	var documents []string
	for _, one := range subscriptions {
		if one.json != "" {
			documents = append(documents, one.document(d.receiver))
		}
	}
	if len(documents) > 0 {
		status, message := d.load(t, "/config/apps/voorpoort/webhooks/...", "["+strings.Join(documents, ",")+"]")
		require.Equal(t, http.StatusOK, status, message)
	}
	return d
}

// globals is the global option for subscriptions.
func (d *depot) globals(subscriptions []subscription, more string) string {
	blocks := []string{d.storage.words, "recover_after 1s\n", more}
	for _, one := range subscriptions {
		if one.json == "" {
			blocks = append(blocks, one.block(d.receiver))
		}
	}
	return globals(blocks...)
}

// follow runs cases on one gateway, then looks at what its store has kept. The
// cases are made anew for each store.
func follow(t *testing.T, cases func() []conduct) {
	t.Helper()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		all := cases()
		var subscriptions []subscription
		for _, c := range all {
			subscriptions = append(subscriptions, c.subscriptions...)
		}
		d := newDepot(t, s, subscriptions, "")
		t.Run("told", func(t *testing.T) {
			for _, c := range all {
				t.Run(c.id, func(t *testing.T) {
					t.Parallel()
					c.run(t, d)
				})
			}
		})
		d.stop(t)
		store := s.open(t)
		hasNoHolds(t, store)
		for _, c := range all {
			if c.kept != nil {
				t.Run("kept/"+c.id, func(t *testing.T) { c.kept(t, store) })
			}
		}
	})
}

// create posts an object of a schema; the register makes it.
func (d *depot) create(t testing.TB, schema, body string, headers ...string) answer {
	t.Helper()
	got := insist(t, http.MethodPost, d.URL+objectsOf(schema), body, headers...)
	require.Equal(t, http.StatusCreated, got.Status, got.Body)
	return got
}

// told waits until a subscription has got so many calls.
func (d *depot) told(t testing.TB, name string, n int) []call {
	t.Helper()
	return d.receiver.await(t, "/"+name, n)
}

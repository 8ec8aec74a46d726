// Package petshop is the sample receiver of the pet store: it wants to know of
// each new cat, and keeps nobody from anything.
//
// What it does is what a receiver has to: check the signature, answer 2xx only
// when the event is safe, and know events again by their id, since an event may
// come more than once.
package petshop

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// MaxNotices is how many notices the shop remembers; the oldest go.
const MaxNotices = 1000

// maxEvent is the longest event the shop reads, in bytes.
const maxEvent = 64 << 20

// Notice is an event that the shop was told of.
type Notice struct {
	ID      string    `json:"id"`   // of the CloudEvent
	Type    string    `json:"type"` // of the CloudEvent
	Subject string    `json:"subject,omitempty"`
	First   time.Time `json:"first"` // when it came first
	Times   int       `json:"times"` // how often it came
}

// Shop takes signed CloudEvents by POST, and tells by GET which it got. It is an
// http.Handler and safe for concurrent use.
//
// Answers: 204, or 401 without a good signature, or 400 for what is no
// CloudEvent.
type Shop struct {
	signature *standardwebhooks.Webhook

	mu      sync.Mutex
	notices []*Notice
}

// New makes a shop that shares a secret with the gateway: "whsec_" and base64.
func New(secret string) (*Shop, error) {
	signature, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return nil, fmt.Errorf("the secret of the pet shop: %w", err)
	}
	return &Shop{signature: signature}, nil
}

// Notices returns what the shop was told of, the oldest first.
func (s *Shop) Notices() []Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	notices := make([]Notice, len(s.notices))
	for i, n := range s.notices {
		notices[i] = *n
	}
	return notices
}

// Notice looks for an event by its id.
func (s *Shop) Notice(id string) (Notice, bool) {
	for _, n := range s.Notices() {
		if n.ID == id {
			return n, true
		}
	}
	return Notice{}, false
}

// ServeHTTP takes an event, or shows those that came.
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPost:
		w.WriteHeader(s.take(w, r))
	case http.MethodGet:
		w.Header().Set("Content-Type", "application/json")
		pretty := json.NewEncoder(w)
		pretty.SetIndent("", "  ")
		_ = pretty.Encode(s.Notices()) // a caller that went away needs no answer
	default:
		w.Header().Set("Allow", "GET, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// take returns the status of the answer.
func (s *Shop) take(w http.ResponseWriter, r *http.Request) int {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEvent))
	if err != nil {
		return http.StatusBadRequest
	}
	if s.signature.Verify(raw, r.Header) != nil {
		return http.StatusUnauthorized
	}
	var event Notice
	if json.Unmarshal(raw, &event) != nil || event.ID == "" || event.Type == "" {
		return http.StatusBadRequest
	}
	s.note(event)
	return http.StatusNoContent
}

func (s *Shop) note(event Notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.notices {
		if known.ID == event.ID {
			known.Times++
			return
		}
	}
	if len(s.notices) == MaxNotices {
		s.notices = s.notices[1:]
	}
	s.notices = append(s.notices, &Notice{
		ID: event.ID, Type: event.Type, Subject: event.Subject, First: time.Now().UTC(), Times: 1,
	})
}

package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// cloudEvent is an event as an interceptor received it.
type cloudEvent struct {
	SpecVersion     string `json:"specversion"`
	ID              string `json:"id"`
	Source          string `json:"source"`
	Type            string `json:"type"`
	Subject         string `json:"subject"`
	Time            string `json:"time"`
	DataContentType string `json:"datacontenttype"`
	Data            struct {
		Method      string            `json:"method"`
		Path        string            `json:"path"`
		QueryParams map[string]any    `json:"queryParams"`
		Headers     map[string]string `json:"headers"`
		Body        json.RawMessage   `json:"body"`
		BodyBase64  string            `json:"bodyBase64"`
	} `json:"data"`

	Method string      `json:"-"` // of the call
	URI    string      `json:"-"`
	Header http.Header `json:"-"`
	Raw    string      `json:"-"`

	Gone <-chan struct{} `json:"-"` // closed when the gateway has given the call up
}

// service is an interceptor: it records the events and answers.
type service struct {
	*httptest.Server

	connections

	mu   sync.Mutex
	seen []cloudEvent
}

// interceptorWith starts a service that answers as the function says.
func interceptorWith(t testing.TB, answer func(w http.ResponseWriter, e cloudEvent)) *service {
	t.Helper()
	s := unstarted(answer)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// unstarted is a service that a test can still configure before it starts it.
func unstarted(answer func(w http.ResponseWriter, e cloudEvent)) *service {
	s := &service{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		e := cloudEvent{
			Method: r.Method, URI: r.RequestURI, Header: r.Header.Clone(), Raw: string(raw),
			Gone: r.Context().Done(),
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			http.Error(w, "this is not an event", http.StatusInternalServerError)
			return
		}
		s.mu.Lock()
		s.seen = append(s.seen, e)
		s.mu.Unlock()
		answer(w, e)
	}))
	s.Config.ConnState = s.watch
	return s
}

// interceptor starts a service that always answers the same JSON.
func interceptor(t testing.TB, status int, body string) *service {
	t.Helper()
	return interceptorWith(t, func(w http.ResponseWriter, _ cloudEvent) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// at are the events that came to one path of the service.
func (s *service) at(uri string) []cloudEvent {
	var found []cloudEvent
	for _, e := range s.events() {
		if e.URI == uri {
			found = append(found, e)
		}
	}
	return found
}

// events are what the service has received.
func (s *service) events() []cloudEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]cloudEvent(nil), s.seen...)
}

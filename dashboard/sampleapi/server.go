package sampleapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The tokens that the sample knows.
const (
	Operator = "operator-token" // may do everything
	Reader   = "reader-token"   // may read, without bodies
)

// maxFailures is how many wrong tokens are let pass before the brake.
const maxFailures = 10

// Server is the sample API. It is an http.Handler for paths that have /api/ in
// them, and safe for concurrent use.
type Server struct {
	mu       sync.Mutex
	routes   *http.ServeMux
	start    time.Time
	webhooks []object
	rows     []object // newest first
	letters  []object
	holds    []object
	jobs     []*job // oldest first
	failures int
	streams  map[chan struct{}]bool
	next     int
	seen     []string // Last-Event-ID of each stream that was opened
}

type object = map[string]any

// New makes a sample that began an hour before now.
func New(now time.Time) *Server {
	s := &Server{start: now.Add(-time.Hour).UTC(), streams: map[chan struct{}]bool{}, next: 1000}
	s.seed(now.UTC())
	s.routes = http.NewServeMux()
	s.routeWebhooks()
	s.routeLetters()
	s.routeRest()
	s.routeJobs()
	s.routeSubscriptions()
	return s
}

// ServeHTTP checks the token and routes what stands behind the last /api/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := strings.LastIndex(r.URL.Path, "/api/")
	if at < 0 {
		http.NotFound(w, r)
		return
	}
	if !s.admit(w, r) {
		return
	}
	inner := r.Clone(r.Context())
	inner.URL.Path = r.URL.Path[at+len("/api"):]
	w.Header().Set("Api-Version", "1.0.0")
	w.Header().Set("Cache-Control", "no-store")
	s.routes.ServeHTTP(w, inner)
}

// admit answers 401, 403 and 429 as the gateway does.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) bool {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case token == Operator:
		s.failures = 0
		return true
	case token == Reader && r.Method == http.MethodGet:
		return true
	case token == Reader:
		problem(w, http.StatusForbidden, "This needs a token with the scope write or replay.")
		return false
	}
	if token != "" {
		s.failures++
	}
	if s.failures > maxFailures {
		w.Header().Set("Retry-After", "60")
		problem(w, http.StatusTooManyRequests, "Too many wrong tokens.")
		return false
	}
	w.Header().Set("WWW-Authenticate", "Bearer")
	problem(w, http.StatusUnauthorized, "The token is missing or not known.")
	return false
}

func mayReadBodies(r *http.Request) bool {
	return r.Header.Get("Authorization") == "Bearer "+Operator
}

// fault is one wrong member of what was sent.
type fault struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

func problem(w http.ResponseWriter, status int, detail string, faults ...fault) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	body := object{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail, "error": detail}
	if len(faults) > 0 {
		body["errors"] = faults
	}
	_ = json.NewEncoder(w).Encode(body)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if body != nil {
		_ = json.NewEncoder(w).Encode(body)
	}
}

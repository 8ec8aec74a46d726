package sampleapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const pace = 400 * time.Millisecond // a new call so often

// Reload ends all streams, as a reload of the gateway does.
func (s *Server) Reload() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ended := range s.streams {
		close(ended)
	}
	clear(s.streams)
}

// Resumed gives the Last-Event-ID of each stream that was opened, in order.
func (s *Server) Resumed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	ended := make(chan struct{})
	s.mu.Lock()
	s.streams[ended] = true
	s.seen = append(s.seen, r.Header.Get("Last-Event-ID"))
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w).Flush
	fmt.Fprint(w, ": welcome\n\n")
	_ = flush()
	attempts := strings.Contains(r.URL.Query().Get("topics"), "attempts")
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			fmt.Fprint(w, "retry: 500\n\n")
			return
		case <-r.Context().Done():
			return
		case <-tick.C:
			if attempts {
				s.tell(w)
			}
			_ = flush()
		}
	}
}

// tell makes a call up, puts it into the log, and sends it without bodies.
func (s *Server) tell(w http.ResponseWriter) {
	s.mu.Lock()
	s.next++
	row := s.row(s.next, time.Now())
	row["id"], row["eventId"] = 100_000+s.next, eventID(s.next)
	s.rows = append([]object{row}, s.rows...)
	id := s.next
	s.mu.Unlock()
	news := maps.Clone(row)
	for _, name := range []string{"id", "webhookId", "payload", "requestBody", "responseBody"} {
		delete(news, name)
	}
	data, _ := json.Marshal(news)
	fmt.Fprintf(w, "id: %d\nevent: attempt\ndata: %s\n\n", id, data)
}

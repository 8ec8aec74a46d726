package sampleapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

func (s *Server) routeLetters() {
	s.routes.HandleFunc("GET /dead-letters", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		found := []object{}
		for _, letter := range s.letters {
			if id := r.URL.Query().Get("webhook"); id == "" || fmt.Sprint(letter["webhookId"]) == id || letter["webhook"] == id {
				found = append(found, hidden(r, letter))
			}
		}
		answer(w, http.StatusOK, object{"results": found, "cursor": nil})
	})
	s.routes.HandleFunc("GET /dead-letters/{webhook}/{seq}", s.withLetter(func(w http.ResponseWriter, r *http.Request, letter object) {
		one := hidden(r, letter)
		one["attempts"] = s.attemptsOf(r, fmt.Sprint(letter["eventId"]))
		answer(w, http.StatusOK, one)
	}))
	gone := s.withLetter(func(w http.ResponseWriter, r *http.Request, letter object) {
		var given object
		_ = json.NewDecoder(r.Body).Decode(&given)
		if r.PathValue("act") == "discard" && given["reason"] == "" {
			problem(w, http.StatusBadRequest, "A reason is needed.", fault{"#/reason", "is required"})
			return
		}
		s.letters = slices.DeleteFunc(s.letters, func(one object) bool { return one["seq"] == letter["seq"] })
		w.WriteHeader(http.StatusNoContent)
	})
	s.routes.HandleFunc("POST /dead-letters/{webhook}/{seq}/{act}", gone)
}

func (s *Server) withLetter(then func(http.ResponseWriter, *http.Request, object)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, letter := range s.letters {
			if letter["webhook"] == r.PathValue("webhook") && fmt.Sprint(letter["seq"]) == r.PathValue("seq") {
				then(w, r, letter)
				return
			}
		}
		problem(w, http.StatusNotFound, "No such dead letter.")
	}
}

func hidden(r *http.Request, letter object) object {
	letter = maps.Clone(letter)
	if !mayReadBodies(r) {
		letter["event"], letter["redacted"] = nil, true
	}
	return letter
}

func (s *Server) attemptsOf(r *http.Request, event string) []object {
	found := []object{}
	for _, row := range s.rows {
		if row["eventId"] == event {
			found = append(found, shown(r, row))
		}
	}
	slices.Reverse(found)
	return found
}

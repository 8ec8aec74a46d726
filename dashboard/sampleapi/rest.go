package sampleapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) routeRest() {
	s.routes.HandleFunc("GET /overview", s.overview)
	s.routes.HandleFunc("GET /messages/{id}", s.message)
	s.routes.HandleFunc("GET /interceptions", interceptions)
	s.routes.HandleFunc("GET /holds", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		answer(w, http.StatusOK, object{"results": s.holds})
	})
	s.routes.HandleFunc("POST /holds/{id}/settle", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.holds = slices.DeleteFunc(s.holds, func(hold object) bool { return hold["id"] == r.PathValue("id") })
		w.WriteHeader(http.StatusNoContent)
	})
	s.routes.HandleFunc("POST /check", check)
	s.routes.HandleFunc("GET /stream", s.stream)
}

func (s *Server) overview(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	window, err := strconv.Atoi(r.URL.Query().Get("window"))
	if err != nil {
		window = 3600
	}
	now := time.Now().UTC()
	attention := []object{}
	for _, hook := range s.webhooks {
		entry := object{"webhookId": hook["id"], "webhookName": hook["name"], "kind": hook["state"], "since": stamp(now.Add(-11 * time.Minute))}
		switch hook["state"] {
		case "broken":
			entry["severity"], entry["text"] = "warning", "The receiver failed 5 times in a row: deliveries pause."
		case "gone":
			entry["severity"], entry["text"] = "error", "The receiver says that it is gone (410): nothing is sent until someone resumes it."
		default:
			continue
		}
		attention = append(attention, entry)
	}
	if len(s.letters) > 0 {
		attention = append(attention, object{"severity": "error", "kind": "dead-letters", "webhookId": nil, "webhookName": nil, "text": fmt.Sprintf("%d events were not delivered and will not be tried again.", len(s.letters)), "since": stamp(now.Add(-50 * time.Minute))})
	}
	answer(w, http.StatusOK, object{
		"startedAt": stamp(s.start), "gateway": "gate-1", "version": "0.4.0", "store": object{"kind": "local", "failing": false},
		"totals":    object{"webhooks": len(s.webhooks), "enabled": 5, "pending": 229, "retrying": 113, "deadLetters": len(s.letters), "skipped": 0, "holds": len(s.holds), "attempts": 21877, "successful": 21302, "failed": 575},
		"attention": attention, "series": series(now, window),
	})
}

func (s *Server) message(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	attempts := s.attemptsOf(r, r.PathValue("id"))
	if len(attempts) == 0 {
		problem(w, http.StatusNotFound, "No such message.")
		return
	}
	last := attempts[len(attempts)-1]
	cloudEvent := event(0, fmt.Sprint(last["eventType"]), s.start)
	message := object{"id": last["eventId"], "source": cloudEvent["source"], "type": last["eventType"], "subject": cloudEvent["subject"], "class": last["eventClass"], "time": last["created"], "seq": 77, "event": cloudEvent}
	if !mayReadBodies(r) {
		message["event"], message["redacted"] = nil, true
	}
	deliveries := []object{}
	for _, row := range attempts {
		state := "delivered"
		if row["success"] == false {
			state = "pending"
		}
		deliveries = append(deliveries, object{"webhookId": row["webhookId"], "webhook": row["webhook"], "webhookName": row["webhookName"], "state": state, "attempts": row["attempt"], "dueAt": row["nextRetryAt"], "waiting": false, "reason": row["reason"], "changedAt": row["created"]})
	}
	answer(w, http.StatusOK, object{"message": message, "deliveries": deliveries, "attempts": attempts})
}

func interceptions(w http.ResponseWriter, r *http.Request) {
	outcomes := []string{"approved", "modified", "approved", "rejected", "approved", "modified", "failed_closed"}
	results := []object{}
	for i := range 40 {
		outcome := outcomes[i%len(outcomes)]
		if wanted := r.URL.Query().Get("outcome"); wanted != "" && wanted != outcome {
			continue
		}
		one := object{"id": 9000 - i, "at": stamp(time.Now().Add(-time.Duration(i*13) * time.Second)), "webhookId": 1, "webhookName": "Felix check", "eventId": eventID(i), "eventType": "nl.voorpoort.object.creating", "mode": "enforce", "outcome": outcome, "reason": "", "statusCode": 200, "durationMs": 4.2 + float64(i%5), "sentBytes": 812 + i, "receivedBytes": 96, "changed": []string{}}
		switch outcome {
		case "modified":
			one["changed"] = []string{"/woning/postcode", "/woning/plaats"}
		case "rejected":
			one["statusCode"] = 422
		case "failed_closed":
			one["reason"], one["statusCode"], one["durationMs"] = "timeout", 0, 30000
		}
		results = append(results, one)
	}
	answer(w, http.StatusOK, object{"results": results})
}

func check(w http.ResponseWriter, r *http.Request) {
	var given struct{ Method, Path, Body string }
	_ = json.NewDecoder(r.Body).Decode(&given)
	if !strings.HasPrefix(given.Path, "/") {
		problem(w, http.StatusBadRequest, "The request cannot be read.", fault{"#/path", "must begin with a slash"})
		return
	}
	answer(w, http.StatusOK, object{"rule": "objects", "event": event(1, "nl.voorpoort.object.creating", time.Now()), "webhooks": []object{
		{"name": "Felix check", "phase": "before", "matches": true, "why": []object{}},
		{"name": "Address lookup (BAG)", "phase": "before", "matches": false, "why": []object{
			{"pointer": "/filters/data.object.soort", "detail": "what the event has at data.object.soort is none of the values of the filter"},
			{"pointer": "/when", "detail": "the condition cannot be evaluated for this event: no such key: soort"},
		}},
	}})
}

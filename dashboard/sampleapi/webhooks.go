package sampleapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) routeWebhooks() {
	s.routes.HandleFunc("GET /webhooks", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		answer(w, http.StatusOK, object{"results": s.webhooks, "total": len(s.webhooks)})
	})
	s.routes.HandleFunc("GET /webhooks/events", events)
	s.routes.HandleFunc("GET /webhooks/logs", s.logs)
	s.routes.HandleFunc("GET /webhooks/{id}/logs", s.logs)
	s.routes.HandleFunc("GET /webhooks/{id}", s.withWebhook(show))
	s.routes.HandleFunc("POST /webhooks", s.create)
	s.routes.HandleFunc("PATCH /webhooks/{id}", s.withWebhook(s.change))
	s.routes.HandleFunc("DELETE /webhooks/{id}", s.withWebhook(s.remove))
	s.routes.HandleFunc("POST /webhooks/{id}/resume", s.withWebhook(func(w http.ResponseWriter, _ *http.Request, hook object) {
		hook["state"], hook["stateUntil"] = "open", nil
		answer(w, http.StatusOK, hook)
	}))
	s.routes.HandleFunc("POST /webhooks/{id}/test", s.withWebhook(test))
	s.routes.HandleFunc("POST /webhooks/logs/{id}/retry", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, object{"success": true, "message": "Webhook retry delivered successfully"})
	})
}

// withWebhook finds the webhook that the path names, by number or UUID.
func (s *Server) withWebhook(then func(http.ResponseWriter, *http.Request, object)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, hook := range s.webhooks {
			if fmt.Sprint(hook["id"]) == r.PathValue("id") || hook["uuid"] == r.PathValue("id") {
				then(w, r, hook)
				return
			}
		}
		problem(w, http.StatusNotFound, "Webhook not found")
	}
}

func show(w http.ResponseWriter, _ *http.Request, hook object) {
	w.Header().Set("ETag", fmt.Sprintf(`"%v"`, hook["updated"]))
	answer(w, http.StatusOK, hook)
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var given object
	if json.NewDecoder(r.Body).Decode(&given) != nil {
		problem(w, http.StatusBadRequest, "The body is not JSON.")
		return
	}
	if faults := wrong(given); len(faults) > 0 {
		problem(w, http.StatusBadRequest, "The webhook is not valid.", faults...)
		return
	}
	s.next++
	made := maps.Clone(s.webhooks[5]) // the one with defaults
	maps.Copy(made, given)
	made["id"], made["uuid"] = s.next, fmt.Sprintf("0190b0c4-0000-7000-8000-%012d", s.next)
	made["state"], made["enabled"], made["updated"] = "open", true, stamp(time.Now())
	mask(made)
	s.webhooks = append(s.webhooks, made)
	answer(w, http.StatusCreated, made)
}

func (s *Server) change(w http.ResponseWriter, r *http.Request, hook object) {
	if match := r.Header.Get("If-Match"); match != "" && match != fmt.Sprintf(`"%v"`, hook["updated"]) {
		problem(w, http.StatusPreconditionFailed, "The webhook was changed by somebody else.")
		return
	}
	var given object
	if json.NewDecoder(r.Body).Decode(&given) != nil {
		problem(w, http.StatusBadRequest, "The body is not JSON.")
		return
	}
	after := maps.Clone(hook)
	maps.Copy(after, given)
	if faults := wrong(after); len(faults) > 0 {
		problem(w, http.StatusBadRequest, "The webhook is not valid.", faults...)
		return
	}
	mask(after)
	maps.Copy(hook, after)
	hook["updated"] = stamp(time.Now())
	show(w, r, hook)
}

func (s *Server) remove(w http.ResponseWriter, _ *http.Request, hook object) {
	s.webhooks = slices.DeleteFunc(s.webhooks, func(one object) bool { return one["id"] == hook["id"] })
	w.WriteHeader(http.StatusNoContent)
}

func mask(hook object) {
	if hook["secret"] != nil {
		hook["secret"] = "***"
	}
}

// wrong finds the faults that the tests make.
func wrong(hook object) []fault {
	var faults []fault
	if name, _ := hook["name"].(string); name == "" {
		faults = append(faults, fault{"#/name", "is required"})
	}
	if url, _ := hook["url"].(string); !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") {
		faults = append(faults, fault{"#/url", "must be an absolute http or https URL"})
	}
	if retries, given := hook["maxRetries"].(float64); given && retries > 100 {
		faults = append(faults, fault{"#/maxRetries", "is 101; allowed are 0 to 100"})
	}
	return faults
}

func test(w http.ResponseWriter, _ *http.Request, hook object) {
	if hook["state"] == "broken" {
		answer(w, http.StatusOK, object{"success": false, "message": "Webhook test delivery failed: the receiver answered 503", "error_details": object{"status_code": 503, "response_body": `{"message":"maintenance"}`}})
		return
	}
	answer(w, http.StatusOK, object{"success": true, "message": "Test webhook delivered successfully", "attempt": object{
		"statusCode": 200, "durationMs": 41.5, "requestBody": object{"type": "nl.voorpoort.test", "data": object{"test": true}}, "responseBody": `{"accepted":true}`,
	}})
}

func (s *Server) logs(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	query := r.URL.Query()
	id := r.PathValue("id")
	if id == "" {
		id = query.Get("webhook_id")
	}
	rows := []object{}
	for _, row := range s.rows {
		if (id == "" || fmt.Sprint(row["webhookId"]) == id) && (query.Get("success") == "" || fmt.Sprint(row["success"]) == query.Get("success")) {
			rows = append(rows, shown(r, row))
		}
	}
	offset, _ := strconv.Atoi(query.Get("offset"))
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil {
		limit = 50
	}
	total := len(rows)
	rows = rows[min(offset, total):min(offset+limit, total)]
	answer(w, http.StatusOK, object{"results": rows, "total": total})
}

// shown hides bodies from tokens that may not read them.
func shown(r *http.Request, row object) object {
	row = maps.Clone(row)
	if !mayReadBodies(r) {
		row["payload"], row["requestBody"], row["responseBody"], row["redacted"] = nil, nil, nil, true
	}
	return row
}

func events(w http.ResponseWriter, _ *http.Request) {
	names := []string{"Created", "Updated", "Deleted"}
	list := make([]object, 0, len(names))
	for _, name := range names {
		list = append(list, object{"class": "OCA\\OpenRegister\\Event\\Object" + name + "Event", "name": "Object " + name, "description": "Triggered after an object is " + strings.ToLower(name), "category": "Object", "type": "after", "properties": []string{"object"}})
	}
	answer(w, http.StatusOK, object{"events": list, "total": len(list)})
}

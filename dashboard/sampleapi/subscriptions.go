package sampleapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

func (s *Server) routeSubscriptions() {
	s.routes.HandleFunc("GET /events/subscriptions", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		found := []object{}
		for _, hook := range s.webhooks {
			if hook["configuration"].(object)["interceptRequests"] != true {
				found = append(found, subscription(hook))
			}
		}
		answer(w, http.StatusOK, object{"results": found})
	})
	s.routes.HandleFunc("POST /events/subscriptions", s.subscribe)
	s.routes.HandleFunc("PUT /events/subscriptions/{id}", s.withWebhook(func(w http.ResponseWriter, r *http.Request, hook object) {
		var given struct{ Status string }
		_ = json.NewDecoder(r.Body).Decode(&given)
		hook["enabled"], hook["updated"] = given.Status == "active", stamp(time.Now())
		answer(w, http.StatusOK, subscription(hook))
	}))
	s.routes.HandleFunc("DELETE /events/subscriptions/{id}", s.withWebhook(func(w http.ResponseWriter, _ *http.Request, hook object) {
		s.webhooks = slices.DeleteFunc(s.webhooks, func(one object) bool { return one["id"] == hook["id"] })
		answer(w, http.StatusOK, subscription(hook))
	}))
}

// subscription is a webhook in OpenConnector's shape.
func subscription(hook object) object {
	status, style, sink := "active", hook["style"], hook["url"]
	if hook["enabled"] != true {
		status = "paused"
	}
	if style == nil {
		style = "push"
	}
	if style == "pull" {
		sink = nil
	}
	return object{
		"id": hook["id"], "uuid": hook["uuid"], "reference": hook["name"], "version": "0.0.0", "source": hook["source"], "types": hook["events"],
		"config": object{}, "filters": []object{}, "sink": sink, "protocol": "HTTP", "protocolSettings": object{"headers": object{}, "method": "POST"},
		"style": style, "status": status, "userId": nil, "created": hook["created"], "updated": hook["updated"], "readOnly": hook["readOnly"],
	}
}

func (s *Server) subscribe(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var given struct {
		Reference, Style, Sink string
		Source                 *string
		Types                  []string
	}
	if json.NewDecoder(r.Body).Decode(&given) != nil {
		problem(w, http.StatusBadRequest, "The body is not JSON.")
		return
	}
	if given.Style != "pull" && given.Sink == "" {
		problem(w, http.StatusBadRequest, "The subscription is not valid.", fault{"#/sink", "is required"})
		return
	}
	s.next++
	made := maps.Clone(s.webhooks[5]) // the one with defaults
	maps.Copy(made, object{
		"id": s.next, "uuid": fmt.Sprintf("0190b0c4-0000-7000-8000-%012d", s.next), "name": given.Reference, "url": given.Sink, "style": given.Style,
		"source": given.Source, "events": given.Types, "enabled": true, "state": "open", "updated": stamp(time.Now()),
	})
	s.webhooks = append(s.webhooks, made)
	answer(w, http.StatusOK, subscription(made))
}

package sampleapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// job is a replay that takes a few seconds.
type job struct {
	id, kind  string
	webhook   any // uuid, or nil for all
	rate      float64
	started   time.Time
	total     int
	cancelled time.Time
}

// view is the job as it is now.
func (j *job) view() object {
	until, state := time.Now(), "running"
	var ended any
	if !j.cancelled.IsZero() {
		until, state, ended = j.cancelled, "cancelled", stamp(j.cancelled)
	}
	done := min(j.total, int(until.Sub(j.started)/(300*time.Millisecond)))
	if done == j.total {
		state, ended = "done", stamp(j.started.Add(time.Duration(j.total)*300*time.Millisecond))
	}
	return object{
		"id": j.id, "kind": j.kind, "state": state, "webhook": j.webhook, "rate": j.rate, "total": j.total, "done": done, "failed": 0,
		"error": nil, "startedAt": stamp(j.started), "endedAt": ended,
	}
}

func (s *Server) routeJobs() {
	s.routes.HandleFunc("POST /dead-letters/replay", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.begin(w, &job{kind: "dead-letters", rate: 10, total: len(s.letters)})
	})
	s.routes.HandleFunc("POST /replay", s.replay)
	s.routes.HandleFunc("GET /jobs", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		found := []object{}
		for _, one := range s.jobs {
			found = append([]object{one.view()}, found...)
		}
		answer(w, http.StatusOK, object{"results": found})
	})
	s.routes.HandleFunc("GET /jobs/{id}", s.job)
	s.routes.HandleFunc("DELETE /jobs/{id}", s.job)
}

// begin starts a job. The lock is held.
func (s *Server) begin(w http.ResponseWriter, j *job) {
	j.id, j.started = fmt.Sprintf("job-%d", len(s.jobs)+1), time.Now()
	s.jobs = append(s.jobs, j)
	answer(w, http.StatusAccepted, j.view())
}

// replay refuses what the gateway refuses.
func (s *Server) replay(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	given := object{}
	_ = json.NewDecoder(r.Body).Decode(&given)
	var uuid any
	for _, hook := range s.webhooks {
		if fmt.Sprint(hook["id"]) == given["webhook"] {
			uuid = hook["uuid"]
		}
	}
	rate, isNumber := given["rate"].(float64)
	var faults []fault
	if uuid == nil {
		faults = append(faults, fault{"#/webhook", "is required: number or UUID of a webhook that there is"})
	}
	if !isNumber || rate < 0.01 || rate > 1000 {
		faults = append(faults, fault{"#/rate", "must be from 0.01 to 1000 a second"})
	}
	if given["since"] == nil && given["until"] == nil && given["type"] == nil && given["subject"] == nil {
		faults = append(faults, fault{"#/since", "is required, or one of until, type and subject: everything at once is seldom meant"})
	}
	if len(faults) > 0 {
		problem(w, http.StatusBadRequest, "The replay is not valid.", faults...)
		return
	}
	s.begin(w, &job{kind: "replay", webhook: uuid, rate: rate, total: 12})
}

func (s *Server) job(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.jobs {
		if one.id != r.PathValue("id") {
			continue
		}
		status := http.StatusOK
		if r.Method == http.MethodDelete {
			one.cancelled, status = time.Now(), http.StatusAccepted
		}
		answer(w, status, one.view())
		return
	}
	problem(w, http.StatusNotFound, "There is no such job.")
}

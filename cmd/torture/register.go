package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// refusal is how often the register says no: to each write whose number it
// divides. What it refuses must never be told.
const refusal = 37

// maxWrite bounds what the register reads of a write, in bytes.
const maxWrite = 1 << 20

// register is the system behind the gateway: it keeps objects in memory and
// writes down every write that it did, before it answers.
type register struct {
	record *record

	mu      sync.Mutex
	objects map[string]json.RawMessage
	pace    pace
	midway  chan struct{} // closed when the next answer is half sent
}

// pace makes the register slow.
type pace struct {
	Before time.Duration // between reading a write and doing it
	During time.Duration // between the halves of an answer
}

func newRegister(r *record) *register {
	return &register{record: r, objects: map[string]json.RawMessage{}, midway: make(chan struct{})}
}

// handler is the register's API and, under /control, how it is steered.
func (r *register) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+collection, r.write(create))
	mux.HandleFunc("PUT "+collection+"/{id}", r.write(update))
	mux.HandleFunc("DELETE "+collection+"/{id}", r.write(remove))
	mux.HandleFunc("GET "+collection+"/{id}", r.read)
	mux.HandleFunc("POST /control/pace", r.setPace)
	mux.HandleFunc("GET /control/midway", r.awaitMidway)
	return mux
}

func (r *register) read(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	object, ok := r.objects[req.PathValue("id")]
	r.mu.Unlock()
	if !ok {
		http.NotFound(w, req)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(object) // the client's loss
}

// write does one kind of write. A client that goes away does not stop it.
func (r *register) write(a action) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		raw, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxWrite))
		n, numberErr := strconv.ParseUint(req.URL.Query().Get("number"), 10, 64)
		if err != nil || numberErr != nil {
			http.Error(w, "no write", http.StatusBadRequest)
			return
		}
		p := r.currentPace()
		time.Sleep(p.Before)
		object, err := r.do(write{Number: number(n), Action: a, ID: req.PathValue("id")}, raw)
		if err != nil {
			http.Error(w, err.Error(), statusOf(err))
			return
		}
		r.answer(w, a, object, p)
	}
}

var (
	errRefused  = errors.New("refused")
	errNoObject = errors.New("there is no such object")
	errNoWrite  = errors.New("the body is not an object of this register")
)

func statusOf(err error) int {
	switch {
	case errors.Is(err, errRefused):
		return http.StatusUnprocessableEntity
	case errors.Is(err, errNoObject):
		return http.StatusNotFound
	case errors.Is(err, errNoWrite):
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// do does the write and puts it on record, in one step for those who look.
func (r *register) do(w write, raw []byte) (json.RawMessage, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w.Number%refusal == 0 {
		return nil, errRefused
	}
	if _, there := r.objects[w.ID]; !there && w.Action != create {
		return nil, errNoObject
	}
	if w.Action == create {
		w.ID = "o-" + strings.ToLower(rand.Text())
	}
	var object json.RawMessage
	if w.Action != remove {
		var c content
		if json.Unmarshal(raw, &c) != nil || c.Number != w.Number {
			return nil, errNoWrite
		}
		object = store(w.ID, c)
	}
	if err := r.record.add(accepted{Number: w.Number, Action: w.Action, ID: w.ID, At: time.Now().UnixNano()}); err != nil {
		return nil, err
	}
	if w.Action == remove {
		delete(r.objects, w.ID)
		return nil, nil
	}
	r.objects[w.ID] = object
	return object, nil
}

// store is an object as the register keeps it: with an id of its own.
func store(id string, c content) json.RawMessage {
	raw, _ := json.Marshal(struct {
		ID string `json:"id"`
		content
		Self map[string]string `json:"@self"`
	}{id, c, map[string]string{"id": id, "register": "torture", "schema": "thing"}})
	return raw
}

// answer sends the object, in two halves when the pace says so.
func (r *register) answer(w http.ResponseWriter, a action, object json.RawMessage, p pace) {
	if a == remove {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(object)))
	if a == create {
		w.WriteHeader(http.StatusCreated)
	}
	half := 0
	if p.During > 0 {
		half = len(object) / 2
		_, _ = w.Write(object[:half])             // the client's loss
		_ = http.NewResponseController(w).Flush() // it is no more than a try
		r.tellMidway()
		time.Sleep(p.During)
	}
	_, _ = w.Write(object[half:])
}

func (r *register) currentPace() pace {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pace
}

func (r *register) setPace(w http.ResponseWriter, req *http.Request) {
	before, err := time.ParseDuration(req.FormValue("before"))
	during, err2 := time.ParseDuration(req.FormValue("during"))
	if errors.Join(err, err2) != nil {
		http.Error(w, "before and during are durations", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	r.pace = pace{Before: before, During: during}
	r.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// awaitMidway answers as soon as an answer is half sent.
func (r *register) awaitMidway(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	midway := r.midway
	r.mu.Unlock()
	select {
	case <-midway:
		w.WriteHeader(http.StatusNoContent)
	case <-req.Context().Done():
	}
}

func (r *register) tellMidway() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.midway)
	r.midway = make(chan struct{})
}

// serveRegister plays the register until ctx ends.
func serveRegister(ctx context.Context, listen, path string) error {
	rec, err := openRecord(path)
	if err != nil {
		return err
	}
	defer rec.close()
	return serve(ctx, listen, newRegister(rec).handler())
}

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"
)

// inbox is what the receiver has got in one place.
type inbox struct {
	Calls  int `json:"calls"`
	Events int `json:"events"` // different ids among them

	ids  map[string]struct{}
	shut chan struct{} // closed when calls may be answered again; nil while they may
}

// receiver is who is told afterwards. It answers 204 to POST /{box} and
// remembers which events came there; GET /{box} tells how many. Calls of a box
// that was shut by PUT /{box}/shut wait until PUT /{box}/open.
type receiver struct {
	mu    sync.Mutex
	boxes map[string]*inbox
}

func newReceiver() http.Handler {
	r := &receiver{boxes: map[string]*inbox{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{box}", r.take)
	mux.HandleFunc("GET /{box}", r.tell)
	mux.HandleFunc("PUT /{box}/shut", r.shut)
	mux.HandleFunc("PUT /{box}/open", r.open)
	return mux
}

func (r *receiver) take(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	id, ok := eventID(body)
	if err != nil || !ok {
		w.WriteHeader(http.StatusBadRequest) // the gateway will try again, and the bench will notice
		return
	}
	r.mu.Lock()
	box := r.box(req.PathValue("box"))
	shut := box.shut
	r.mu.Unlock()
	if shut != nil {
		select {
		case <-shut:
		case <-req.Context().Done():
			return
		}
	}
	r.mu.Lock()
	box.Calls++
	box.ids[id] = struct{}{}
	r.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (r *receiver) shut(_ http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if box := r.box(req.PathValue("box")); box.shut == nil {
		box.shut = make(chan struct{})
	}
}

func (r *receiver) open(_ http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if box := r.box(req.PathValue("box")); box.shut != nil {
		close(box.shut)
		box.shut = nil
	}
}

func (r *receiver) tell(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	box := *r.box(req.PathValue("box"))
	box.Events = len(box.ids)
	r.mu.Unlock()
	_ = json.NewEncoder(w).Encode(box) // the bench's loss
}

// box is for whoever has the lock.
func (r *receiver) box(name string) *inbox {
	box, ok := r.boxes[name]
	if !ok {
		box = &inbox{ids: map[string]struct{}{}}
		r.boxes[name] = box
	}
	return box
}

// eventID reads the first member "id" that is a text: that of a CloudEvent whose
// data come last. Parsing all of it would make the receiver cost what the
// gateway does.
func eventID(event []byte) (id string, ok bool) {
	_, rest, found := bytes.Cut(event, []byte(`"id":"`))
	raw, _, closed := bytes.Cut(rest, []byte{'"'})
	return string(raw), found && closed && len(raw) > 0
}

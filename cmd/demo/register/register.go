// Package register is a small register in memory with the object routes of
// OpenRegister: an honest upstream for the demo and for tests.
//
//	GET    /api/objects/{register}/{schema}        200, a list; ?name= filters
//	POST   /api/objects/{register}/{schema}        201, the stored object
//	GET    /api/objects/{register}/{schema}/{id}   200
//	PUT    /api/objects/{register}/{schema}/{id}   200, replaces the properties
//	PATCH  /api/objects/{register}/{schema}/{id}   200, sets the properties that are named
//	DELETE /api/objects/{register}/{schema}/{id}   204
//
// The routes also answer below /index.php/apps/openregister. Errors are JSON
// objects with the member "error".
package register

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// MaxBody is the longest request body the register reads, in bytes, so that one
// client cannot fill the memory.
const MaxBody = 64 << 20

var errNoObject = errors.New("no such object")

const prefix = "/index.php/apps/openregister"

// collection names one schema of one register.
type collection struct{ register, schema string }

// Register is an http.Handler; use New. It is safe for concurrent use.
type Register struct {
	now func() time.Time
	log journal

	mu      sync.Mutex
	objects map[collection][]*object // in the order of creation
}

// New makes an empty register. It stamps objects with the time from now; nil
// means time.Now.
func New(now func() time.Time) *Register {
	if now == nil {
		now = time.Now
	}
	return &Register{now: now, objects: map[collection][]*object{}}
}

// Received returns copies of the latest requests that reached the register, the
// oldest first, at most MaxReceived.
func (r *Register) Received() []Received { return r.log.entries() }

// Forget empties the list of received requests and keeps the objects.
func (r *Register) Forget() { r.log.clear() }

// ServeHTTP reads the whole body, records the request and answers it.
func (r *Register) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, MaxBody))
	r.log.add(req, body)
	if err != nil {
		writeError(w, http.StatusBadRequest, "the body could not be read to its end")
		return
	}
	where, id, ok := route(req.URL)
	switch {
	case !ok:
		writeError(w, http.StatusNotFound, "no such route")
	case id == "":
		r.serveCollection(w, req, where, body)
	default:
		r.serveObject(w, req, where, id, body)
	}
}

// route splits a path into its collection and, for one object, the id.
func route(u *url.URL) (where collection, id string, ok bool) {
	rest, found := strings.CutPrefix(strings.TrimPrefix(u.EscapedPath(), prefix), "/api/objects/")
	if !found {
		return collection{}, "", false
	}
	parts := strings.Split(rest, "/")
	if len(parts) < 2 || len(parts) > 3 {
		return collection{}, "", false
	}
	for i, part := range parts {
		name, err := url.PathUnescape(part)
		if err != nil || name == "" {
			return collection{}, "", false
		}
		parts[i] = name
	}
	if len(parts) == 3 {
		id = parts[2]
	}
	return collection{parts[0], parts[1]}, id, true
}

func (r *Register) serveCollection(w http.ResponseWriter, req *http.Request, where collection, body []byte) {
	switch req.Method {
	case http.MethodGet, http.MethodHead:
		writeJSON(w, http.StatusOK, r.list(where, req.URL.Query()))
	case http.MethodPost:
		created, err := newObject(where, body, r.now())
		if err != nil {
			writeError(w, http.StatusBadRequest, err.Error())
			return
		}
		r.mu.Lock()
		r.objects[where] = append(r.objects[where], created)
		view := created.view()
		r.mu.Unlock()
		w.Header().Set("Location", created.uri())
		writeJSON(w, http.StatusCreated, view)
	default:
		writeMethodNotAllowed(w, "GET, HEAD, POST")
	}
}

func (r *Register) serveObject(w http.ResponseWriter, req *http.Request, where collection, id string, body []byte) {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		writeMethodNotAllowed(w, "GET, HEAD, PUT, PATCH, DELETE")
		return
	}
	switch answer, err := r.act(req.Method, where, id, body); {
	case errors.Is(err, errNoObject):
		writeError(w, http.StatusNotFound, err.Error())
	case err != nil:
		writeError(w, http.StatusBadRequest, err.Error())
	case answer == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		writeJSON(w, http.StatusOK, answer)
	}
}

// act does one method on one object and returns how the object looks then, nil
// when it is gone. Nothing is written to a client while the lock is held.
func (r *Register) act(method string, where collection, id string, body []byte) (view, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := slices.IndexFunc(r.objects[where], func(o *object) bool { return o.id == id })
	if at < 0 {
		return nil, errNoObject
	}
	found := r.objects[where][at]
	switch method {
	case http.MethodPut, http.MethodPatch:
		if err := found.update(body, method == http.MethodPatch, r.now()); err != nil {
			return nil, err
		}
	case http.MethodDelete:
		r.objects[where] = slices.Delete(r.objects[where], at, at+1)
		return nil, nil
	}
	return found.view(), nil
}

// list is the answer to a GET of a collection.
type list struct {
	Results []view `json:"results"`
	Total   int    `json:"total"`
}

func (r *Register) list(where collection, query url.Values) list {
	r.mu.Lock()
	defer r.mu.Unlock()
	results := []view{}
	for _, o := range r.objects[where] {
		if query.Has("name") && o.name() != query.Get("name") {
			continue
		}
		results = append(results, o.view())
	}
	return list{Results: results, Total: len(results)}
}

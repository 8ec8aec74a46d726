package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// shelf is a register that keeps what is written to it: things by path, with
// versions as their ETags. A write can ask it to misbehave by a header X-Play.
type shelf struct {
	*httptest.Server

	connections

	mu       sync.Mutex
	things   map[string]thing
	made     int
	requests []reached
	cues     sync.Map // of plays that wait: X-Cue -> *cue
}

// thing is what is kept under a path.
type thing struct {
	body    string
	version int
}

// cue is a point at which a write waits for the test.
type cue struct {
	once             sync.Once // a write may be repeated
	reached, proceed chan struct{}
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	s := &shelf{things: map[string]thing{}}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.Config.ConnState = s.watch
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// inFrontOf is a site with the gate in front of a shelf.
func inFrontOf(s *shelf) string {
	return "\tvoorpoort openregister\n\treverse_proxy " + s.address() + "\n"
}

func (s *shelf) address() string { return strings.TrimPrefix(s.URL, "http://") }

func (s *shelf) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.requests = append(s.requests, reached{Method: r.Method, URI: r.RequestURI, Header: r.Header.Clone(), Body: string(body)})
	s.mu.Unlock()
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		s.read(w, r)
		return
	}
	play := r.Header.Get("X-Play")
	switch {
	case play == "die-first":
		panic(http.ErrAbortHandler)
	case play == "wait-first":
		if s.wait(r) != nil {
			panic(http.ErrAbortHandler)
		}
	case strings.HasPrefix(play, "status-"):
		status, _ := strconv.Atoi(strings.TrimPrefix(play, "status-"))
		answerJSON(w, status, `{"message":"not done"}`)
		return
	}
	status, document := s.write(r, string(body))
	switch play {
	case "die-after":
		panic(http.ErrAbortHandler)
	case "die-midway":
		w.Header().Set("Content-Length", strconv.Itoa(len(document)+10))
		answerJSON(w, status, document)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case "wait-after":
		_ = s.wait(r)
	}
	answerJSON(w, status, document)
}

func answerJSON(w http.ResponseWriter, status int, document string) {
	if document != "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, document)
}

func (s *shelf) read(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	found, ok := s.things[r.URL.Path]
	s.mu.Unlock()
	if !ok {
		answerJSON(w, http.StatusNotFound, `{"message":"there is none"}`)
		return
	}
	w.Header().Set("ETag", fmt.Sprintf(`"v%d"`, found.version))
	answerJSON(w, http.StatusOK, found.body)
}

// write does what a write asks for.
func (s *shelf) write(r *http.Request, body string) (status int, document string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := r.URL.Path
	old, there := s.things[path]
	if match := r.Header.Get("If-Match"); match != "" && match != fmt.Sprintf(`"v%d"`, old.version) {
		return http.StatusPreconditionFailed, `{"message":"another version"}`
	}
	switch r.Method {
	case http.MethodPost:
		s.made++
		id := fmt.Sprintf("new-%d", s.made)
		document = fmt.Sprintf(`{"id":%q`, id)
		if rest := strings.TrimPrefix(strings.TrimSpace(body), "{"); rest != "" && rest != "}" {
			document += "," + rest
		} else {
			document += "}"
		}
		s.things[path+"/"+id] = thing{document, 1}
		return http.StatusCreated, document
	case http.MethodDelete:
		if !there {
			return http.StatusNotFound, `{"message":"there is none"}`
		}
		delete(s.things, path)
		return http.StatusNoContent, ""
	}
	s.things[path] = thing{body, old.version + 1}
	return http.StatusOK, body
}

// put puts a thing on the shelf, as somebody would who does not come through the
// gateway.
func (s *shelf) put(path, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.things[path] = thing{body, s.things[path].version + 1}
}

// writes are the writes that reached a path, and everything below it.
func (s *shelf) writes(path string) []reached {
	var found []reached
	for _, r := range s.seen(path) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			found = append(found, r)
		}
	}
	return found
}

// seen are all requests for a path, and everything below it.
func (s *shelf) seen(path string) []reached {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []reached
	for _, r := range s.requests {
		if r.URI == path || strings.HasPrefix(r.URI, path+"/") {
			found = append(found, r)
		}
	}
	return found
}

// cue is the point that writes with a header X-Cue wait at.
func (s *shelf) cue(name string) *cue {
	c, _ := s.cues.LoadOrStore(name, &cue{reached: make(chan struct{}), proceed: make(chan struct{})})
	return c.(*cue) //nolint:forcetypeassert // nothing else is stored
}

// wait stops a write until the test lets it go on or nobody is there any more.
func (s *shelf) wait(r *http.Request) error {
	c := s.cue(r.Header.Get("X-Cue"))
	c.once.Do(func() { close(c.reached) })
	select {
	case <-c.proceed:
		return nil
	case <-r.Context().Done():
		return r.Context().Err()
	}
}

// playing are the headers of a write that misbehaves at a cue of its own.
func playing(play, cue string) []string { return []string{"X-Play: " + play, "X-Cue: " + cue} }

// during starts a write that waits at its cue, and gives its answer later. It is
// inside the register when during returns.
func (s *shelf) during(t testing.TB, g *gateway, method, path, body, play string) (got <-chan answer, proceed func()) {
	t.Helper()
	c := s.cue(path)
	got = sendLater(t, method, g.URL+path, body, playing(play, path)...)
	<-c.reached
	proceed = sync.OnceFunc(func() { close(c.proceed) })
	t.Cleanup(proceed)
	require.NotEmpty(t, s.writes(path))
	return got, proceed
}

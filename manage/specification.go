package manage

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"

	"github.com/voorpoort/voorpoort/event"
)

// specificationRoutes are open to all: what is served, what is sent, and whether
// the gateway is well.
func (h *Handler) specificationRoutes() []route {
	return []route{
		{
			Name: "getOpenAPI", Method: http.MethodGet, Pattern: "/openapi.json", Anywhere: true, Group: "specifications", Tagged: true,
			Summary: "This document", Response: map[string]any{}, Serve: h.serveOpenAPI,
		},
		{
			Name: "getAsyncAPI", Method: http.MethodGet, Pattern: "/asyncapi.json", Anywhere: true, Group: "specifications", Tagged: true,
			Summary: "The events that this gateway emits, as AsyncAPI 3", Response: map[string]any{}, Serve: h.serveAsyncAPI,
		},
		{
			Name: "getHealth", Method: http.MethodGet, Pattern: "/healthz", Anywhere: true, Group: "health",
			Summary: "Whether the program runs", Response: healthView{}, Serve: serveHealth,
		},
		{
			Name: "getReadiness", Method: http.MethodGet, Pattern: "/readyz", Anywhere: true, Group: "health",
			Summary: "Whether writes can be told of", Response: healthView{}, Refusals: []int{http.StatusServiceUnavailable}, Serve: h.serveReadiness,
		},
	}
}

// publication is a document that all may read. It is made once for a handler:
// nobody has to show who he is, so asking for it must cost next to nothing.
type publication struct {
	document []byte
	etag     string // RFC 9110 section 8.8.3
	err      error
}

func newPublication(document []byte, err error) *publication {
	sum := sha256.Sum256(document)
	return &publication{document, `"` + hex.EncodeToString(sum[:16]) + `"`, err}
}

// publish makes the documents when they are first asked for.
func (h *Handler) publish() {
	h.openAPI = sync.OnceValue(func() *publication { return newPublication(openAPI(h.routes, h.config.Contact)) })
	h.asyncAPI = sync.OnceValue(func() *publication {
		var before, after []event.Type
		if h.config.Types != nil {
			before, after = h.config.Types()
		}
		return newPublication(asyncAPI(before, after))
	})
}

// serve answers with the document, which any page may read
// (/core/publish-openapi), or says that the client has it already.
func (p *publication) serve(w http.ResponseWriter, r *http.Request) error {
	if p.err != nil {
		return p.err
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("ETag", p.etag)
	w.Header().Set("Cache-Control", "no-cache") // may be kept, and is asked for each time
	if has(r.Header.Values("If-None-Match"), p.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	write(w, http.StatusOK, mediaJSON, p.document)
	return nil
}

// has tells whether an If-None-Match names an entity tag (RFC 9110 section
// 13.1.2): weak ones do as well.
func has(header []string, etag string) bool {
	for tag := range strings.SplitSeq(strings.Join(header, ","), ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
			return true
		}
	}
	return false
}

func (h *Handler) serveOpenAPI(w http.ResponseWriter, r *http.Request) error {
	return h.openAPI().serve(w, r)
}

func (h *Handler) serveAsyncAPI(w http.ResponseWriter, r *http.Request) error {
	return h.asyncAPI().serve(w, r)
}

// healthView is how well the gateway is.
type healthView struct {
	Status string `json:"status"` // pass
}

// serveHealth is GET /healthz: the program runs.
func serveHealth(w http.ResponseWriter, _ *http.Request) error {
	return answer(w, http.StatusOK, healthView{"pass"})
}

// serveReadiness is GET /readyz: writes can be told of. It says which part is
// not ready and nothing more, as everybody may ask.
func (h *Handler) serveReadiness(w http.ResponseWriter, _ *http.Request) error {
	if h.storeFails() != nil {
		return unavailable("the store cannot be used at the moment")
	}
	if err := h.known(); err != nil {
		return err
	}
	return answer(w, http.StatusOK, healthView{"pass"})
}

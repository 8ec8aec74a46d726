package manage

import (
	"net/http"

	"github.com/voorpoort/voorpoort/event"
)

// specificationRoutes are open to all: what is served, what is sent, and whether
// the gateway is well.
func (h *Handler) specificationRoutes() []route {
	return []route{
		{
			Name: "getOpenAPI", Method: http.MethodGet, Pattern: "/openapi.json", Anywhere: true, Group: "specifications",
			Summary: "This document", Response: map[string]any{}, Serve: h.serveOpenAPI,
		},
		{
			Name: "getAsyncAPI", Method: http.MethodGet, Pattern: "/asyncapi.json", Anywhere: true, Group: "specifications",
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

// publish answers with a document that any page may read (/core/publish-openapi).
func publish(w http.ResponseWriter, document []byte, err error) error {
	if err != nil {
		return err
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	write(w, http.StatusOK, mediaJSON, document)
	return nil
}

func (h *Handler) serveOpenAPI(w http.ResponseWriter, _ *http.Request) error {
	document, err := openAPI(h.routes)
	return publish(w, document, err)
}

func (h *Handler) serveAsyncAPI(w http.ResponseWriter, _ *http.Request) error {
	var before, after []event.Type
	if h.config.Types != nil {
		before, after = h.config.Types()
	}
	document, err := asyncAPI(before, after)
	return publish(w, document, err)
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
	return answer(w, http.StatusOK, healthView{"pass"})
}

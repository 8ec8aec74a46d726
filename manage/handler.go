package manage

import (
	"context"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// APIVersion is the version of the API that answers name.
const APIVersion = "1.0.0"

const mediaJSON = "application/json"

// Handler serves the API, and hands on to the dashboard what is not the API's.
// It finds its own root in the path, so it can be mounted anywhere.
type Handler struct {
	config  Config
	routes  []*route
	redact  []mask
	crossed http.CrossOriginProtection
	readers chan struct{} // one for each request that shows bodies

	openAPI, asyncAPI func() *publication

	background

	life context.Context // of streams and jobs; ends with Close
	end  context.CancelFunc
}

// New makes the API. Close ends what it began.
func New(c Config) (*Handler, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	redact, err := parseMasks(c.Redact)
	if err != nil {
		return nil, err
	}
	c.Store, c.Webhooks = frugal{c.Store}, witnessed{c.Webhooks}
	h := &Handler{config: c, redact: redact, readers: make(chan struct{}, bodyReaders)}
	h.life, h.end = context.WithCancel(context.Background())
	h.publish()
	h.begin()
	for _, table := range h.tables() {
		for _, t := range table {
			h.routes = append(h.routes, &t)
		}
	}
	return h, nil
}

// tables are the routes by the file that serves them.
func (h *Handler) tables() [][]route {
	return [][]route{
		h.webhookRoutes(),
		h.logRoutes(),
		h.storeRoutes(),
		h.gatewayRoutes(),
		h.eventRoutes(),
		h.subscriptionRoutes(),
		h.specificationRoutes(),
	}
}

// Close ends streams and jobs. Requests that are being answered go on.
func (h *Handler) Close() error {
	h.end()
	h.finish()
	return nil
}

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := locate(h.routes, r.URL)
	if !at.api && h.config.Dashboard != nil {
		h.config.Dashboard.ServeHTTP(w, r)
		return
	}
	protect(w.Header(), r)
	deed, out := new(doing), &witness{ResponseWriter: w}
	defer func() { h.tell(deed, out.status) }()
	r = r.WithContext(context.WithValue(r.Context(), doingKey{}, deed))
	if err := h.serve(out, r, at); err != nil { //nolint:contextcheck // the request has it
		h.fail(out, r, err)
	}
	out.ended()
}

// serve finds the route and lets it answer, if the caller may use it.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, at target) error {
	if at.routes == nil {
		return refuse(http.StatusNotFound, "there is nothing here")
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	i := slices.IndexFunc(at.routes, func(t *route) bool { return t.Method == method })
	if i < 0 {
		return refusef(http.StatusMethodNotAllowed, "allowed are %s", allowed(at.routes)).with("Allow", allowed(at.routes))
	}
	t := at.routes[i]
	if err := h.mayChange(r, t); err != nil {
		return err
	}
	r, err := h.config.Access.admit(r, t.Scope)
	h.note(r, t, at.values)
	if err != nil {
		return err
	}
	if !accepts(r.Header.Values("Accept"), t.media()) {
		return refusef(http.StatusNotAcceptable, "the answer is %s", t.media())
	}
	for i := 0; i < len(at.values); i += 2 {
		r.SetPathValue(at.values[i], at.values[i+1])
	}
	ctx, done := h.withBodies(r.Context())
	defer done()
	return t.Serve(w, r.WithContext(ctx))
}

// mayChange refuses what changes something and is sent by a page of another
// site, with which a browser may send along who its user is; and a HEAD that
// would change something (RFC 9110 section 9.2.1).
func (h *Handler) mayChange(r *http.Request, t *route) error {
	if !t.changes(r) {
		return nil
	}
	if r.Method == http.MethodHead {
		return refuse(http.StatusMethodNotAllowed, "HEAD must not change anything; this needs GET").with("Allow", http.MethodGet)
	}
	sent := *r
	sent.Method = http.MethodPost // the check takes every GET for one that changes nothing
	if err := h.crossed.Check(&sent); err != nil {
		return refuse(http.StatusForbidden, "a page of another site must not change anything here")
	}
	return nil
}

// protect sets the headers that every answer has (API Design Rules
// core/transport/security-headers and core/version-header).
func protect(header http.Header, r *http.Request) {
	header.Set("Api-Version", APIVersion)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "frame-ancestors 'none'")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	if r.TLS != nil {
		header.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// accepts tells whether a caller takes an answer of a type. Problems are
// answered whatever it takes (RFC 9110 section 12.5.1 allows it).
func accepts(header []string, media string) bool {
	if len(header) == 0 || strings.TrimSpace(strings.Join(header, "")) == "" {
		return true
	}
	kind, _, _ := strings.Cut(media, "/")
	for item := range strings.SplitSeq(strings.Join(header, ","), ",") {
		name, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		weight, err := strconv.ParseFloat(params["q"], 64)
		if err == nil && weight == 0 {
			continue
		}
		if name == media || name == "*/*" || name == kind+"/*" {
			return true
		}
	}
	return false
}

// write sends an answer that is complete.
func write(w http.ResponseWriter, status int, media string, body []byte) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone: nobody is left to be told
}

// answer sends JSON.
func answer(w http.ResponseWriter, status int, v any) error {
	body, err := marshal(v)
	if err != nil {
		return err
	}
	write(w, status, mediaJSON, body)
	return nil
}

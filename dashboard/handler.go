package dashboard

import (
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// policy lets the page load its own files and speak to its own API, and nothing
// else: no inline script or style, no other host, no form that leaves the page,
// no frame around it (CSP level 3).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const (
	assetsSegment = "/assets/"

	// The names of assets have the version of all files in them, so they never
	// change; the page itself is asked for again each time.
	cacheAsset = "public, max-age=31536000, immutable"
	cacheIndex = "no-cache"
)

// load compresses the files at the first use, once for all handlers: a few
// milliseconds.
var load = sync.OnceValues(func() (*bundle, error) {
	files, err := fs.Sub(static, "static")
	if err != nil {
		return nil, err
	}
	return newBundle(files)
})

// Handler serves the dashboard wherever it is mounted: a path that ends in a
// slash is the page, <any prefix>/assets/<version>/<name> is a file, and a path
// without the slash at its end is sent there. All links in the pages are
// relative. It answers GET and HEAD, to everybody, and panics only when the
// program was built without its files.
func Handler() http.Handler {
	b, err := load()
	if err != nil {
		panic(err)
	}
	return b
}

// ServeHTTP implements [http.Handler].
func (b *bundle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if at := strings.LastIndex(r.URL.Path, assetsSegment); at >= 0 {
		b.serveAsset(w, r, r.URL.Path[at+len(assetsSegment):])
		return
	}
	b.servePage(w, r)
}

// protect sets the headers that every answer has.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
}

func (b *bundle) serveAsset(w http.ResponseWriter, r *http.Request, name string) {
	found := b.find(name)
	if found == nil {
		w.Header().Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", cacheAsset)
	found.serve(w, r)
}

// servePage serves the page itself. Its links are relative, so its address must
// end in a slash; the redirect is relative too and keeps any prefix.
func (b *bundle) servePage(w http.ResponseWriter, r *http.Request) {
	last := path.Base(r.URL.Path)
	switch {
	case strings.HasSuffix(r.URL.Path, "/"):
		w.Header().Set("Cache-Control", cacheIndex)
		b.index.serve(w, r)
	case r.URL.Path == "" || strings.Contains(last, "."):
		w.Header().Set("Cache-Control", "no-store")
		http.NotFound(w, r) // /favicon.ico and the like
	default:
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Location", "./"+escapeSegment(last)+"/")
		w.WriteHeader(http.StatusPermanentRedirect)
	}
}

// serve sends the file, compressed when the client takes that, or 304 when it
// has it. The compressed form is another representation and has a tag of its
// own (RFC 9110 section 8.8.3).
func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.mediaType)
	h.Set("Vary", "Accept-Encoding")
	body, tag := a.plain, `"`+a.tag+`"`
	if a.gzipped != nil && acceptsGzip(r.Header) {
		body, tag = a.gzipped, `"`+a.tag+`-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", tag)
	if holds(r.Header.Get("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // a client that went away is nobody's fault
}

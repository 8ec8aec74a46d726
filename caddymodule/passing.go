package caddymodule

import (
	"maps"
	"net/http"
	"slices"
)

// passing is the way back of a request that a Proxy passes on. It keeps the
// error of the transport, and the header fields that the handlers before it have
// set: an informational answer would take those away.
type passing struct {
	http.ResponseWriter

	err  error
	own  http.Header
	told bool // an informational answer
}

// newPassing also takes away Caddy's own Server field, for the upstream's.
func newPassing(w http.ResponseWriter) *passing {
	own := maps.Clone(w.Header())
	delete(w.Header(), "Server")
	return &passing{ResponseWriter: w, own: own}
}

// Unwrap is for http.ResponseController.
func (p *passing) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// WriteHeader puts the handlers' own fields back onto the final answer if an
// informational one has taken them.
func (p *passing) WriteHeader(status int) {
	if informational := status >= 100 && status < 200 && status != http.StatusSwitchingProtocols; informational {
		p.told = true
	} else if p.told {
		p.restore()
	}
	p.ResponseWriter.WriteHeader(status)
}

func (p *passing) restore() {
	h := p.Header()
	for name, values := range p.own {
		if name != "Server" {
			h[name] = slices.Concat(values, h[name])
		}
	}
}

// failure is the error of the handler. The answer to it is Caddy's own again.
func (p *passing) failure() error {
	if p.err == nil {
		return nil
	}
	h := p.Header()
	clear(h)
	maps.Copy(h, p.own)
	return failed(p.err)
}

// flushAborted is to be deferred. Of an answer that breaks off the client gets as
// much as has come.
func (p *passing) flushAborted() {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler { //nolint:errorlint // net/http compares so too
		_ = http.NewResponseController(p.ResponseWriter).Flush()
	}
	panic(cause)
}

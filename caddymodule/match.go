package caddymodule

import (
	"net/http"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/request"
)

// head is what the head of a request says it is, in the one reading of it that
// the rules, the webhooks and the register share.
type head struct {
	wire string // the method that came over the wire
	path string // the path as it will be forwarded
}

// match tells whether a request concerns the gate: whether a rule names it, or
// may do so once its body has been read, and a webhook may want its event. What
// would let the register read the head in another way is removed, or is the
// problem.
//
// A request that does not concern the gate keeps its head as it came, but for
// what is never a client's to say.
func (h *Handler) match(r *http.Request) (head, bool, *request.Problem) {
	delete(r.Header, flagHeader)
	request.DropTunnels(r.Header)
	if request.OnlyReads(r) {
		return head{}, false, nil
	}
	request.DropPathOverride(r, h.relax, h.table)
	if problem := request.CheckPath(r.URL, h.relax, h.table); problem != nil {
		return head{}, false, problem
	}
	as := head{wire: r.Method, path: request.ForwardedPath(r.URL)}
	if !h.table.Knows(as.path) {
		return head{}, false, nil
	}
	request.DropHopByHop(r.Header)
	if problem := request.CheckMethod(r); problem != nil {
		return head{}, false, problem
	}
	if _, problem := request.ApplyMethodOverride(r, h.override); problem != nil {
		return head{}, false, problem
	}
	return as, h.wanted(r, as.path), nil
}

// wanted tells whether some webhook may want an event of this request, before
// the write or after it. One that nobody wants is not even read. A body that may
// turn the request into one of another method is judged as all of them.
func (h *Handler) wanted(r *http.Request, path string) bool {
	if request.MayOverride(r) {
		return h.table.MayGive(path, event.Before, h.asked) || h.table.MayGive(path, event.After, h.hooks.Follows)
	}
	found, ok := h.table.Match(r.Method, path)
	return ok && (found.MayGive(event.Before, h.asked) || found.MayGive(event.After, h.hooks.Follows))
}

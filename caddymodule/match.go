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
	view *view  // what is in force for it, to its end
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
	if as.view = h.current(); as.view == nil {
		var problem *request.Problem
		if as.view, problem = h.await(r); problem != nil {
			return head{}, false, problem
		}
	}
	return as, h.wanted(r, as), nil
}

// wanted tells whether some webhook may want an event of this request, before
// the write or after it. One that nobody wants is not even read. A body that may
// turn the request into one of another method is judged as all of them.
func (h *Handler) wanted(r *http.Request, as head) bool {
	asked, told := as.view.asked, as.view.told
	if request.MayOverride(r) {
		return h.table.MayGive(as.path, event.Before, asked) || h.table.MayGive(as.path, event.After, told)
	}
	found, ok := h.table.Match(r.Method, as.path)
	return ok && (found.MayGive(event.Before, asked) || found.MayGive(event.After, told))
}

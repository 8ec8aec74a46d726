package caddymodule

import (
	"errors"
	"net/http"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
)

// fate is what is known of a write after the register has been asked.
type fate uint8

const (
	doubtful fate = iota
	happened
	refused
)

// fate weighs what came back. Only an answer of the register, or a connection
// that was never made, says for sure that nothing was written.
func (f *following) fate(err error) fate {
	if err != nil {
		return f.fateOf(err)
	}
	if f.answer.Status() == 0 {
		if unhandled(f.r) {
			return refused // no handler took it
		}
		f.answer.WriteHeader(http.StatusOK) // what net/http makes of a handler that says nothing
	}
	switch status := f.answer.Status(); {
	case status == http.StatusSwitchingProtocols, status == statusClientClosed,
		status == http.StatusBadGateway, status == http.StatusGatewayTimeout:
		return doubtful // somebody between us and the register gave up
	case !f.answer.Succeeded():
		if f.reach.again(f.r) {
			return doubtful
		}
		return refused
	case !f.answer.Complete():
		return doubtful
	}
	return happened
}

// unhandled tells whether the end of Caddy's chain was reached.
func unhandled(r *http.Request) bool {
	end, _ := caddyhttp.GetVar(r.Context(), "unhandled").(bool)
	return end
}

// fateOf weighs an error of the handlers.
func (f *following) fateOf(err error) fate {
	if f.answer.Succeeded() {
		return doubtful // the register may have said so
	}
	if _, nobody := errors.AsType[reverseproxy.DialError](err); nobody && f.reach.never(f.r) {
		return refused
	}
	status, ok := errors.AsType[caddyhttp.HandlerError](err)
	if !ok {
		return doubtful
	}
	if f.reach.again(f.r) {
		return doubtful
	}
	switch status.StatusCode {
	case 0, statusClientClosed, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return doubtful
	}
	return refused
}

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
		return fateOf(err)
	}
	switch status := f.answer.Status(); {
	case status == statusClientClosed, status == http.StatusBadGateway, status == http.StatusGatewayTimeout:
		return doubtful // somebody between us and the register gave up
	case status == 0:
		return refused // no handler took it
	case !f.answer.Succeeded():
		return refused
	case f.r.Context().Err() != nil && !f.answer.Complete():
		return doubtful
	case !f.answer.Complete():
		return doubtful
	}
	return happened
}

// fateOf weighs an error of the proxy.
func fateOf(err error) fate {
	if _, never := errors.AsType[reverseproxy.DialError](err); never {
		return refused
	}
	status, ok := errors.AsType[caddyhttp.HandlerError](err)
	if !ok {
		return doubtful
	}
	switch status.StatusCode {
	case 0, statusClientClosed, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return doubtful
	}
	return refused
}

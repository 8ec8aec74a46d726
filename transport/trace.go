package transport

import (
	"net/http"
	"net/http/httptrace"
	"net/textproto"
)

// The hooks of net/http/httptrace that apply. Those of name resolution and
// connecting are called by package net.

func (ex *exchange) traceGet() {
	if ex.trace != nil && ex.trace.GetConn != nil {
		ex.trace.GetConn(ex.key.address)
	}
}

func (ex *exchange) traceGot(c *conn) {
	if ex.trace != nil && ex.trace.GotConn != nil {
		ex.trace.GotConn(httptrace.GotConnInfo{Conn: c.nc, Reused: c.reused, WasIdle: c.reused})
	}
}

func (ex *exchange) traceWrote(err error) {
	if ex.trace == nil {
		return
	}
	if ex.trace.WroteHeaders != nil {
		ex.trace.WroteHeaders()
	}
	if ex.trace.WroteRequest != nil {
		ex.trace.WroteRequest(httptrace.WroteRequestInfo{Err: err})
	}
}

func (ex *exchange) traceFirstByte() {
	if ex.trace != nil && ex.trace.GotFirstResponseByte != nil {
		ex.trace.GotFirstResponseByte()
	}
}

func (ex *exchange) traceInformational(resp *http.Response) error {
	if ex.trace == nil {
		return nil
	}
	if resp.StatusCode == http.StatusContinue && ex.trace.Got100Continue != nil {
		ex.trace.Got100Continue()
	}
	if ex.trace.Got1xxResponse != nil {
		return ex.trace.Got1xxResponse(resp.StatusCode, textproto.MIMEHeader(resp.Header))
	}

	return nil
}

package caddymodule

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/voorpoort/voorpoort/settle"
)

// inquiryKey marks the context of a question that comes in at a server's door,
// after the write that it is about.
type inquiryKey struct{}

// inquiry makes a request like the one that the write came with: to the same
// host, over TLS if that one was, and to the path as it was before other
// handlers took something off it.
func inquiry(ctx context.Context, i *settle.Intent, path string) (*http.Request, error) {
	target, err := url.ParseRequestURI(i.Prefix + path)
	if err != nil {
		return nil, fmt.Errorf("the path of a question to the register: %w", err)
	}
	r := &http.Request{
		Method: http.MethodGet, URL: target, RequestURI: i.Prefix + path, Host: i.Host, Body: http.NoBody,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, RemoteAddr: "127.0.0.1:0",
		Header: http.Header{"User-Agent": {"Voorpoort"}, "Accept": {"application/json"}},
	}
	if i.Scheme == "https" {
		r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: hostname(i.Host)}
	}
	return r.WithContext(ctx), nil
}

func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// wayIn tells what the handlers before the gate did to the path: what they took
// off its beginning, or that they made another of it.
func wayIn(r *http.Request, path string) (prefix string, rewritten bool) {
	original, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request)
	if !ok || original.URL == nil {
		return "", false
	}
	prefix, found := strings.CutSuffix(original.URL.EscapedPath(), path)
	return prefix, !found
}

// introduce sets the fields of recover_header.
func (h *Handler) introduce(r *http.Request) {
	for name, value := range h.recoverHeader {
		r.Header.Set(name, value)
	}
}

// inquires tells whether a request is a question of the gateway's own. The gate
// that it comes to is the one before the register, so that its recover_header is
// the right one even where several gates have the same rules.
func inquires(r *http.Request) bool { return r.Context().Value(inquiryKey{}) != nil }

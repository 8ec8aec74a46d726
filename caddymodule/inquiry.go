package caddymodule

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/settle"
)

// inquiryKey marks the context of a question that comes in at a server's door,
// after the write that it is about. Its value is a *visit.
type inquiryKey struct{}

// visit is what the gates note of a question on its way to the register.
type visit struct {
	passed     bool // it came through one
	introduced bool // it had credentials then
}

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
	// The query is that of the write: a question must never be taken for one.
	_, _ = request.ApplyMethodOverride(r, request.StripOverride)
	return r.WithContext(ctx), nil
}

func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// address notes in the intent how the register can be asked about the write.
func (f *following) address() {
	i := &f.intent
	i.Listen = listeners(f.r)
	i.Prefix, i.Rewritten = wayIn(f.r, f.path)
	i.Asked = queryIn(f.r)
	i.Credentials = credentials(f.r)
	i.Thing = i.Method != http.MethodPost && f.match.Standard()
	i.Correlate = f.correlate()
}

// correlate gives the path at which what a POST makes can be found; "" when the
// rule does not say.
func (f *following) correlate() string {
	path, _, err := f.match.Correlate(f.exchange.Request)
	if err != nil {
		f.h.logger.Warn("a rule does not tell where to find what a write makes", zap.Error(err))
		return ""
	}
	return path
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

// queryIn is the query as it came in. A question comes in at the front as well,
// where the handlers do to it what they did to that of the write.
func queryIn(r *http.Request) string {
	original, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request)
	if !ok || original.URL == nil {
		return r.URL.RawQuery
	}
	return original.URL.RawQuery
}

// credentialFields are the header fields by which registers know their callers.
var credentialFields = []string{"Authorization", "Cookie", "X-Api-Key", "Api-Key", "Apikey", "X-Auth-Token"}

// credentials tells whether a request says who its caller is.
func credentials(r *http.Request) bool {
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		return true
	}
	return slices.ContainsFunc(credentialFields, func(name string) bool { return len(r.Header[name]) > 0 })
}

// introduce sets the fields of recover_header.
func (h *Handler) introduce(r *http.Request, seen *visit) {
	for name, value := range h.recoverHeader {
		r.Header.Set(name, value)
		seen.introduced = true
	}
}

// receive lets a question of the gateway's own in. The gate that it comes to is
// the one before the register, so that its recover_header is the right one even
// where several gates have the same rules. Handlers before it may also have given
// it credentials, as they did the write.
func (h *Handler) receive(r *http.Request) {
	if r.Method != http.MethodGet {
		return
	}
	seen, ok := r.Context().Value(inquiryKey{}).(*visit)
	if !ok {
		return
	}
	seen.passed = true
	seen.introduced = seen.introduced || credentials(r)
	h.introduce(r, seen)
}

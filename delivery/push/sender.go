package push

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/transport"
	"github.com/voorpoort/voorpoort/webhook"
)

// Sender makes the calls of one webhook. It is a [delivery.Sender].
//
// A call succeeds when the head of an answer with status 2xx has come: what is
// wrong with its body afterwards does not make a receiver that took the message
// get it again. The connection of an answer longer than 64 KiB is given up.
type Sender struct {
	hook   *webhook.Hook
	opt    Options
	auth   authorizer
	client client

	hookID    string // that the formats of OpenRegister tell
	url       string // without credentials
	secrets   []string
	prototype *http.Request // what all calls have in common

	userAgent, origin []string // header values, shared by all calls
}

var _ delivery.BoundedSender = (*Sender)(nil)

// Timeout is how long a call takes at most, the webhook's own.
func (s *Sender) Timeout() time.Duration { return s.hook.Timeout }

// New makes the sender of a webhook: format, order, credentials and client are
// the webhook's. It makes no connection yet. An error says what of the webhook
// cannot be, which webhook.Compile has refused before, and repeats no secret.
func New(hook *webhook.Hook, opt Options) (*Sender, error) {
	opt = opt.withDefaults()
	if err := checkMethod(hook); err != nil {
		return nil, err
	}
	auth, err := newAuthorizer(hook, opt)
	if err != nil {
		return nil, err
	}
	s := &Sender{
		hook: hook, opt: opt, auth: auth,
		client:    newClient(hook.Client, hook.Proxy, hook.TLS, opt.Guard),
		hookID:    hook.UUID,
		url:       hook.Address.String(),
		userAgent: []string{opt.UserAgent},
		prototype: &http.Request{
			Method: hook.Method, URL: hook.URL, Host: hook.URL.Host,
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		},
	}
	if s.hookID == "" {
		s.hookID = hook.Name // receivers tell webhooks apart by it
	}
	if opt.Origin != "" {
		s.origin = []string{opt.Origin}
	}
	s.secrets = secretsOf(hook, s.customFields())
	if hook.OAuth2 != nil {
		s.secrets = appendSecret(s.secrets, hook.OAuth2.ClientSecret.Reveal())
	}
	return s, nil
}

// customFields gives the webhook's own header fields: what a signed call has,
// without the signatures.
func (s *Sender) customFields() http.Header {
	header := http.Header{}
	s.hook.Sign(header, "", time.Time{}, nil)
	for _, name := range []string{
		"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature", "X-Webhook-Signature", "X-Signature",
	} {
		header.Del(name)
	}
	return header
}

// Send makes one call about the leased messages. It ends when the webhook's
// timeout has passed or ctx ends.
func (s *Sender) Send(ctx context.Context, leases []delivery.Lease) delivery.Result {
	started := s.opt.Now()
	result := delivery.Result{Started: started, URL: s.url, Method: s.hook.Method}
	buffer := buffers.Get().(*[]byte)
	l, err := s.write((*buffer)[:0], leases, started)
	if err != nil {
		buffers.Put(buffer)
		result.Reason, result.Unsendable = delivery.ReasonFormat, true
		result.Error = string(delivery.ReasonFormat) + ": " + err.Error()
		return result
	}
	s.deliver(ctx, time.Now().Add(s.hook.Timeout), &l, &result)
	result.Duration = s.opt.Now().Sub(started)
	s.finish(&l, &result, buffer)
	return result
}

// finish keeps what was sent for the log of a failure, and the buffer for the
// next call when nobody else can have it.
func (s *Sender) finish(l *letter, result *delivery.Result, buffer *[]byte) {
	switch {
	case result.Reason != "" && l.query != nil:
		result.Request = l.query
	case result.Reason != "":
		result.Request = l.body
	}
	if !l.pooled {
		buffers.Put(buffer)
		return
	}
	if result.Reason == "" && !s.client.copies && cap(l.body) <= maxBuffer {
		*buffer = l.body
		buffers.Put(buffer)
	}
}

// Close keeps no connection from here on. Calls in flight end as they would
// have.
func (s *Sender) Close() {
	s.client.retire()
	s.auth.close()
}

// maxBuffer is how large a body may be, in bytes, for its buffer to be used
// again: the transport writes those before its round trip ends, and the memory
// of one large message is not held for ever.
const maxBuffer = transport.SmallBody

var buffers = sync.Pool{New: func() any { return new([]byte) }}

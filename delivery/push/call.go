package push

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// deliver makes the call, and once more when the receiver refuses a token that
// can be renewed, all of it until a time.
func (s *Sender) deliver(ctx context.Context, until time.Time, l *letter, result *delivery.Result) {
	if s.client.until == nil || s.hook.OAuth2 != nil {
		timed, cancel := context.WithDeadline(ctx, until)
		defer cancel()
		ctx = timed
	}
	for again := true; again; {
		authorization, failed := s.auth.authorize(ctx, result.Started)
		if failed != nil {
			fail(result, failed)
			return
		}
		refused := result.Status == http.StatusUnauthorized
		s.exchange(ctx, until, l, authorization, result)
		again = !refused && result.Status == http.StatusUnauthorized && s.auth.renewable(authorization)
	}
}

// fail makes a result of having no answer.
func fail(result *delivery.Result, f *failure) {
	result.Reason, result.Error = f.reason, f.Error()
	result.RetryAfter = f.after
}

// exchange sends the letter and reads the answer.
func (s *Sender) exchange(ctx context.Context, until time.Time, l *letter, authorization string, result *delivery.Result) {
	result.Status, result.RetryAfter = 0, 0
	request := s.request(ctx, l, authorization, result)
	if traced, ok := s.opt.Tracer.Begin(ctx, l.leases, request.Header); ok {
		ctx, request = traced, request.WithContext(traced)
		defer s.opt.Tracer.End(ctx, result)
	}
	response, err := s.client.roundTrip(request, until)
	switch {
	case err != nil && ctx.Err() == nil && !time.Now().Before(until):
		fail(result, unanswered(s.hook.Timeout))
		return
	case err != nil:
		fail(result, classify(ctx, err, s.hook.Timeout))
		return
	}
	defer response.Body.Close()
	result.Status = response.StatusCode
	result.Reason = reasonOf(response.StatusCode)
	result.Response = redact(s.readAnswer(response), s.secrets)
	if authorization != "" {
		result.Response = redact(result.Response, appendSecret(nil, authorization))
	}
	result.Error = ""
	if result.Reason != "" {
		result.Error = statusText(result.Reason, result.Status)
		result.RetryAfter = retryAfter(response.Header, s.opt.Now())
	}
}

// request makes the request of one call. Receivers recognise a repetition by the
// event's id, so the client may repeat it on a stale connection.
func (s *Sender) request(ctx context.Context, l *letter, authorization string, result *delivery.Result) *http.Request {
	r := s.prototype.WithContext(ctx)
	signed := l.body
	if l.query != nil {
		r.URL = withQuery(s.hook.URL, l.query)
		signed = []byte(r.URL.RawQuery)
	} else {
		r.Body = newBody(l.body)
		r.ContentLength = int64(len(l.body))
		r.GetBody = func() (io.ReadCloser, error) { return newBody(l.body), nil }
	}
	header := make(http.Header, 8+len(l.fields))
	if l.contentType != nil {
		header["Content-Type"] = l.contentType
	}
	header["Accept"] = acceptAny
	header["User-Agent"] = s.userAgent
	for _, f := range l.fields {
		header[f.name] = []string{f.value}
	}
	s.hook.Sign(header, l.id, result.Started, signed)
	if s.origin != nil {
		header["Webhook-Request-Origin"] = s.origin
	}
	if l.replayed {
		header["Voorpoort-Replay"] = replayed
	}
	if authorization != "" {
		header["Authorization"] = []string{authorization}
	}
	r.Header = header
	return r
}

// body is a request body in memory. It has a Len method, by which package
// transport knows that it need not be streamed.
type body struct{ bytes.Reader }

func newBody(content []byte) *body {
	b := new(body)
	b.Reset(content)
	return b
}

func (*body) Close() error { return nil }

// replayed is the value of Voorpoort-Replay, by which a receiver tells what a
// person sent again, to do it again or to pass over it. In a batch all of it is.
var replayed = []string{"true"}

// acceptAny prefers JSON, in which reasons of a refusal can be read.
var acceptAny = []string{"application/json, */*;q=0.5"}

// withQuery appends to the query of a URL.
func withQuery(target *url.URL, query []byte) *url.URL {
	extended := *target
	if extended.RawQuery != "" {
		extended.RawQuery += "&"
	}
	extended.RawQuery += string(query)
	return &extended
}

// readAnswer gives the beginning of the answer's body, and reads the rest within
// bounds so that the connection can be used again. A body that breaks off
// changes nothing: the status has been said.
func (s *Sender) readAnswer(response *http.Response) []byte {
	if response.Body == http.NoBody || response.ContentLength == 0 {
		return nil
	}
	limit := int64(max(s.opt.MaxResponse, 0))
	var kept bytes.Buffer
	if response.ContentLength > 0 { // one allocation; ReadFrom wants some room at the end
		kept.Grow(int(min(response.ContentLength, limit)) + bytes.MinRead)
	}
	_, err := kept.ReadFrom(io.LimitReader(response.Body, limit))
	if err == nil && int64(kept.Len()) == limit {
		_, _ = io.CopyN(io.Discard, response.Body, maxRead-limit)
	}
	return kept.Bytes()
}
